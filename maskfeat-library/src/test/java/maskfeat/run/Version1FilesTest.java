package maskfeat.run;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import maskfeat.disk.AtomicFile;
import maskfeat.infer.Inference;
import maskfeat.network.NetworkSpec;
import maskfeat.network.OpenedWeights;
import maskfeat.settings.Settings;
import maskfeat.torch.Arrays;
import maskfeat.train.Trainer;
import maskfeat.weights.Safetensors;
import maskfeat.weights.TensorFile;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the program wrote at commit b3ddfc0 opens, says the same and goes on. See {@code version1/README.md} among the resources.
 */
class Version1FilesTest {
    private static final Path FILES = folder();

    /** Of values up to 4: other kernels sum in another order. */
    private static final Offset<Float> ROUNDING = Offset.offset(2e-5f);

    /**
     * Of weights after at most 30 steps. With the same kernels they are the same bits; with others the first steps differ by
     * rounding, and later ones by what that grew to. Those of another seed differ by more than ten times as much.
     */
    private static final double AFTER_TRAINING = 2e-4;

    /** Of settings. Descriptions of networks have not changed since version 6. */
    private static final int TODAY = RunFormat.FORMAT.version();

    private static final int NETWORKS = 6;

    private static final List<String> RUNS = List.of("pretrain-images", "pretrain-clips", "finetune-images");

    @TempDir
    private Path temp = Path.of("");

