package maskfeat.run;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import maskfeat.data.Batch;
import maskfeat.data.Dataset;
import maskfeat.data.Item;
import maskfeat.data.Sample;
import maskfeat.data.StillImage;
import maskfeat.feature.TeacherTarget;
import maskfeat.golden.GoldenDir;
import maskfeat.infer.Inference;
import maskfeat.media.MediaSource;
import maskfeat.model.MaskFeat;
import maskfeat.network.Head;
import maskfeat.network.OpenedWeights;
import maskfeat.network.Targets;
import maskfeat.report.MetricsFile;
import maskfeat.sample.SampleSet;
import maskfeat.settings.Settings;
import maskfeat.task.MaskedPrediction;
import maskfeat.task.Reconstruction;
import maskfeat.torch.Devices;
import maskfeat.train.RunFolder;
import maskfeat.train.Trainer;
import maskfeat.weights.TensorFile;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pre-training on what a frozen network says, and on several targets at once, from settings to weights and pictures. */
class TeacherTrainingTest {
    @TempDir
    private static Path made = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    private static Path images = Path.of("");
    private static Path clips = Path.of("");
    private static Path classifier = Path.of("");
    private static Path maps = Path.of("");

    @BeforeAll
    static void make() throws Exception {
        SampleSet.write(made.resolve("set"), SampleSet.Size.TINY);
        images = made.resolve("set/images");
        clips = made.resolve("set/clips");
        maps = maps(made.resolve("maps"));
        classifier = made.resolve("classifier");
        RunJob.begin(
                        classifier,
                        Recipes.BOOK
                                .settings("tiny-image-ft")
                                .set("data.path=" + images)
                                .set("train.epochs=1"))
                .run();
    }

    /** A file for each image, of the same content. */
    private static Path maps(Path folder) throws IOException {
        for (Item item : Dataset.open(images, new StillImage()).items()) {
            Path map = map(folder, item);
            Files.createDirectories(requireNonNull(map.getParent()));
            Files.copy(GoldenDir.resource("/label-maps/map.pt"), map, StandardCopyOption.REPLACE_EXISTING);
        }
        return folder;
    }

    /** Where the map of an image is: {@code class/name.pt}. */
    private static Path map(Path folder, Item item) {
        int names = item.file().getNameCount();
        String name = item.file().getName(names - 1).toString();
        return folder.resolve(item.file().getName(names - 2).toString())
                .resolve(name.substring(0, name.indexOf('.')) + ".pt");
    }

    private static Settings<Run> settings(String recipe, Path data, String... assignments) {
        Settings<Run> settings =
                Runs.settings(recipe, "data.path=" + data, "train.epochs=3", "report.pictures-every=100");
        for (String assignment : assignments) {
            settings = settings.set(assignment);
        }
        return settings;
    }

    private static String[] target(String kind) {
        return switch (kind) {
            case "features", "pseudo-labels" ->
                new String[] {"task.target.kind=" + kind, "task.target.teacher.file=" + classifier};
            case "tokens" ->
                new String[] {
                    "task.target.kind=tokens",
                    "task.target.teacher.file=" + GoldenDir.path().resolve("dvae/encoder_zip.pkl")
                };
            case "larger" ->
                new String[] {
                    "task.target.kind=features", "task.target.teacher.file=" + classifier, "task.target.teacher.side=64"
                };
            case "maps" ->
                new String[] {
                    "task.target.kind=pseudo-labels", "task.target.maps.folder=" + maps, "task.target.maps.classes=60"
                };
            case "several" ->
                new String[] {
                    "task.target.kind=both",
                    "task.target.second.kind=both",
                    "task.target.second.second.kind=features",
                    "task.target.second.second.teacher.file=" + classifier,
                    "task.target.second-weight=0.5"
                };
            default -> throw new IllegalArgumentException(kind);
        };
    }

