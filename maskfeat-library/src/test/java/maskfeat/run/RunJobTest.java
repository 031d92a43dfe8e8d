package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import maskfeat.network.OpenedWeights;
import maskfeat.report.MetricsFile;
import maskfeat.sample.SampleSet;
import maskfeat.settings.Settings;
import maskfeat.settings.SettingsException;
import maskfeat.torch.Arrays;
import maskfeat.train.Listener;
import maskfeat.train.RunFolder;
import maskfeat.train.Trainer;
import maskfeat.weights.TensorFile;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A run in its folder: what it leaves there, and that it goes on as if it had never been stopped. */
class RunJobTest {
    private static final String[] SMALL = {
        "model.dim=8", "model.heads=1", "train.epochs=3", "train.accumulate=1", "checkpoint.keep=1", "seed=5"
    };

    @TempDir
    private static Path data = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void make() throws IOException {
        PatternData.write(data);
    }

    private static Settings<Run> settings(String recipe, String... more) {
        Settings<Run> settings = Runs.settings(recipe, SMALL);
        String images = data.resolve("images/train").toString();
        List<String> assignments = new ArrayList<>(
                switch (recipe) {
                    case "tiny-image" -> List.of("data.path=" + images, "train.batch=6");
                    case "tiny-video" -> List.of("data.path=" + data.resolve("clips"), "train.batch=4");
                    default -> List.of("data.path=" + images, "data.labels.validation=" + images, "train.batch=6");
                });
        assignments.addAll(List.of(more));
        for (String assignment : assignments) {
            settings = settings.set(assignment);
        }
        return settings;
    }

    /** Lets this many steps be made, and one less for each epoch that they end, as it is asked then too. */
    private static RunJob.Watch stoppingAfter(int steps, List<Listener> listeners) {
        AtomicInteger asked = new AtomicInteger();
        return new RunJob.Watch(
                listeners, () -> asked.incrementAndGet() >= steps, (done, of) -> {}, "maskfeat pretrain --out here");
    }

    private static RunJob.Outcome run(RunJob job, RunJob.Watch watch) throws IOException, InterruptedException {
        try (RunFolder place = job.folder()) {
            return job.run(place, watch);
        }
    }

    private static Map<String, float[]> tensors(Path run) throws IOException {
        try (PointerScope scope = new PointerScope()) {
            Map<String, float[]> values = new TreeMap<>();
            TensorFile.read(run.resolve("model.safetensors"))
                    .forEach((name, tensor) -> values.put(name, Arrays.floats(tensor)));
            return values;
        }
    }

    @Test
    void theIndexesOfVideosAreKeptBesideTheRunForTheNext() throws Exception {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY.clipsOnly());
        String clips = "data.path=" + folder.resolve("set/clips/train");
        RunJob.begin(folder.resolve("none"), settings("tiny-video", clips, "report.pictures-every=0"))
                .run();
        assertThat(folder.resolve("video-index")).doesNotExist();

        RunJob.begin(
                        folder.resolve("first"),
                        settings("tiny-video", clips, "loader.keep-index=true", "report.pictures-every=0"))
                .run();
        try (Stream<Path> indexes = Files.list(folder.resolve("video-index"))) {
            assertThat(indexes).isNotEmpty().allMatch(index -> index.toString().endsWith(".index"));
        }
        RunJob.begin(
                        folder.resolve("second"),
                        settings("tiny-video", clips, "loader.keep-index=true", "report.pictures-every=0"))
                .run();

