package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import maskfeat.run.Recipes;
import maskfeat.sample.SampleSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The last line of a command that ended well: what to do next, to be pasted. */
class NextStepTest {
    private static final String LAUNCHER = "maskfeat.launcher";

    @TempDir
    private static Path folder = Path.of("");

    private static String images = "";
    private static String image = "";
    private static String pretrained = "";
    private static String classifier = "";

    @BeforeAll
    static void networks() throws IOException, InterruptedException {
        Path data = TinyRuns.images(folder.resolve("set"));
        images = data.toString();
        image = data.resolve("val")
                .resolve(SampleSet.imageClasses().get(0))
                .resolve("0000.jpg")
                .toString();
        pretrained = TinyRuns.weights(folder.resolve("pretrained.safetensors"), Recipes.named("tiny-image"))
                .toString();
        TinyRuns.train(folder.resolve("my classes"), data, TinyRuns.settings("train.epochs=1"), null);
        classifier = folder.resolve("my classes").toString();
    }

    @AfterEach
    void startedByNoScript() {
        System.clearProperty(LAUNCHER);
    }

    private static String at(String name) {
        return folder.resolve(name).toString();
    }

    /** What a command says comes next: its last line, which the program takes if it is for the program. */
    private static String next(Object... args) {
        TinyRuns.Ran ran = TinyRuns.run(args);
        assertThat(ran.code()).as(ran.err()).isZero();
        List<String> lines = ran.err().lines().toList();
        assertThat(lines).filteredOn(line -> line.startsWith("next: ")).hasSize(1);
        String line = lines.get(lines.size() - 1);
        assertThat(line).startsWith("next: ");
        List<ShellBlock.Command> commands = ShellBlock.commands(line.substring("next: ".length()));
        assertThat(commands).hasSize(1);
        List<String> words = commands.get(0).words();
        if (words.get(0).equals("maskfeat")) {
            Commands.line().parseArgs(words.subList(1, words.size()).toArray(String[]::new));
        }
        return line.substring("next: ".length());
    }

    private static String quoted(String path) {
        return "'" + path + "'";
    }

    @Test
    void ofData() throws IOException {
        assertThat(next("data", "scan", images)).isEqualTo("maskfeat pretrain small-image --data " + images);
        assertThat(next("data", "scan", images, "--write-list", at("good.txt")))
                .isEqualTo("maskfeat pretrain small-image --data " + at("good.txt"));
        assertThat(next("data", "sample", at("sample"), "--tiny"))
                .isEqualTo("maskfeat pretrain tiny-image --data " + at("sample/images/train"));
        assertThat(next("data", "scan", at("sample/clips")))
                .endsWith("pretrain small-video --data " + at("sample/clips"));
        assertThat(next("data", "prepare", images, at("copy"), "--recipe", "none", "--dry-run"))
                .isEqualTo("maskfeat data prepare " + images + " " + at("copy"));
        assertThat(next("data", "prepare", images, at("copy"), "--recipe", "none"))
                .isEqualTo("maskfeat pretrain small-image --data " + at("copy"));
    }

    @Test
    void ofDataSomeOfWhichIsBadTheScanThatListsTheOthers() throws IOException {
        Path some = Files.createDirectories(folder.resolve("some"));
        Files.copy(Path.of(image), some.resolve("good.jpg"));
        Files.writeString(some.resolve("bad.jpg"), "this is no picture");
        TinyRuns.Ran ran = TinyRuns.run("data", "scan", some);
        assertThat(ran.code()).isEqualTo(Exit.BAD_FILES);
        assertThat(ran.err()).endsWith("next: maskfeat data scan " + some + " --write-list usable.txt\n");
    }

    @Test
    void ofANetwork() {
        assertThat(next("probe", pretrained, "--data", images))
                .isEqualTo("maskfeat finetune --from " + pretrained + " --data " + images);
        assertThat(next("visualize", pretrained, image, "--out", at("drawn")))
                .isEqualTo("maskfeat finetune --from " + pretrained + " --data LABELLED");
        assertThat(next("evaluate", classifier, "--data", images))
                .isEqualTo("maskfeat predict " + quoted(classifier) + " FILE");
        assertThat(next("evaluate", classifier, "--data", images, "--out", at("measured")))
                .isEqualTo("maskfeat report " + at("measured") + " OTHER");
        assertThat(next("predict", classifier, image)).isEqualTo("maskfeat serve " + quoted(classifier));
        assertThat(next("embed", pretrained, image, "--out", at("f.safetensors")))
                .isEqualTo("maskfeat weights inspect " + at("f.safetensors"));
        assertThat(next("embed", pretrained, image, "--out", at("f.npy")))
                .startsWith("python3 ")
                .endsWith(at("f.npy"));
        assertThat(next("export", classifier, at("net.onnx")))
                .startsWith("python3 ")
                .endsWith(at("net.onnx"));
    }