    private static Map<String, float[]> weights(Path run) throws IOException {
        try (PointerScope scope = new PointerScope()) {
            Map<String, float[]> values = new TreeMap<>();
            for (Map.Entry<String, Tensor> tensor :
                    TensorFile.read(run.resolve("model.safetensors")).entrySet()) {
                values.put(tensor.getKey(), maskfeat.torch.Arrays.floats(tensor.getValue()));
            }
            return values;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"features", "larger", "pseudo-labels", "maps", "tokens", "several"})
    void learnsAndGoesOnExactly(String kind) throws Exception {
        Path whole = folder.resolve("whole");
        RunJob.begin(whole, settings("tiny-image", images, target(kind))).run();
        List<Map<String, Double>> rows =
                List.copyOf(MetricsFile.read(whole.resolve("metrics.jsonl")).values());
        Map<String, Double> last = rows.get(rows.size() - 1);
        assertThat(last.get("train/loss")).isFinite().isLessThan(rows.get(0).getOrDefault("train/loss", Double.NaN));
        String measure = switch (kind) {
            case "features", "larger" -> "train/cosine";
            case "pseudo-labels", "maps" -> "train/label_accuracy";
            case "tokens" -> "train/token_accuracy";
            default -> "train/loss_features";
        };
        assertThat(last).containsKey(measure);
        boolean taught = !kind.equals("maps"); // files are read on other threads
        assertThat(last.containsKey("time/teacher_share")).isEqualTo(taught);
        assertThat(last.getOrDefault("time/teacher_share", 0.5))
                .isGreaterThan(0)
                .isLessThan(1);
        assertThat(Files.readString(whole.resolve("report.html")).contains("Share of time in frozen networks"))
                .isEqualTo(taught);
        assertThat(whole.resolve("pictures/step-00000000.png")).isNotEmptyFile();
        assertThat(whole.resolve("report.html")).content().contains(" parameters", "teacher");
        try (OpenedWeights opened = OpenedWeights.open(whole)) {
            Head.Prediction head = (Head.Prediction) opened.spec().head();
            head.target().parts().stream()
                    .map(part -> part.target())
                    .filter(part -> part instanceof TeacherTarget of && of.hasNetwork())
                    .forEach(each -> {
                        assertThat(((TeacherTarget) each).teacher().width()).isPositive();
                        assertThat(((TeacherTarget) each).teacher().sha256()).hasSize(64);
                    });
        }
        Path place = folder.resolve("stopped");
        AtomicInteger asked = new AtomicInteger();
        RunJob job = RunJob.begin(place, settings("tiny-image", images, target(kind)));
        try (RunFolder run = job.folder()) {
            RunJob.Watch watch = new RunJob.Watch(
                    List.of(), () -> asked.incrementAndGet() >= 3, (done, of) -> {}, "maskfeat pretrain --out here");
            assertThat(job.run(run, watch).ending()).isEqualTo(Trainer.Ending.STOPPED);
        }
        assertThat(RunJob.resume(place).run().ending()).isEqualTo(Trainer.Ending.DONE);
        assertThat(weights(place)).usingRecursiveComparison().isEqualTo(weights(whole));
    }

    /** Once more what training computed: the loss of each target alone, of the same picture and mask. */
    @ParameterizedTest
    @ValueSource(strings = {"tiny-image", "tiny-video"})
    void whatTeachersSaidIsDrawnAfterTheRun(String recipe) throws Exception {
        Path place = folder.resolve("run");
        boolean still = recipe.equals("tiny-image");
        RunJob.begin(
                        place,
                        settings(
                                recipe,
                                still ? images : clips,
                                "train.epochs=1",
                                "report.pictures=2",
                                "task.target.kind=both",
                                "task.target.first.kind=tokens",
                                "task.target.first.teacher.file="
                                        + GoldenDir.path().resolve("dvae/encoder_zip.pkl"),
                                "task.target.second.kind=both",
                                "task.target.second.second.kind=pseudo-labels",
                                "task.target.second.second.teacher.file=" + classifier))
                .run();
        try (Stream<Path> files = Files.walk(still ? images : clips);
                OpenedWeights opened = OpenedWeights.open(place);
                FrozenTeachers teachers = FrozenTeachers.again(opened, Devices.named("cpu"));
                MaskFeat model = opened.maskFeat("cpu");
                Inference network = Inference.of(opened, "cpu");
                PointerScope scope = new PointerScope()) {
            Path file = files.filter(each -> each.toString().matches(".*\\.(jpg|png|mp4)"))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
            List<Reconstruction> drawn = network.reconstruct(MediaSource.of(file), 3, 0, teachers.byTarget());
            assertThat(drawn).extracting(Reconstruction::name).containsExactly("tokens", "hog", "pseudo-labels");
            Targets targets = opened.prediction()
                    .targets(opened.spec().input(), opened.spec().backbone());
            MaskedPrediction task = new MaskedPrediction(
                    model, opened.spec().input().normalize(), targets, teachers.byTarget(), Devices.named("cpu"));
            for (Reconstruction each : drawn) {
                Map<String, Double> losses = task.loss(new Batch<>(0, 0, List.of(new Sample<>(0, each.clip()))))
                        .extra();
                assertThat(each.loss())
                        .isCloseTo(losses.getOrDefault("train/loss_" + each.name(), Double.NaN), within(1e-4));
                assertThat(each.target())
                        .hasSameSizeAs(each.prediction())
                        .hasSize(targets.maskGrid().t());
            }
            assertThat(drawn.get(0).clip().view(0))
                    .as("the crop that the tokenizer sees")
                    .isPresent();
            Drawing all = new Drawing(List.of(new Drawing.Named("a", drawn)));
            assertThat(all.byTarget()).containsOnlyKeys("tokens", "hog", "pseudo-labels");
            int height = all.byTarget().values().stream()
                    .mapToInt(each -> each.sheet().getHeight())
                    .sum();
            assertThat(all.sheet().getHeight()).isCloseTo(height, within(3 * 20));
        }
    }

