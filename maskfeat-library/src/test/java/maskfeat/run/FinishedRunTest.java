package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import maskfeat.report.RunSummary;
import maskfeat.report.Yardstick;
import maskfeat.settings.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FinishedRunTest {
    @TempDir
    private Path folder = Path.of("");

    private static Settings<Run> settings(String recipe, String... changes) {
        Settings<Run> settings = Recipes.BOOK.settings(recipe);
        for (String change : changes) {
            settings = settings.set(change);
        }
        return settings;
    }

    /** A finished fine-tuning run. */
    private Path run(String name, double top1, String... changes) throws IOException {
        return run(name, top1, settings("tiny-image-ft", changes));
    }

    private Path run(String name, double top1, Settings<Run> settings) throws IOException {
        Path run = Files.createDirectories(folder.resolve(name));
        Files.writeString(run.resolve("config.yaml"), settings.yaml());
        Files.writeString(run.resolve("DONE"), "30 steps\n");
        Files.writeString(
                run.resolve("metrics.jsonl"),
                "{\"step\":10,\"epoch\":1,\"train/loss\":2.5}\n{\"step\":20,\"epoch\":2,\"train/loss\":2}\n"
                        + "{\"step\":20,\"val/top1\":" + top1 + "}\n");
        new RunResult("finetune", Map.of("val/top1", top1), Map.of("from", "scratch"))
                .write(run.resolve("result.json"));
        return run;
    }

    private static String[] changes(int seed, String from, String... more) {
        return Stream.concat(
                        Stream.of("seed=" + seed, "from=" + from, "optim.lr=0.001", "loader.threads=" + (1 + seed)),
                        Stream.of(more))
                .toArray(String[]::new);
    }

    private List<RunSummary> summaries(Path... runs) throws IOException {
        List<FinishedRun> read = new ArrayList<>();
        for (Path run : runs) {
            read.add(FinishedRun.read(run));
        }
        return FinishedRun.summaries(read);
    }

    @Test
    void runsAreReadFromWhatTheyLeft() throws IOException {
        RunSummary summary = summaries(run("a", 50, changes(0, "null"))).get(0);
        assertThat(summary.name()).isEqualTo("a");
        assertThat(summary.kind()).isEqualTo("finetune");
        assertThat(summary.group()).isEmpty();
        assertThat(summary.figures()).containsExactly(Map.entry("val/top1", 50.0));
        assertThat(summary.settings())
                .containsEntry("optim.lr", "0.001")
                .containsEntry("optim.adamw.beta1", "0.9")
                .containsEntry("from", "null");
        assertThat(summary.facts())
                .extracting(fact -> fact.name() + " " + fact.value())
                .containsExactly("ended complete", "from scratch");
    }

    @Test
    void aRunThatIsNotOverTellsWhatItKnows() throws IOException {
        Path run = run("a", 50, settings("tiny-image"));
        Files.delete(run.resolve("result.json"));
        Files.delete(run.resolve("DONE"));
        RunSummary summary = summaries(run).get(0);
        assertThat(summary.kind()).isEqualTo("pretrain");
        assertThat(summary.figures()).containsEntry("train/loss", 2.0).containsEntry("val/top1", 50.0);
        assertThat(summary.facts())
                .extracting(fact -> fact.name() + " " + fact.value())
                .containsExactly("ended stopped", "recipe tiny-image", "epochs 2 of 6", "data the sample set");
    }

    @Test
    void runsThatDifferByTheSeedAloneAreAGroup() throws IOException {
        assertThat(summaries(
                        run("scratch", 40, changes(0, "null")),
                        run("other", 50, changes(0, "null", "optim.lr=0.002")),
                        run("scratch-2", 42, changes(1, "null")),
                        run("same-again", 42, changes(1, "null"))))
                .extracting(RunSummary::group)
                .containsExactly("scratch", "", "scratch", "scratch");
    }

    @Test
    void runsNamedBySeedMayHaveBegunWithDifferentWeights() throws IOException {
        assertThat(summaries(
                        run("masked-seed0", 60, changes(0, "pre-0")),
                        run("masked-seed1", 62, changes(1, "pre-1")),
                        run("masked-seed2", 62, changes(2, "pre-2", "optim.lr=0.002")),
                        run("x", 62, changes(3, "pre-3"))))
                .extracting(RunSummary::group)
                .containsExactly("masked", "masked", "", "");
    }

    private Path pretrained(String name, String recipe, String... changes) throws IOException {
        Path run = run(name, 50, settings(recipe, changes));
        new RunResult("pretrain", Map.of("train/loss", 0.1), Map.of()).write(run.resolve("result.json"));
        return run;
    }

    @Test
    void lossesCompareWhereTheyAreOfTheSame() throws IOException {
        List<Yardstick> losses = summaries(
                        pretrained("a", "tiny-image"),
                        pretrained("b", "tiny-image", "task.target.kind=pixels"),
                        pretrained("c", "tiny-image", "task.mask.ratio=0.6", "optim.lr=0.1", "train.epochs=2"),
                        pretrained("d", "tiny-image", "task.target.bins=6"),
                        pretrained("e", "tiny-image", "task.target.kind=both"),
                        pretrained("f", "tiny-mocov3"),
                        pretrained("g", "tiny-mocov3", "train.batch=8"),
                        run("h", 40),
                        run("i", 40, "task.loss.smoothing=0.3"),
                        run("j", 40, "task.head.dropout=0.3"),
                        pretrained("k", "tiny-video"))
                .stream()
                .map(RunSummary::loss)
                .toList();
        assertThat(losses)
                .extracting(Yardstick::name)
                .containsExactly(
                        "hog",
                        "pixels",
                        "hog",
                        "hog",
                        "hog and pixels",
                        "contrast of 16",
                        "contrast of 8",
                        "classify",
                        "classify",
                        "classify",
                        "hog of clips");
        int[] kinds = {0, 1, 0, 2, 3, 4, 5, 6, 7, 6, 8};
        for (int i = 0; i < kinds.length; i++) {
            for (int j = 0; j < kinds.length; j++) {
                assertThat(losses.get(i).agreesWith(losses.get(j)))
                        .as(i + " and " + j)
                        .isEqualTo(kinds[i] == kinds[j]);
            }
        }
    }

    private Path result(String name, String kind, String... facts) throws IOException {
        Path place = Files.createDirectories(folder.resolve(name));
        Map<String, String> all = new LinkedHashMap<>();
        for (int i = 0; i < facts.length; i += 2) {
            all.put(facts[i], facts[i + 1]);
        }
        new RunResult(kind, Map.of("val/top1", 50.0), all).write(place.resolve("result.json"));
        return place;
    }

    @Test
    void scoresCompareWhereTheyWereMeasuredOnTheSame() throws IOException {
        Path tuned = run("tuned", 40, "data.path=photos");
        new RunResult("finetune", Map.of("val/top1", 40.0), Map.of("validation images", "400", "classes", "10"))
                .write(tuned.resolve("result.json"));
        List<Yardstick> scores = summaries(
                        tuned,
                        result(
                                "e",
                                "evaluate",
                                "data",
                                "photos/val",
                                "images",
                                "398 of 400 (the others cannot be read)"),
                        result("f", "evaluate", "data", "else/val", "images", "400", "classes", "10"),
                        result("g", "evaluate", "data", "photos/val", "images", "400", "classes", "9"),
                        result("p", "probe", "measured on", "photos/val", "images measured on", "400"),
                        result("q", "probe", "measured on", "photos/val", "images measured on", "40"),
                        run("other", 40, "data.path=elsewhere"))
                .stream()
                .map(RunSummary::scores)
                .toList();
        assertThat(scores)
                .extracting(Yardstick::name)
                .containsExactly(
                        "400 images of 10 classes",
                        "400 images",
                        "400 images of 10 classes",
                        "400 images of 9 classes",
                        "400 images",
                        "40 images",
                        "");
        assertThat(scores.get(0).agreesWith(scores.get(1))).isTrue();
        assertThat(scores.get(0).agreesWith(scores.get(2))).isTrue();
        assertThat(scores.get(1).agreesWith(scores.get(2))).as("other data").isFalse();
        assertThat(scores.get(0).agreesWith(scores.get(3))).as("other classes").isFalse();
        assertThat(scores.get(0).agreesWith(scores.get(4))).isTrue();
        assertThat(scores.get(4).agreesWith(scores.get(5))).as("other number").isFalse();
        assertThat(scores.get(0).agreesWith(scores.get(6))).as("other folder").isFalse();
    }

    @Test
    void equalRunsOfOneSeedAreNoGroup() throws IOException {
        assertThat(summaries(run("a", 40, changes(0, "null")), run("b", 40, changes(0, "null"))))
                .extracting(RunSummary::group)
                .containsExactly("", "");
    }

    @Test
    void foldersOfOneNameAreToldApartByWhereTheyLie() throws IOException {
        assertThat(summaries(run("one/run", 40, changes(0, "null")), run("two/run", 40, changes(0, "y"))))
                .extracting(RunSummary::name)
                .containsExactly("one/run", "two/run");
    }

    @Test
    void aFolderOfViewsIsCalledByWhoseTheyAre() {
        Path root = folder.toAbsolutePath();
        assertThat(FinishedRun.names(List.of(root.resolve("eval/1x3"), root.resolve("scratch"))))
                .containsExactly("eval/1x3", "scratch");
    }
}
