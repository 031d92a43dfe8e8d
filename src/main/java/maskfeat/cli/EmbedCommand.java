package maskfeat.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import maskfeat.data.ClipSampler;
import maskfeat.data.DatasetException;
import maskfeat.data.Item;
import maskfeat.data.StillImage;
import maskfeat.data.Windows;
import maskfeat.recipe.FeatureExtraction;
import maskfeat.recipe.Finetune;
import maskfeat.recipe.FrozenNetwork;
import maskfeat.recipe.Run;
import maskfeat.recipe.ViewSource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code maskfeat embed}. */
@Command(
        name = "embed",
        description = "Writes the features that a network makes of images or videos, a vector each, for search, "
                + "clustering or other programs. Exits with " + Exit.BAD_FILES
                + " if a file cannot be read, with those of the others written.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Features are means over the patch tokens after a block, and over the views.",
            "NAME.npy is a float32 table that numpy.load reads; NAME.names.csv beside it says which",
            "file each row is of. NAME.safetensors holds 'features', and the files in its metadata."
        })
final class EmbedCommand implements Callable<Integer>, MemoryAdvice {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            index = "0",
            paramLabel = "CHECKPOINT",
            description = "Run folder, checkpoint folder or model.safetensors, of pre-training or of fine-tuning.")
    private Path checkpoint = Path.of("");

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "FILE",
            description = "Images or videos, whichever the network reads, or folders of them.")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "What to write: a name ending in .npy, .csv or .safetensors.")
    private Path out = Path.of("");

    @Option(
            names = "--views",
            paramLabel = "TxS",
            description = "Views of each file whose features are averaged: clips over the video x crops, such as 10x1. "
                    + "Default: 1x1, the middle.")
    private @Nullable String views;

    @Option(
            names = "--windows",
            paramLabel = "SECONDS",
            description = "A vector of each window of a video instead of one of all: a clip every so many seconds.")
    private @Nullable Double windows;

    @Option(
            names = "--block",
            paramLabel = "N",
            description = "Block after which features are taken, counted from 0. Default: the last.")
    private @Nullable String block;

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Override
    public String lessMemory() {
        return SMALLER_BATCH;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        compute.check();
        EmbeddingFile.Format format = EmbeddingFile.Format.of(out);
        Path folder = out.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            throw new IllegalArgumentException("--out " + out + ": there is no folder " + folder + "; make it first");
        }
        if (windows != null && views != null) {
            throw new IllegalArgumentException(
                    "--views would do nothing beside --windows, which look at all of a video; leave one out");
        }
        Finetune.Views parsed = Finetune.Views.parse(views == null ? "1x1" : views);
        compute.useThreads();
        EmbeddingFile result = new EmbeddingFile();
        int bad;
        try (FrozenNetwork network = FrozenNetwork.open(checkpoint, compute.device)) {
            ForeignWeights.announce(network.weights(), spec.commandLine().getErr());
            List<Integer> blocks = Blocks.parse(block, network.backbone().depth());
            if (blocks.size() > 1) {
                throw new IllegalArgumentException(
                        "--block " + block + " names several; features of one alone can be written into a file");
            }
            if (windows == null) {
                FeatureExtraction extraction = new FeatureExtraction(
                        network, blocks, parsed, compute.batch, new Run.Loading(0, 1).threadCount());
                bad = embed(extraction, network.input().clip(), result);
            } else {
                bad = slide(network, blocks, Windows.Sliding.every(windows), result);
            }
        }
        if (result.rows().isEmpty()) {
            throw new DatasetException("none of the files could be read; " + out + " is not written");
        }
        for (Path written : result.write(out, format)) {
            spec.commandLine().getOut().println(written);
        }
        spec.commandLine().getOut().flush();
        say(result.rows().size() + " vectors of " + result.rows().get(0).features().length + " numbers"
                + (bad == 0 ? "" : "; " + bad + (bad == 1 ? " file was" : " files were") + " left out, as said above"));
        return bad == 0 ? Exit.OK : Exit.BAD_FILES;
    }

    /** @return how many files could not be read */
    private int embed(FeatureExtraction extraction, ClipSampler clip, EmbeddingFile result)
            throws IOException, InterruptedException {
        List<Item> items = new GivenFiles(files).items(clip);
        ScoringLine progress = ScoringLine.onStderr("files");
        int[] bad = {0};
        extraction.run(
                items,
                ViewSource.files(clip),
                () -> false,
                (item, features) -> {
                    result.add(item.file().toString(), features[0]);
                    progress.at(result.rows().size() + bad[0], items.size());
                },
                (item, why) -> {
                    bad[0]++;
                    leaveOut(item.file(), why);
                });
        return bad[0];
    }

    /** @return how many files could not be read to their end; nothing of them is in the result */
    private int slide(FrozenNetwork network, List<Integer> blocks, Windows.Sliding sliding, EmbeddingFile result)
            throws IOException {
        if (network.input().clip() instanceof StillImage) {
            throw new IllegalArgumentException("--windows slide over videos, and this network reads images");
        }
        sliding.check(network.input().clip());
        List<Item> items = new GivenFiles(files).items(network.input().clip());
        ScoringLine progress = ScoringLine.onStderr("files");
        int bad = 0;
        for (int i = 0; i < items.size(); i++) {
            Path file = items.get(i).file();
            try {
                result.addAll(rows(network, blocks, file, sliding));
            } catch (IOException why) {
                bad++;
                leaveOut(file, why);
            }
            progress.at(i + 1, items.size());
        }
        return bad;
    }

    private List<EmbeddingFile.Row> rows(
            FrozenNetwork network, List<Integer> blocks, Path file, Windows.Sliding sliding) throws IOException {
        List<EmbeddingFile.Row> rows = new ArrayList<>();
        List<Windows.Window> waiting = new ArrayList<>();
        ScoringLine progress = ScoringLine.passingOnStderr("windows of " + file.getFileName());
        try (Windows open = Windows.open(file, network.input().clip(), sliding)) {
            while (open.hasNext()) {
                waiting.add(open.next());
                if (waiting.size() == compute.batch || !open.hasNext()) {
                    List<float[][]> features = network.embedding()
                            .of(
                                    waiting.stream()
                                            .map(window -> network.input()
                                                    .crop(1)
                                                    .apply(window.frames(), 0)
                                                    .frames())
                                            .toList(),
                                    blocks);
                    for (int i = 0; i < waiting.size(); i++) {
                        rows.add(new EmbeddingFile.Row(
                                file.toString(),
                                OptionalDouble.of(waiting.get(i).startSeconds()),
                                OptionalDouble.of(waiting.get(i).endSeconds()),
                                features.get(i)[0]));
                    }
                    waiting.clear();
                    progress.at(rows.size(), open.count());
                }
            }
        } finally {
            progress.clear();
        }
        return rows;
    }

    private void leaveOut(Path file, IOException why) {
        String message = String.valueOf(why.getMessage());
        say("left out: " + (message.contains(file.toString()) ? message : file + ": " + message));
    }

    private void say(String line) {
        spec.commandLine().getErr().println(line);
        spec.commandLine().getErr().flush();
    }
}