    @Test
    void aTeacherThatIsGoneOrAnotherIsNotDrawnWith() throws Exception {
        Path teacher = folder.resolve("teacher.safetensors");
        Files.copy(classifier.resolve("model.safetensors"), teacher);
        Path place = folder.resolve("run");
        RunJob.begin(
                        place,
                        settings(
                                "tiny-image",
                                images,
                                "train.epochs=1",
                                "task.target.kind=features",
                                "task.target.teacher.file="
                                        + Path.of("").toAbsolutePath().relativize(teacher)))
                .run();
        try (OpenedWeights opened = OpenedWeights.open(place)) {
            TeacherTarget known =
                    (TeacherTarget) opened.prediction().target().parts().get(0).target();
            // Weights are looked at from other folders than the one in which they were made.
            assertThat(known.teacher().file()).isAbsolute();
            Files.write(teacher, new byte[] {0}, StandardOpenOption.APPEND);
            assertThatThrownBy(() -> FrozenTeachers.again(opened, Devices.named("cpu")))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContainingAll(
                            "teacher.safetensors: is another file", place.toString(), "SHA-256", "put that one back");
            Files.delete(teacher);
            assertThatThrownBy(() -> FrozenTeachers.again(opened, Devices.named("cpu")))
                    .isInstanceOf(NoSuchFileException.class)
                    .hasMessageContainingAll("teacher.safetensors", "no longer there", "features", "put the file back");
        }
    }

    @Test
    void videoTakesTheFirstFrameOfEachCube() throws Exception {
        Path place = folder.resolve("run");
        RunJob.begin(place, settings("tiny-video", clips, target("tokens"))).run();
        assertThat(place.resolve("pictures/step-00000000.png")).isNotEmptyFile();
        assertThat(MetricsFile.read(place.resolve("metrics.jsonl")).values())
                .allSatisfy(row -> assertThat(row.get("train/token_accuracy")).isBetween(0.0, 1.0));
    }

    @Test
    void aRunRefusesToGoOnWithAnotherTeacher() throws Exception {
        Path teacher = folder.resolve("teacher.safetensors");
        Files.copy(classifier.resolve("model.safetensors"), teacher);
        Path place = folder.resolve("run");
        AtomicInteger asked = new AtomicInteger();
        RunJob job = RunJob.begin(
                place,
                settings("tiny-image", images, "task.target.kind=features", "task.target.teacher.file=" + teacher));
        try (RunFolder run = job.folder()) {
            job.run(
                    run,
                    new RunJob.Watch(
                            List.of(), () -> asked.incrementAndGet() >= 3, (done, of) -> {}, "maskfeat pretrain"));
        }
        Path other = folder.resolve("other");
        RunJob.begin(other, settings("tiny-image-ft", images, "train.epochs=1", "seed=5"))
                .run();
        Files.delete(teacher);
        Files.copy(other.resolve("model.safetensors"), teacher);
        assertThatThrownBy(() -> RunJob.resume(place).run())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("teacher.safetensors", "has other content", "begin a new run");
        // A refusal leaves the settings as they were.
        String before = Files.readString(place.resolve("config.yaml"));
        assertThatThrownBy(() -> RunJob.resume(
                                place, settings -> settings.set("task.target.teacher.file=" + other), notice -> {})
                        .run())
                .hasMessageContaining("has other content");
        assertThat(place.resolve("config.yaml")).hasContent(before);
        // The same content in another place is the same teacher.
        Path moved = folder.resolve("moved.safetensors");
        Files.copy(classifier.resolve("model.safetensors"), moved);
        assertThat(RunJob.resume(place, settings -> settings.set("task.target.teacher.file=" + moved), notice -> {})
                        .run()
                        .ending())
                .isEqualTo(Trainer.Ending.DONE);
    }