        Map<String, float[]> weights = tensors(folder.resolve("none"));
        for (String run : List.of("first", "second")) {
            assertThat(tensors(folder.resolve(run))).usingRecursiveComparison().isEqualTo(weights);
        }
    }

    // ---- what it leaves ----------------------------------------------------------------------------------------

    @Test
    void aRunLeavesSettingsMetricsReportAndResultBesideItsWeights() throws Exception {
        Path place = folder.resolve("run");
        Settings<Run> settings = settings("tiny-image");
        RunJob job = RunJob.begin(place, settings);
        assertThat(place).doesNotExist();

        RunJob.Outcome outcome = job.run();

        assertThat(outcome).isEqualTo(new RunJob.Outcome(Trainer.Ending.DONE, place.toAbsolutePath(), 0));
        assertThat(place.resolve("DONE")).hasContent("6 steps");
        assertThat(Settings.of(RunFormat.FORMAT, place.resolve("config.yaml")).value())
                .isEqualTo(settings.value());
        assertThat(MetricsFile.read(place.resolve("metrics.jsonl"))).containsOnlyKeys(1L, 2L, 3L, 4L, 5L, 6L);
        assertThat(MetricsFile.read(place.resolve("metrics.jsonl")).get(6L)).containsKeys("train/loss", "train/lr");
        assertThat(Files.readString(place.resolve("report.html"))).contains("tiny-image", "train/loss", "uPlot");
        RunResult result = RunResult.read(place.resolve("result.json"));
        assertThat(result.kind()).isEqualTo("pretrain");
        assertThat(result.figures()).containsKey("train/loss");
        assertThat(result.facts()).containsEntry("recipe", "tiny-image").containsEntry("epochs", "3");
        assertThat(JsonMapper.shared()
                        .readTree(Files.readString(place.resolve("env.json")))
                        .propertyNames())
                .contains("java", "libtorch");
        try (OpenedWeights weights = OpenedWeights.open(place)) {
            assertThat(weights.file()).isEqualTo(place.resolve("model.safetensors"));
            assertThat(weights.spec()).isEqualTo(Runs.spec(settings.value()));
        }
        assertThat(FinishedRun.read(place).facts()).containsEntry("ended", "complete");
    }

    @Test
    void aRunWithLabelsLeavesItsPredictionsAndWhatBecameOfTheWeightsToo() throws Exception {
        Path before = folder.resolve("before");
        RunJob.begin(before, settings("tiny-image")).run();
        Path place = folder.resolve("run");

        RunJob.begin(place, settings("tiny-image-ft", "from=" + before)).run();

        RunResult result = RunResult.read(place.resolve("result.json"));
        assertThat(result.kind()).isEqualTo("finetune");
        assertThat(result.figures()).containsKeys("val/top1", "val/loss");
        assertThat(result.facts()).containsEntry("from", before.toString()).containsEntry("validation images", "12");
        assertThat(Files.readAllLines(place.resolve("predictions.csv"))).hasSize(13);
        JsonNode transfer = JsonMapper.shared().readTree(Files.readString(place.resolve("weights.json")));
        assertThat(transfer.get("fresh").valueStream().map(JsonNode::asString))
                .contains("head.projection.weight")
                .noneMatch(name -> name.startsWith("blocks."));
        try (OpenedWeights weights = OpenedWeights.open(place)) {
            assertThat(weights.classes().names()).containsExactly("rings", "stripes");
        }
    }

    /** Settings and value are two ways to the same run. */
    @Test
    void aRunOfAValueIsTheSameRun() throws Exception {
        RunJob.begin(folder.resolve("a"), settings("tiny-image")).run();
        RunJob.begin(folder.resolve("b"), settings("tiny-image").value()).run();
        assertThat(tensors(folder.resolve("b"))).usingRecursiveComparison().isEqualTo(tensors(folder.resolve("a")));
    }

    @Test
    void whoWatchesIsTold() throws Exception {
        List<String> told = new ArrayList<>();
        Listener listener = new Listener() {
            @Override
            public void started(long step, long steps) {
                told.add("started " + step + "/" + steps);
            }

            @Override
            public void ended(long step, long steps) {
                told.add("ended " + step + "/" + steps);
            }
        };
        Path place = folder.resolve("run");
        run(RunJob.begin(place, settings("tiny-image")), stoppingAfter(2, List.of(listener)));
        assertThat(told).containsExactly("started 0/6", "ended 2/6");
        assertThat(place.resolve("command.txt")).hasContent("maskfeat pretrain --out here");
    }

    /** Drawn at the stop, too, and gone on with: the page shows how predictions came about from the beginning. */
    @Test
    void picturesOfAStoppedRunShowHowFarItIs() throws Exception {
        Path place = folder.resolve("run");
        run(RunJob.begin(place, settings("tiny-image", "report.pictures-every=100")), stoppingAfter(4, List.of()));
        assertThat(place.resolve("pictures/step-00000003.png")).isNotEmptyFile();
        assertThat(drawn(place)).containsExactly("seen", "target", "start before training", "now step 3");
        assertThat(Files.readString(place.resolve("report.html")))
                .contains("maskfeat pretrain --resume --out " + place.toAbsolutePath());

        RunJob.resume(place).run();
        assertThat(drawn(place))
                .containsExactly("seen", "target", "start before training", "middle step 3", "now step 6");

        RunJob.begin(folder.resolve("none"), settings("tiny-image", "report.pictures-every=0"))
                .run();
        assertThat(folder.resolve("none/pictures")).doesNotExist();
    }

    /** A run of an older version has sheets alone. */
    @Test
    void aRunWithoutRowsHasAPageToo() throws Exception {
        Path place = folder.resolve("run");
        run(RunJob.begin(place, settings("tiny-image")), stoppingAfter(3, List.of()));
        try (Stream<Path> rows = Files.list(place.resolve("pictures/rows"))) {
            for (Path file : rows.toList()) {
                Files.delete(file);
            }
        }
        assertThat(Reconstructions.rows(place.resolve("pictures"))).isEmpty();
        assertThat(Reconstructions.of(place.resolve("pictures"))).isNotEmpty();
        RunJob.resume(place).run();
        assertThat(drawn(place)).endsWith("now step 6");
    }

    private static List<String> drawn(Path place) throws IOException {
        return Reconstructions.rows(place.resolve("pictures")).get(0).panels().stream()
                .map(panel -> panel.title()
                        + (panel.note().matches("[0-9]+ % hidden|HOG")
                                ? ""
                                : " " + panel.note().replaceAll(", loss.*", "")))
                .toList();
    }

    @Test
    void thePageOfARunThatWasStoppedBeforeItsFirstReportSaysWhatIsKnown() throws Exception {
        Path place = folder.resolve("a run");
        run(RunJob.begin(place, settings("tiny-image", "report.log-every=50")), stoppingAfter(4, List.of()));
        assertThat(place.resolve("metrics.jsonl")).isEmptyFile();
        String page = Files.readString(place.resolve("report.html"));
        assertThat(page)
                .containsPattern("Stopped after 3 of 6 steps, before the first report, which comes after every 50"
                        + " \\(report.log-every\\): until then the loss was 0\\.\\d{4} in the mean, \\d\\.\\d{3} of that of the"
                        + " best constant prediction")
                .contains("To go on: maskfeat pretrain --resume --out &#39;" + place.toAbsolutePath() + "&#39;")
                .doesNotContain("No metrics were written");

        RunJob.resume(place).run();
        assertThat(Files.readString(place.resolve("report.html"))).doesNotContain("Stopped after");
    }

    @Test
    void aRunThatWasStoppedBeforeItsFirstStepSaysSo() throws Exception {
        Path place = folder.resolve("run");
        run(
                RunJob.begin(place, settings("tiny-image", "train.accumulate=3", "train.batch=2")),
                stoppingAfter(1, List.of()));
        assertThat(Files.readString(place.resolve("report.html")))
                .contains("Stopped before its first step was done: nothing is known of the loss.");
        assertThat(RunJob.resume(place).run().ending()).isEqualTo(Trainer.Ending.DONE);
    }

    // ---- going on ----------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"tiny-image", "tiny-video", "tiny-image-ft"})
    void aStoppedRunThatGoesOnGivesTheSameWeightsAsOneThatWasNot(String recipe) throws Exception {
        RunJob.begin(folder.resolve("whole"), settings(recipe)).run();
        Path place = folder.resolve("stopped");
        for (int stop = 0; stop < 2; stop++) {
            RunJob job = stop == 0 ? RunJob.begin(place, settings(recipe)) : RunJob.resume(place);
            assertThat(run(job, stoppingAfter(2, List.of())).ending()).isEqualTo(Trainer.Ending.STOPPED);
            assertThat(place.resolve("model.safetensors")).doesNotExist();
            assertThat(FinishedRun.read(place).facts()).containsEntry("ended", "stopped");
        }

        assertThat(RunJob.resume(place).run().ending()).isEqualTo(Trainer.Ending.DONE);

        assertThat(tensors(place)).usingRecursiveComparison().isEqualTo(tensors(folder.resolve("whole")));
        assertThat(MetricsFile.read(place.resolve("metrics.jsonl")).keySet())
                .isEqualTo(
                        MetricsFile.read(folder.resolve("whole/metrics.jsonl")).keySet());
        assertThat(RunResult.read(place.resolve("result.json")).figures())
                .isEqualTo(RunResult.read(folder.resolve("whole/result.json")).figures());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "seed=6",
                "from=elsewhere",
                "data.side=24",
                "data.resize=bilinear",
                "data.labels.per-class=3",
                "data.labels.validation=null",
                "augment.flip=0.25",
                "model.mlp-ratio=2",
                "task.loss.smoothing=0.2",
                "task.mix=null",
                "optim.lr=0.5",
                "train.epochs=9",
                "train.batch=3",
                "train.precision=bfloat16",
                "validate.views=1x3"
            })
    void aSettingThatMakesItAnotherRunIsRefusedByName(String assignment) throws Exception {
        Path place = stopped("tiny-image-ft");
        String config = Files.readString(place.resolve("config.yaml"));

        assertThatThrownBy(() -> RunJob.resume(place, settings -> settings.set(assignment), notice -> {}))
                .isInstanceOf(SettingsException.class)
                .hasMessageContainingAll(
                        "must stay the same run", "but " + assignment.split("=")[0] + " was", "another folder");
        assertThat(place.resolve("config.yaml")).hasContent(config);
    }

    @Test
    void whatChangesNoResultMayChange() throws Exception {
        Path place = stopped("tiny-image-ft");
        Path moved = folder.resolve("moved");
        PatternData.write(moved);
        List<String> changes = List.of(
                "loader.threads=2",
                "loader.ahead=1",
                "checkpoint.keep=2",
                "checkpoint.every-epochs=2",
                "report.log-every=2",
                "report.pictures-every=0",
                "train.max-non-finite=3",
                "data.max-bad-share=0.5",
                "data.path=" + moved.resolve("images/train"),
                "data.labels.validation=" + moved.resolve("images/train"));
        List<String> notices = new ArrayList<>();
        RunJob job = RunJob.resume(
                place,
                settings -> {
                    Settings<Run> changed = settings;
                    for (String change : changes) {
                        changed = changed.set(change);
                    }
                    return changed;
                },
                notices::add);
        job.run();
        assertThat(notices).isEmpty();
        assertThat(Settings.of(RunFormat.FORMAT, place.resolve("config.yaml")).value())
                .isEqualTo(job.settings().value());
        RunJob.begin(folder.resolve("whole"), settings("tiny-image-ft")).run();
        assertThat(tensors(place)).usingRecursiveComparison().isEqualTo(tensors(folder.resolve("whole")));
    }

    @Test
    void whatChangesTheLastBitsMayChangeAndIsSaid() throws Exception {
        Path place = stopped("tiny-image");
        List<String> notices = new ArrayList<>();
        RunJob.resume(place, settings -> settings.set("train.threads=2"), notices::add);
        assertThat(notices).singleElement().asString().contains("train.threads", "last bits");
    }

    /** Twice: what was written at the first resume is read at the second. */
    @Test
    void aResumedRunSaysWhereItsSettingsCameFrom() throws Exception {
        Path place = folder.resolve("run");
        run(RunJob.begin(place, settings("tiny-image", "train.epochs=2")), stoppingAfter(1, List.of()));
        String begun = Files.readString(place.resolve("config.yaml"));
        assertThat(begun).containsPattern("epochs: 2 +# --set\\n");
        for (String change : List.of("loader.threads=2", "loader.threads=3")) {
            RunJob job = RunJob.resume(place, settings -> settings.set(change), notice -> {});
            run(job, stoppingAfter(1, List.of()));
            assertThat(Files.readString(place.resolve("config.yaml")))
                    .containsPattern("epochs: 2 +# --set\\n")
                    .contains("# recipe tiny-image")
                    .doesNotContain("config.yaml:");
        }
        assertThat(place.resolve("report.html")).content().contains("tiny-image, with ");
        assertThat(Files.readAllLines(place.resolve("command.txt"))).hasSize(3);
    }

    /** Less than was asked for is said; what came to its end says nothing. */
    @Test
    void weightsOfAStoppedRunAreSaidToBeThose() throws Exception {
        Path place = stopped("tiny-image");
        try (OpenedWeights weights = OpenedWeights.open(place)) {
            assertThat(weights.notes())
                    .singleElement()
                    .asString()
                    .startsWith(place.toString())
                    .contains("not come to its end: taken are the weights of step-0000");
        }
        RunJob.resume(place).run();
        try (OpenedWeights weights = OpenedWeights.open(place)) {
            assertThat(weights.notes()).isEmpty();
        }
    }

    // ---- ending early by the loss ------------------------------------------------------------------------------

    /** With the last picture and features, and the same bytes where it is stopped before or after its loss has come down. */
    @Test
    void aRunEndsEarlyWhereItsLossIsLowEnough() throws Exception {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY.imagesOnly());
        Settings<Run> settings = settings(
                "tiny-image",
                "data.path=" + folder.resolve("set/images/train"),
                "train.epochs=30",
                "train.until=0.95",
                "model.dim=32",
                "optim.lr=0.01",
                "task.target.kind=pixels",
                "report.pictures-every=100",
                "report.features-every=100",
                "report.features=7");
        Path whole = folder.resolve("whole");
        RunJob.begin(whole, settings).run();

        Map<String, String> facts = RunResult.read(whole.resolve("result.json")).facts();
        Matcher early = Pattern.compile("by train.until 0.95 after epoch (\\d+) of at most 30")
                .matcher(String.valueOf(facts.get("stopped early")));
        assertThat(early.matches()).as(facts.toString()).isTrue();
        assertThat(facts).containsEntry("epochs", early.group(1));
        int last = Integer.parseInt(early.group(1));
        TreeMap<Long, Map<String, Double>> metrics = new TreeMap<>(MetricsFile.read(whole.resolve("metrics.jsonl")));
        long steps = metrics.lastKey();
        assertThat(last).isBetween(2, 29);
        assertThat(steps).isEqualTo(last * 10L);
        assertThat(whole.resolve("DONE")).hasContent(steps + " steps");
        assertThat(rate(metrics, steps))
                .isCloseTo(
                        settings.value()
                                .optim()
                                .schedule(settings.value().train())
                                .at(30),
                        within(1e-15));
        assertThat(rate(metrics, steps - 20)).isGreaterThan(1e-3);
        assertThat(whole.resolve(String.format(Locale.ROOT, "pictures/step-%08d.png", steps)))
                .isNotEmptyFile();
        assertThat(features(whole)).hasSize(2).last().asString().startsWith("{\"step\":" + steps + ",");
        assertThat(Files.readString(whole.resolve("report.html")))
                .contains("complete, stopped early by train.until 0.95 after epoch " + last + " of at most 30")
                .contains(String.valueOf(facts.get("loss goal")));
        Matcher goal = Pattern.compile(
                        "train.until 0.95 was reached by epoch (\\d+), with a mean loss of 0.(\\d{4})x that of the"
                                + " constant prediction")
                .matcher(String.valueOf(facts.get("loss goal")));
        assertThat(goal.matches()).as(facts.toString()).isTrue();
        assertThat(Integer.parseInt(goal.group(1))).isLessThan(last);
        assertThat(Integer.parseInt(goal.group(2))).isLessThanOrEqualTo(9500);
        Map<String, Double> figures =
                RunResult.read(whole.resolve("result.json")).figures();
        assertThat(figures).containsKeys("train/loss", "train/loss_vs_baseline");
        assertThat(figures.get("train/epoch_loss"))
                .isCloseTo(lastEpoch(metrics, "train/loss"), within(1e-6)); // metrics.jsonl has 8 digits
        assertThat(figures.get("train/epoch_loss_vs_baseline"))
                .isCloseTo(lastEpoch(metrics, "train/loss") / lastEpoch(metrics, "train/baseline"), within(1e-5));

        String lastEpoch = lastEpoch(whole);
        assertThat(lastEpoch).as("the last epoch on the page").contains(" over epoch " + last + ", ");

        for (int stop : new int[] {5, 11 * (last - 1) + 3}) {
            Path place = folder.resolve("stopped-" + stop);
            assertThat(run(RunJob.begin(place, settings), stoppingAfter(stop, List.of()))
                            .ending())
                    .isEqualTo(Trainer.Ending.STOPPED);
            assertThat(RunJob.resume(place).run().ending()).isEqualTo(Trainer.Ending.DONE);
            assertThat(place.resolve("model.safetensors")).hasSameBinaryContentAs(whole.resolve("model.safetensors"));
            assertThat(features(place)).isEqualTo(features(whole));
            RunResult result = RunResult.read(place.resolve("result.json"));
            assertThat(result.figures()).isEqualTo(figures);
            assertThat(result.facts()).containsEntry("loss goal", facts.get("loss goal"));
            assertThat(lastEpoch(place)).isEqualTo(lastEpoch);
        }
    }

    /** Of the reports over its ten steps, which are of as many steps each. */
    private static double lastEpoch(TreeMap<Long, Map<String, Double>> metrics, String tag) {
        return metrics.tailMap(metrics.lastKey() - 10, false).values().stream()
                .filter(row -> row.containsKey(tag))
                .mapToDouble(row -> row.getOrDefault(tag, Double.NaN))
                .average()
                .orElseThrow();
    }

    /** What the page says of it; a run that was stopped has the margin of one that was not. */
    private static String lastEpoch(Path run) throws IOException {
        Matcher fact = Pattern.compile(
                        "mean loss 0\\.\\d{4} over epoch \\d+, 0\\.\\d{4}x \\(\u00b1 0\\.\\d{4}\\) that of the constant prediction")
                .matcher(Files.readString(run.resolve("report.html")));
        assertThat(fact.find()).isTrue();
        return fact.group();
    }

    private static double rate(Map<Long, Map<String, Double>> metrics, long step) {
        return metrics.getOrDefault(step, Map.of()).getOrDefault("train/lr", Double.NaN);
    }

    private static List<String> features(Path run) throws IOException {
        return Files.readAllLines(run.resolve("metrics.jsonl")).stream()
                .filter(row -> row.contains("features/"))
                .toList();
    }

    /** They are measured at the beginning, every second epoch and at the end, and training does not notice. */
    @Test
    void featuresAreMeasuredWhileTheyAreLearned() throws Exception {
        String[] measured = {"train.epochs=3", "report.features-every=2", "report.features=7", "report.pictures-every=0"
        };
        Path straight = folder.resolve("straight");
        RunJob.begin(straight, settings("tiny-image", measured)).run();
        assertThat(features(straight))
                .hasSize(3)
                .allMatch(row -> row.contains("\"features/knn_top1\":") && row.contains("\"features/rankme\":"))
                .anyMatch(row -> row.startsWith("{\"step\":0,"));
        Map<String, Double> figures =
                RunResult.read(straight.resolve("result.json")).figures();
        assertThat(features(straight))
                .last()
                .asString()
                .contains(
                        "\"features/knn_top1\":" + figures.get("features/knn_top1"),
                        "\"features/rankme\":" + figures.get("features/rankme"));
        assertThat(straight.resolve("report.html")).content().contains("nearest neighbours", "effective rank");

        Path without = folder.resolve("without");
        RunJob.begin(without, settings("tiny-image", "train.epochs=3", "report.pictures-every=0"))
                .run();
        assertThat(features(without)).isEmpty();
        assertThat(straight.resolve("model.safetensors")).hasSameBinaryContentAs(without.resolve("model.safetensors"));

        // Asked before while it measures at the beginning, which is then left out.
        for (int asked = 3; asked <= 8; asked++) {
            Path stopped = folder.resolve("stopped-" + asked);
            run(RunJob.begin(stopped, settings("tiny-image", measured)), stoppingAfter(asked, List.of()));
            RunJob.resume(stopped).run();
            assertThat(features(stopped))
                    .as("stopped when asked for the %dth time", asked)
                    .isEqualTo(features(straight));
        }
    }

    /** Of a folder of parts that for validation; whatever labels there are beside. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            stripes | rings | , by neighbours among 7 that are trained on
            2025    | 2026  | , by neighbours among themselves
            .       | .     | , by neighbours among themselves
            """)
    void featuresAreMeasuredOnOtherItems(String first, String second, String by) throws Exception {
        Path trained = folder.resolve("trained");
        copy(data.resolve("images/train/stripes"), trained.resolve(first), "s");
        copy(data.resolve("images/train/rings"), trained.resolve(second), "r");
        Settings<Run> settings = settings(
                "tiny-image",
                "data.path=" + trained,
                "train.epochs=2",
                "report.features-every=1",
                "report.features=7",
                "report.features-val=" + data.resolve("images"),
                "report.pictures-every=0");
        Path straight = folder.resolve("straight");
        RunJob.begin(straight, settings).run();
        assertThat(features(straight)).hasSize(3).allMatch(row -> row.contains("\"features/knn_top1\":"));
        String words = "4 images of " + data.resolve("images/val") + by;
        assertThat(RunResult.read(straight.resolve("result.json")).facts())
                .containsEntry("features measured on", words);
        assertThat(straight.resolve("report.html")).content().contains(words);

        Path stopped = folder.resolve("stopped");
        run(RunJob.begin(stopped, settings), stoppingAfter(7, List.of()));
        RunJob.resume(stopped).run();
        assertThat(features(stopped)).isEqualTo(features(straight));
        assertThat(stopped.resolve("model.safetensors")).hasSameBinaryContentAs(straight.resolve("model.safetensors"));
    }

    private static void copy(Path from, Path to, String prefix) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(prefix + file.getFileName()));
            }
        }
    }

    /** Long ago more were measured: what a run began with it goes on with, and one that is begun for a time measures for that. */
    @Test
    void asManyItemsAreMeasuredWhereARunGoesOn() throws Exception {
        Path place = folder.resolve("run");
        Settings<Run> settings = settings("tiny-image", "report.features-every=1", "report.pictures-every=0");
        RunJob job = RunJob.begin(place, settings);
        assertThat(job.settings().value().report().features()).isEqualTo(32);
        run(job, stoppingAfter(9, List.of()));
        Path config = place.resolve("config.yaml");
        assertThat(config).content().containsPattern("features: 32 +# at most 3 % of the run");
        Files.writeString(config, Files.readString(config).replace("features: 32 ", "features: 400"));
        RunJob resumed = RunJob.resume(place);
        assertThat(resumed.settings().value().report().features()).isEqualTo(400);
    }

    @Test
    void otherItemsForTheFeaturesOfARunThatGoesOnAreSaid() throws Exception {
        Path place = folder.resolve("run");
        String[] measured = {
            "report.features-every=1", "report.features=7", "report.pictures-every=0",
        };
        run(RunJob.begin(place, settings("tiny-image", measured)), stoppingAfter(9, List.of()));
        List<String> notices = new ArrayList<>();
        RunJob.resume(place, before -> before.set("report.features-val=" + data.resolve("images/val")), notices::add)
                .run();
        assertThat(notices)
                .singleElement()
                .asString()
                .startsWith("report.features-val")
                .endsWith("features are measured on other items from here on");
        assertThat(RunResult.read(place.resolve("result.json")).facts())
                .hasEntrySatisfying(
                        "features measured on", text -> assertThat(text).startsWith("4 images of"));
    }

    /** Its figures, and what they were measured on, stay. */
    @Test
    void theFeaturesOfAFinishedRunAreNotMeasuredAgain() throws Exception {
        Path place = folder.resolve("run");
        String[] measured = {
            "train.epochs=1", "report.features-every=1", "report.features=7", "report.pictures-every=0",
        };
        RunJob.begin(place, settings("tiny-image", measured)).run();
        List<String> rows = features(place);
        RunResult result = RunResult.read(place.resolve("result.json"));
        List<String> notices = new ArrayList<>();
        RunJob.resume(place, before -> before.set("report.features-val=" + data.resolve("images/val")), notices::add)
                .run();
        assertThat(features(place)).isEqualTo(rows);
        assertThat(RunResult.read(place.resolve("result.json"))).isEqualTo(result);
        assertThat(notices)
                .singleElement()
                .asString()
                .endsWith(": the run is at its end, and its features are not measured again");
    }

    @Test
    void itemsToMeasureThatAreGoneSayWhatToDo() {
        Settings<Run> settings =
                settings("tiny-image", "report.features-every=1", "report.features-val=" + folder.resolve("gone"));
        assertThatThrownBy(() -> RunJob.begin(folder.resolve("run"), settings))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining(folder.resolve("gone").toString())
                .hasMessageContaining("--val NEWPLACE")
                .hasMessageContaining("--set report.features-val=null");
    }

    /** Else each item would find itself. */
    @Test
    void neighboursAreOtherItemsThanThoseMeasured() throws Exception {
        Path all = data.resolve("images/train");
        Run run = settings("tiny-image", "data.path=" + all, "report.features-every=1", "report.features-val=" + all)
                .value();
        RunData opened = RunData.open(run);
        int size = opened.train().size();
        assertThat(FeatureItems.of(opened, size).known()).isEmpty();
        FeatureItems some = FeatureItems.of(opened, 2);
        assertThat(some.known().orElseThrow().items())
                .hasSize(2)
                .doesNotContainAnyElementsOf(some.measured().items());
    }

    @Test
    void whatIsValidatedNeedsNoMeasureOfItsFeatures() {
        Run run = settings("tiny-image-ft", "report.features-every=2", "report.features-val=elsewhere")
                .value();
        assertThat(run.idle()).extracting(Run.Idle::key).contains("report.features-every", "report.features-val");
        assertThat(settings("tiny-image", "report.features-val=elsewhere")
                        .value()
                        .idle())
                .extracting(Run.Idle::key)
                .contains("report.features-val");
    }

    /** Before the first step, within steps of three micro-batches, and between them. */
    @Test
    void aStepThatIsGivenUpLeavesNothingOfItself() throws Exception {
        Settings<Run> settings = settings(
                "tiny-image-ft",
                "train.batch=2",
                "train.accumulate=3",
                "train.epochs=2",
                "optim.warmup-epochs=0",
                "report.pictures-every=0");
        Path straight = folder.resolve("straight");
        RunJob.begin(straight, settings).run();
        for (int asked = 1; asked <= 9; asked++) {
            Path place = folder.resolve("stopped-" + asked);
            RunJob.Outcome stopped = run(RunJob.begin(place, settings), stoppingAfter(asked, List.of()));
            assertThat(stopped.ending()).isEqualTo(Trainer.Ending.STOPPED);
            RunJob.Outcome done = RunJob.resume(place).run();
            assertThat(done.ending()).isEqualTo(Trainer.Ending.DONE);
            assertThat(place.resolve("model.safetensors"))
                    .as("stopped when asked for the %dth time", asked)
                    .hasSameBinaryContentAs(straight.resolve("model.safetensors"));
        }
    }

    /** Without them, a step of many micro-batches would be minutes of silence. */
    @Test
    void eachMicroBatchAndValidatedItemIsTold() throws Exception {
        List<String> told = new ArrayList<>();
        Listener listener = new Listener() {
            @Override
            public void microBatch(long step, long steps, int done, int count) {
                told.add(step + "/" + steps + " " + done + "/" + count);
            }

            @Override
            public void validating(int done, int count) {
                told.add("validating " + done + "/" + count);
            }
        };
        Settings<Run> settings = settings(
                "tiny-image-ft", "train.batch=2", "train.accumulate=3", "train.epochs=1", "optim.warmup-epochs=0");
        run(
                RunJob.begin(folder.resolve("told"), settings),
                new RunJob.Watch(List.of(listener), () -> false, (done, of) -> {}, ""));
        assertThat(told).startsWith("0/2 1/3", "0/2 2/3", "0/2 3/3", "1/2 1/3", "1/2 2/3", "1/2 3/3");
        assertThat(told).last().asString().matches("validating (\\d+)/\\1");
    }

    @Test
    void eachStepAndMeasuredItemIsTold() throws Exception {
        List<String> told = new ArrayList<>();
        Listener listener = new Listener() {
            @Override
            public void measuringFeatures(int done, int count) {
                told.add("features " + done + "/" + count);
            }

            @Override
            public void stepBegins(long step, long steps, int microBatches) {
                told.add("begins " + step + "/" + steps + " of " + microBatches);
            }

            @Override
            public void stepMade(long step, long steps, double seconds, double waited) {
                assertThat(waited).isBetween(0.0, seconds);
                told.add("made " + step + "/" + steps);
            }
        };
        Settings<Run> settings = settings(
                "tiny-image",
                "train.epochs=1",
                "optim.warmup-epochs=0",
                "report.features-every=1",
                "report.features=2",
                "report.pictures-every=0");
        run(
                RunJob.begin(folder.resolve("told"), settings),
                new RunJob.Watch(List.of(listener), () -> false, (done, of) -> {}, ""));
        List<String> measured = List.of("features 0/2", "features 1/2", "features 2/2", "features 2/2");
        List<String> all = new ArrayList<>(measured);
        all.addAll(List.of("begins 0/2 of 1", "made 1/2", "begins 1/2 of 1", "made 2/2"));
        all.addAll(measured);
        assertThat(told).isEqualTo(all);
    }

    private Path stopped(String recipe) throws Exception {
        Path place = folder.resolve("stopped");
        run(RunJob.begin(place, settings(recipe)), stoppingAfter(1, List.of()));
        return place;
    }

    // ---- what is refused before anything is made ---------------------------------------------------------------

    @Test
    void aFolderThatIsInUseIsRefused() throws Exception {
        Path place = stopped("tiny-image");
        assertThatThrownBy(() -> RunJob.begin(place, settings("tiny-image")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(place.toString());
    }

    @Test
    void whereThereIsNoRunNoneGoesOn() {
        Path nothing = folder.resolve("nothing");
        assertThatThrownBy(() -> RunJob.resume(nothing))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("nothing");
        assertThat(nothing).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            train.batch=60 | 12 samples do not fill one step of 60
            train.device=cuda:7 | cuda:7
            data.path=nowhere | nowhere
            """)
    void whatCannotBeginIsRefusedAndLeavesNothing(String assignment, String message) {
        Path place = folder.resolve("run");
        assertThatThrownBy(() -> RunJob.begin(place, settings("tiny-image", assignment)))
                .hasMessageContaining(message);
        assertThat(place).doesNotExist();
    }
}
