package maskfeat.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs usual commands once, each as short as it can be, so that the JVM can list the classes that they load. The launcher makes
 * an archive of these, from which later starts load them faster.
 */
public final class Rehearsal {
    private Rehearsal() {}

    /** @param args an empty folder, for what the commands write */
    public static void main(String[] args) {
        Path folder = Path.of(args[0]);
        String data = folder.resolve("data").toString();
        String pretrained = folder.resolve("pretrained").toString();
        String finetuned = folder.resolve("finetuned").toString();
        Stream.of(
                        List.of("--help"),
                        List.of("--version"),
                        List.of("recipes"),
                        List.of("config", "sample-video"),
                        List.of("data", "sample", data, "--tiny"),
                        List.of("data", "scan", data),
                        List.of(
                                "pretrain",
                                "tiny-image",
                                "--data",
                                data + "/images/train",
                                "--out",
                                pretrained,
                                "--set",
                                "train.epochs=1"),
                        List.of(
                                "finetune",
                                "tiny-image-ft",
                                "--from",
                                pretrained,
                                "--data",
                                data + "/images",
                                "--out",
                                finetuned,
                                "--set",
                                "train.epochs=1"),
                        List.of("predict", finetuned, data + "/images/val"))
                .forEach(words -> Commands.execute(words.toArray(String[]::new)));
        System.exit(0);
    }
}