    private static Path folder() {
        try {
            return Path.of(requireNonNull(Version1FilesTest.class.getResource("/version1"))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static Stream<String> runs() {
        return RUNS.stream();
    }

    /** Those that version 1 had. */
    static Stream<String> recipes() throws IOException {
        try (Stream<Path> files = Files.list(FILES.resolve("configs"))) {
            return files.map(file -> file.getFileName().toString().replace(".yaml", "")).toList().stream();
        }
    }

    private static Path weights(String run) {
        return FILES.resolve("results/" + run + ".safetensors");
    }

    // ---- weights -----------------------------------------------------------------------------------------------

    @ParameterizedTest
    @MethodSource("runs")
    void weightsSayWhatNetworkTheyAreFor(String run) throws IOException {
        for (Path file : List.of(weights(run), FILES.resolve("runs").resolve(run))) {
            try (OpenedWeights weights = OpenedWeights.open(file)) {
                NetworkSpec spec = weights.spec();
                assertThat(spec).isEqualTo(expected(run));
                assertThat(spec.backbone().mlpRatio()).isEqualTo(4);
                assertThat(spec.shapes()).isEqualTo(shapes(weights));
            }
        }
    }

    private static NetworkSpec expected(String run) {
        String[] small = {"model.dim=4", "model.heads=1"};
        return switch (run) {
            case "pretrain-images" -> Runs.spec(Runs.run("tiny-image", small));
            case "pretrain-clips" -> Runs.spec(Runs.run("tiny-video", small));
            default -> Runs.spec(Runs.run("tiny-image-ft", small), List.of("rings", "stripes"));
        };
    }

    private static Map<String, List<Long>> shapes(OpenedWeights weights) {
        Map<String, List<Long>> shapes = new TreeMap<>();
        weights.tensors().entries().forEach((name, entry) -> shapes.put(name, entry.shape()));
        return shapes;
    }

    @ParameterizedTest
    @MethodSource("runs")
    void featuresAreWhatTheyWere(String run) throws IOException {
        PatternData.write(temp.resolve("data"));
        try (Inference network = Inference.open(weights(run), "cpu")) {
            for (List<String> row : rows(run + ".features.csv")) {
                assertThat(network.features(temp.resolve("data").resolve(row.get(0))))
                        .as(row.get(0))
                        .containsExactly(numbers(row), ROUNDING);
            }
        }
    }

    @Test
    void scoresAreWhatTheyWere() throws IOException {
        PatternData.write(temp.resolve("data"));
        try (Inference network = Inference.open(weights("finetune-images"), "cpu")) {
            assertThat(network.classes()).containsExactly("rings", "stripes");
            for (List<String> row : rows("finetune-images.scores.csv")) {
                assertThat(network.scores(temp.resolve("data").resolve(row.get(0))))
                        .as(row.get(0))
                        .containsExactly(numbers(row), ROUNDING);
            }
        }
    }

    private static List<List<String>> rows(String file) throws IOException {
        List<List<String>> rows = Files.readAllLines(FILES.resolve("results").resolve(file)).stream()
                .map(line -> List.of(line.split(",")))
                .toList();
        assertThat(rows).hasSizeGreaterThan(3);
        return rows;
    }

    private static float[] numbers(List<String> row) {
        float[] numbers = new float[row.size() - 1];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Float.parseFloat(row.get(i + 1));
        }
        return numbers;
    }

    // ---- settings ----------------------------------------------------------------------------------------------

    @ParameterizedTest
    @MethodSource("recipes")
    void whatConfigPrintedIsTheRecipeOfToday(String recipe) {
        Path file = FILES.resolve("configs/" + recipe + ".yaml");
        // Features are measured since version 9; nothing that is trained depends on it.
        Settings<Run> today = Recipes.BOOK.settings(recipe).set("report.features-every=0");
        assertThat(Settings.of(RunFormat.FORMAT, file).value()).isEqualTo(today.value());
    }

    @Test
    void theRecipesOfVersion1AreStillThere() throws IOException {
        assertThat(recipes()).hasSize(21).isSubsetOf(Recipes.BOOK.names());
    }

    /** In a run folder every key stands, and each is what it was, whatever a recipe says today. */
    @Test
    void theSettingsOfARunAreWhatTheyWere() {
        String[] all = {"seed=7", "model.dim=4", "model.heads=1", "checkpoint.keep=1", "report.pictures-every=0"};
        assertThat(settings("pretrain-images").value())
                .isEqualTo(with(
                        Runs.settings("tiny-image", all),
                        "data.path=data/images/train",
                        "train.epochs=16",
                        "train.batch=4",
                        "train.accumulate=2"));
        assertThat(settings("pretrain-clips").value())
                .isEqualTo(with(
                        Runs.settings("tiny-video", all),
                        "data.path=data/clips",
                        "train.epochs=16",
                        "train.batch=2",
                        "train.accumulate=2"));
        assertThat(settings("finetune-images").value())
                .isEqualTo(with(
                        Runs.settings("tiny-image-ft", all),
                        "from=runs/pretrain-images",
                        "data.path=data/images/train",
                        "data.labels.validation=data/images/train",
                        "optim.lr=0.1",
                        "optim.ema=0.5",
                        "train.epochs=20",
                        "train.batch=4",
                        "train.accumulate=2",
                        "validate.metric=loss"));
    }

    private static Run with(Settings<Run> settings, String... assignments) {
        Settings<Run> changed = settings;
        for (String assignment : assignments) {
            changed = changed.set(assignment);
        }
        return changed.value();
    }

    private static Settings<Run> settings(String run) {
        return Settings.of(RunFormat.FORMAT, FILES.resolve("runs").resolve(run).resolve("config.yaml"));
    }

    // ---- runs --------------------------------------------------------------------------------------------------

    /** A copy, since what goes on writes. */
    private Path copy(String run) throws IOException {
        Path from = FILES.resolve("runs").resolve(run);
        Path to = temp.resolve(run);
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy);
                }
            }
        }
        return to;
    }

    private RunJob resume(Path run) throws IOException {
        Run before = Settings.of(RunFormat.FORMAT, run.resolve("config.yaml")).value();
        return RunJob.resume(
                run,
                settings -> {
                    Settings<Run> moved = settings.set(
                            "data.path=" + temp.resolve(before.data().path()));
                    Run.Labels labels = before.data().labels();
                    return labels == null
                            ? moved
                            : moved.set("data.labels.validation=" + temp.resolve(labels.validation()));
                },
                notice -> {});
    }

    @ParameterizedTest
    @MethodSource("runs")
    void aStoppedRunGoesOnToTheSameEnd(String run) throws Exception {
        PatternData.write(temp.resolve("data"));
        Path place = copy(run);

        RunJob.Outcome outcome = resume(place).run();

        assertThat(outcome.ending()).isEqualTo(Trainer.Ending.DONE);
        Path result = place.resolve("model.safetensors");
        assertThat(differences(result, weights(run)))
                .allSatisfy((name, difference) -> assertThat(difference).isLessThan(AFTER_TRAINING));
        // What it writes now is of today.
        assertThat(Files.readString(place.resolve("config.yaml")))
                .startsWith("version: " + RunFormat.FORMAT.version() + "\n");
        try (OpenedWeights weights = OpenedWeights.open(result)) {
            assertThat(weights.spec()).isEqualTo(expected(run));
            assertThat(weights.tensors().metadata().get("maskfeat")).startsWith("{\"version\":" + NETWORKS + ",");
        }
        assertThat(FinishedRun.read(place).facts()).containsEntry("ended", "complete");
    }

    /** What the test above would find of a run that went another way. */
    @ParameterizedTest
    @MethodSource("runs")
    void aRunOfAnotherSeedEndsElsewhere(String run) throws Exception {
        PatternData.write(temp.resolve("data"));
        Path place = copy(run);
        Path config = place.resolve("config.yaml");
        Files.writeString(config, Files.readString(config).replace("seed: 7 ", "seed: 8 "));
        resume(place).run();
        double largest = Collections.max(
                differences(place.resolve("model.safetensors"), weights(run)).values());
        assertThat(largest).isGreaterThan(10 * AFTER_TRAINING);
    }

    private static Map<String, Double> differences(Path a, Path b) throws IOException {
        Map<String, Double> differences = new TreeMap<>();
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> left = TensorFile.read(a);
            Map<String, Tensor> right = TensorFile.read(b);
            assertThat(left.keySet()).isEqualTo(right.keySet());
            left.forEach((name, tensor) -> differences.put(name, difference(tensor, requireNonNull(right.get(name)))));
        }
        return differences;
    }

    /** Root of the mean square. */
    private static double difference(Tensor a, Tensor b) {
        float[] left = Arrays.floats(a);
        float[] right = Arrays.floats(b);
        double squares = 0;
        for (int i = 0; i < left.length; i++) {
            squares += (left[i] - right[i]) * (double) (left[i] - right[i]);
        }
        return Math.sqrt(squares / left.length);
    }

    @Test
    void aFolderWithoutAnEndIsReadForComparison() throws IOException {
        FinishedRun run = FinishedRun.read(FILES.resolve("runs/finetune-images"));
        assertThat(run.kind()).isEqualTo("finetune");
        assertThat(run.figures()).containsKeys("train/loss", "val/top1", "val/loss");
        assertThat(run.settings()).containsEntry("train.accumulate", "2").containsEntry("task.kind", "classify");
    }

    @Test
    void aResultIsRead() throws IOException {
        RunResult result = RunResult.read(FILES.resolve("results/finetune-images.json"));
        assertThat(result.kind()).isEqualTo("finetune");
        assertThat(result.figures()).containsEntry("val/top1", 50.0).hasSize(5);
        assertThat(result.facts()).containsEntry("recipe", "tiny-image-ft");
    }

    // ---- of another version ------------------------------------------------------------------------------------

    @Test
    void filesOfANewerVersionAreRefusedByNameAndVersion() throws Exception {
        PatternData.write(temp.resolve("data"));
        Path run = copy("pretrain-images");
        Path config = run.resolve("config.yaml");
        String settings = Files.readString(config);
        Files.writeString(config, "version: " + (TODAY + 1) + "\n" + settings);
        assertThatThrownBy(() -> RunJob.resume(run))
                .hasMessageContainingAll(config.toString(), "version " + (TODAY + 1), "up to version " + TODAY);
        Files.writeString(config, settings);

        Path result = Files.writeString(run.resolve("result.json"), "{\"version\": 2, \"kind\": \"x\"}");
        assertThatThrownBy(() -> RunResult.read(result)).hasMessageContainingAll(result.toString(), "version 2");
        Files.delete(result);

        Path metrics = run.resolve("metrics.jsonl");
        String rows = Files.readString(metrics);
        Files.writeString(metrics, "{\"step\": 1, \"version\": 2}\n" + rows);
        assertThatThrownBy(() -> resume(run).run()).hasMessageContainingAll(metrics.toString(), "version 2");
        Files.writeString(metrics, rows);

        Path newer = temp.resolve("newer.safetensors");
        try (OpenedWeights weights = OpenedWeights.open(weights("pretrain-images"))) {
            Map<String, String> metadata = new TreeMap<>(weights.spec().metadata());
            metadata.compute(
                    "maskfeat",
                    (key, json) -> requireNonNull(json)
                            .replace("{\"version\":" + NETWORKS + ",", "{\"version\":" + (NETWORKS + 1) + ","));
            AtomicFile.write(newer, Safetensors.content(metadata, List.of()));
        }
        assertThatThrownBy(() -> OpenedWeights.open(newer))
                .hasMessageContainingAll(newer.toString(), "version " + (NETWORKS + 1), "up to version " + NETWORKS);
    }
}