    /** What a map that cannot be read means stands in the run's list of bad files, under the map's name. */
    @Test
    void aMapThatCannotBeReadCountsAsABadFile() throws Exception {
        Path own = maps(folder.resolve("own"));
        List<Item> items = Dataset.open(images, new StillImage()).items();
        Path map = map(own, items.get(items.size() - 1));
        Files.copy(GoldenDir.resource("/label-maps/scores.pt"), map, StandardCopyOption.REPLACE_EXISTING);
        Path place = folder.resolve("run");
        RunJob.begin(
                        place,
                        settings(
                                "tiny-image",
                                images,
                                "task.target.kind=pseudo-labels",
                                "task.target.maps.folder=" + own,
                                "task.target.maps.classes=60",
                                "data.max-bad-share=0.5"))
                .run();
        assertThat(badFiles(place)).contains(map.getName(map.getNameCount() - 1).toString(), "[5, 18, 18]");
    }

    private static String badFiles(Path place) throws IOException {
        try (Stream<Path> files = Files.list(place)) {
            for (Path file : files.toList()) {
                if (file.endsWith("bad-files.jsonl")) {
                    return Files.readString(file);
                }
            }
        }
        return "";
    }

    @Test
    void whatDoesNotFitOfMapsAndSizesIsRefused() throws Exception {
        String[] read = target("maps");
        assertThatThrownBy(() -> begin(read[0], read[1], "task.target.teacher.file=" + classifier))
                .hasMessageContainingAll("task.target.teacher", "task.target.maps.folder", "leave one of them out");
        assertThatThrownBy(() -> begin(read[0], read[1], "task.target.fit=bilinear"))
                .hasMessageContainingAll("task.target.fit does nothing");
        assertThatThrownBy(
                        () -> begin(read[0], "task.target.teacher.file=" + classifier, "task.target.maps.classes=60"))
                .hasMessageContainingAll("task.target.maps.classes", "task.target.maps.folder names none");
        assertThatThrownBy(() -> begin(read[0]))
                .hasMessageContainingAll("task.target.teacher.file", "task.target.maps.folder");
        assertThatThrownBy(() -> begin(read[0], read[1], "task.target.maps.classes=50"))
                .hasMessageContainingAll(".pt", "there are 50 classes");
        assertThatThrownBy(() -> begin(read[0], "task.target.maps.folder=" + folder.resolve("nowhere")))
                .hasMessageContainingAll("there is no such folder of maps", "task.target.maps.folder");
        Path empty = Files.createDirectories(folder.resolve("empty"));
        assertThatThrownBy(() -> begin(read[0], "task.target.maps.folder=" + empty))
                .hasMessageContainingAll("images have no map", "empty");
        assertThatThrownBy(() -> RunJob.begin(folder.resolve("run"), settings("tiny-video", clips, read))
                        .run())
                .hasMessageContainingAll("are of images", "clips");
        String[] larger = target("larger");
        for (String[] needsCrop : List.of(read, larger, target("tokens"))) {
            String[] turned = Arrays.copyOf(needsCrop, needsCrop.length + 1);
            turned[needsCrop.length] = "augment.rand.ops=2";
            assertThatThrownBy(() -> begin(turned))
                    .hasMessageContainingAll("needs the crop of the original a second time", "augment.rand=null");
        }
        String[] tokens = target("tokens");
        assertThatThrownBy(() -> begin(tokens[0], tokens[1], "task.target.teacher.side=64"))
                .hasMessageContainingAll("task.target.teacher.side is 64", "8 px a token");
        assertThatThrownBy(() -> begin(larger[0], larger[1], "task.target.teacher.side=0"))
                .hasMessageContainingAll("teacher.side", "at least 1");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @Test
    void whatDoesNotFitIsRefusedBeforeTheRunBegins() {
        assertThatThrownBy(() -> begin("task.target.kind=features"))
                .hasMessageContainingAll("task.target.teacher.file", "network whose features are predicted");
        assertThatThrownBy(() -> begin("task.target.kind=features", "task.target.teacher.file=nowhere.pth"))
                .isInstanceOfSatisfying(NoSuchFileException.class, missing -> {
                    assertThat(missing.getFile())
                            .isEqualTo(Path.of("nowhere.pth").toAbsolutePath().toString());
                    assertThat(missing.getReason())
                            .contains(
                                    "task.target.teacher.file is nowhere.pth", "from the folder in which", "absolute");
                });
        String away = folder.resolve("away.pth").toString();
        assertThatThrownBy(() -> begin("task.target.kind=features", "task.target.teacher.file=" + away))
                .isInstanceOfSatisfying(
                        NoSuchFileException.class,
                        missing -> assertThat(missing.getReason()).endsWith("task.target.teacher.file is " + away));
        Path tokenizer = GoldenDir.path().resolve("dvae/encoder_zip.pkl");
        assertThatThrownBy(() -> begin("task.target.kind=features", "task.target.teacher.file=" + tokenizer))
                .hasMessageContainingAll("encoder_zip.pkl is a tokenizer", "kind tokens");
        assertThatThrownBy(() -> begin("task.target.kind=tokens", "task.target.teacher.file=" + classifier))
                .hasMessageContainingAll("is no tokenizer", "DALL-E");
        assertThatThrownBy(() -> begin("task.target.kind=pseudo-labels", "task.target.teacher.file=" + tokenizer))
                .hasMessageContainingAll("is no classifier", "kind features");
        assertThatThrownBy(() -> begin(
                        "task.target.kind=features",
                        "task.target.teacher.file=" + GoldenDir.path().resolve("dvae/MALICIOUS_encoder.pkl")))
                .hasMessageContaining("posix.system");
        String file = "task.target.teacher.file=" + classifier;
        assertThatThrownBy(() -> begin("task.target.kind=features", file, "task.target.teacher.width=5"))
                .hasMessageContainingAll("teacher.width is 5", "32 numbers", "leave the setting out");
        assertThatThrownBy(() -> begin("task.target.kind=features", file, "task.target.teacher.sha256=abc"))
                .hasMessageContainingAll("sha256 is abc", "another file");
        assertThatThrownBy(() -> begin("task.target.kind=both", "task.target.first-weight=0"))
                .hasMessageContainingAll("first-weight", "above 0");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    /** One of several targets is named by where it stands. */
    @Test
    void settingsOfATargetAmongOthersAreNamedByTheirPlace() {
        String[] two = {
            "task.target.kind=both", "task.target.second.kind=both", "task.target.second.first.kind=features"
        };
        assertThatThrownBy(() -> begin(two)).hasMessageContaining("task.target.second.first.teacher.file must name");
        Path tokenizer = GoldenDir.path().resolve("dvae/encoder_zip.pkl");
        assertThatThrownBy(() -> begin(
                        "task.target.kind=both",
                        "task.target.first.kind=features",
                        "task.target.first.teacher.file=" + classifier,
                        "task.target.second.kind=features",
                        "task.target.second.teacher.file=" + tokenizer))
                .hasMessageContaining("take task.target.second.kind tokens");
        assertThatThrownBy(() -> begin(
                        "task.target.kind=both",
                        "task.target.first.kind=features",
                        "task.target.first.teacher.file=" + classifier,
                        "task.target.first.teacher.width=5"))
                .hasMessageContaining("task.target.first.teacher.width is 5");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    /** On the page and in the numbers. */
    @Test
    void targetsOfOneKindAreToldApart() throws Exception {
        Path other = folder.resolve("other");
        Files.createDirectories(other);
        Files.copy(classifier.resolve("model.safetensors"), other.resolve("model.safetensors"));
        begin(
                "train.epochs=1",
                "task.target.kind=both",
                "task.target.first.kind=features",
                "task.target.first.teacher.file=" + classifier,
                "task.target.second.kind=features",
                "task.target.second.teacher.file=" + other);
        Path run = folder.resolve("run");
        String numbers = "32 numbers (features of " + classifier.toAbsolutePath() + ") and 32 numbers (features_2 of "
                + other.toAbsolutePath() + ")";
        assertThat(Files.readString(run.resolve("report.html")))
                .contains(numbers)
                .containsPattern("<dt>teacher</dt><dd>features of ")
                .containsPattern("<dt>teacher</dt><dd>features_2 of ");
        assertThat(Files.readString(run.resolve("metrics.jsonl")))
                .contains("train/loss_features\"", "train/loss_features_2\"");
    }

    private void begin(String... assignments) throws Exception {
        RunJob.begin(folder.resolve("run"), settings("tiny-image", images, assignments))
                .run();
    }
}