    @Test
    void ofWeights() {
        assertThat(next("weights", "inspect", pretrained))
                .isEqualTo("maskfeat finetune --from " + pretrained + " --data LABELLED");
        assertThat(next("weights", "inspect", classifier))
                .isEqualTo("maskfeat predict " + quoted(classifier) + " FILE");
        assertThat(next("weights", "convert", pretrained, at("same.safetensors"), "--to", "safetensors"))
                .isEqualTo("maskfeat finetune --from " + at("same.safetensors") + " --data LABELLED");
        assertThat(next("weights", "convert", classifier, at("timm.safetensors"), "--to", "timm"))
                .isEqualTo("maskfeat weights inspect " + at("timm.safetensors"));
    }

    @Test
    void ofSettingsRunsAndShards() {
        assertThat(next("recipes")).isEqualTo("maskfeat pretrain small-video --data VIDEOS");
        assertThat(next("config", "tiny-image", "--set", "optim.lr=1e-3", "--batch", "4"))
                .isEqualTo("maskfeat pretrain tiny-image --set optim.lr=1e-3 --batch 4");
        assertThat(next("config", "tiny-image-ft")).isEqualTo("maskfeat finetune tiny-image-ft --from CHECKPOINT");
        assertThat(next("bench", "step", "tiny-image", "--steps", "1")).isEqualTo("maskfeat pretrain tiny-image");
        assertThat(next("bench", "ablation", "--list")).startsWith("maskfeat bench ablation --recipe ");
        assertThat(next("report", classifier, "--out", at("page.html"))).endsWith(" " + at("page.html"));
        assertThat(next("embed", pretrained, image, "--out", at("all.csv"), "--shard", "1/2"))
                .isEqualTo("maskfeat merge " + at("all.csv") + " " + at("all.shard-") + "*-of-2.jsonl");
        TinyRuns.Ran other = TinyRuns.run("embed", pretrained, image, "--out", at("all.csv"), "--shard", "2/2");
        assertThat(other.code()).as(other.err()).isZero();
        assertThat(other.err()).doesNotContain("next: ");
        assertThat(next("merge", at("all.csv"), at("all.shard-1-of-2.jsonl"), at("all.shard-2-of-2.jsonl")))
                .isEqualTo("head -n 3 " + at("all.csv"));
    }

    /** Which the program is started by, and who started it pastes. */
    @Test
    void theProgramIsCalledAsItWasStarted() {
        System.setProperty(LAUNCHER, "./my tools/maskfeat");
        assertThat(TinyRuns.run("recipes").err()).startsWith("next: './my tools/maskfeat' pretrain ");
        System.setProperty(LAUNCHER, "./maskfeat");
        assertThat(TinyRuns.run("pretain").err()).endsWith("'./maskfeat --help' tells what it takes\n");
        assertThat(TinyRuns.run("data", "scan", "--al", "x").err()).contains("'./maskfeat data scan --help' tells");
        assertThat(TinyRuns.run("pretrain", "nothing-like-it").err())
                .contains("'./maskfeat recipes' has all")
                .doesNotContain("'maskfeat ");
    }

    @Test
    void nothingComesNextForProgramsAndAfterErrors() {
        assertThat(TinyRuns.run("weights", "inspect", pretrained, "--json").err())
                .isEmpty();
        assertThat(TinyRuns.run("config", "tiny-image", "--json").err()).isEmpty();
        assertThat(TinyRuns.run("doctor", "--json").err()).isEmpty();
        assertThat(TinyRuns.run("predict", classifier, image, "--json").err()).doesNotContain("next: ");
        assertThat(TinyRuns.run("data", "scan", folder.resolve("none")).err())
                .startsWith("error: ")
                .doesNotContain("next: ");
    }
}
