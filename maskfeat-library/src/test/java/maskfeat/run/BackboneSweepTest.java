package maskfeat.run;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import maskfeat.infer.Inference;
import maskfeat.media.MediaSource;
import maskfeat.model.Backbone;
import maskfeat.model.Classifier;
import maskfeat.model.Mvit;
import maskfeat.model.Vit;
import maskfeat.network.OpenedWeights;
import maskfeat.nn.Layer;
import maskfeat.onnx.OnnxExport;
import maskfeat.onnx.OnnxFile;
import maskfeat.report.MetricsFile;
import maskfeat.settings.Settings;
import maskfeat.settings.SettingsException;
import maskfeat.weights.TensorFile;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every backbone there is does all that a backbone is for: trains, is saved, loaded, embeds, is fine-tuned, exported. */
class BackboneSweepTest {
    /**
     * What makes a backbone small enough for a test, beyond its {@code defaults()}.
     *
     * @param settings of the model
     * @param ofImages what it needs besides to read images of 32 px; empty if it reads none
     * @param ofClips what it needs besides to read clips of four such frames; empty if it reads none
     */
    private record Small(List<String> settings, Optional<List<String>> ofImages, Optional<List<String>> ofClips) {}

    private static final Map<Class<?>, Small> SMALL = Map.of(
            Vit.Config.class,
            new Small(
                    List.of("patch=8", "dim=8", "depth=2", "heads=2"),
                    Optional.of(List.of()),
                    Optional.of(List.of("cube-frames=2"))),
            Mvit.Config.class,
            new Small(
                    List.of("dim=8", "heads=1", "stages=[1, 1]", "kv-stride=2", "pool-last-stage=true"),
                    Optional.empty(),
                    Optional.of(List.of())));

    @TempDir
    private static Path data = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void make() throws IOException {
        PatternData.write(data);
    }

    private static Small small(Class<?> config) {
        assertThat(SMALL)
                .as("a backbone that this test does not know: add to SMALL which settings make " + config.getName()
                        + " tiny")
                .containsKey(config);
        return requireNonNull(SMALL.get(config));
    }

    static List<Arguments> all() {
        List<Arguments> all = new ArrayList<>();
        for (Class<?> config : Backbone.Config.class.getPermittedSubclasses()) {
            all.add(Arguments.of(config, true));
            all.add(Arguments.of(config, false));
        }
        return all;
    }

    private static String kind(Class<?> config) {
        return config.getAnnotation(JsonTypeName.class).value();
    }

    private static Settings<Run> settings(String recipe, Class<?> config, List<String> ofData) {
        Settings<Run> settings = Recipes.BOOK.settings(recipe).set("model.kind=" + kind(config));
        for (String setting : small(config).settings) {
            settings = settings.set("model." + setting);
        }
        for (String setting : ofData) {
            settings = settings.set("model." + setting);
        }
        return settings.set("train.epochs=1")
                .set("train.accumulate=1")
                .set("optim.warmup-epochs=0")
                .set("report.pictures-every=0");
    }

    @ParameterizedTest
    @MethodSource("all")
    void trainsIsSavedLoadedEmbedsIsFineTunedAndExported(Class<?> config, boolean images) throws Exception {
        Optional<List<String>> fits = images ? small(config).ofImages : small(config).ofClips;
        String recipe = images ? "tiny-image" : "tiny-video";
        if (fits.isEmpty()) {
            assertThatThrownBy(() -> settings(recipe, config, List.of()).value())
                    .isInstanceOf(SettingsException.class)
                    .hasMessageContaining("1 frames does not divide into cubes");
            return;
        }
        Path source = data.resolve(images ? "images/train" : "clips");
        Path item = images ? source.resolve("rings/0.png") : source.resolve("0");
        Settings<Run> settings =
                settings(recipe, config, fits.get()).set("data.path=" + source).set("train.batch=" + (images ? 6 : 4));
        Run run = settings.value();
        assertThat(run.model()).isInstanceOf(config);

        // Trains two steps, and is saved.
        Path place = folder.resolve("run");
        RunJob.begin(place, settings).run();
        assertThat(MetricsFile.read(place.resolve("metrics.jsonl"))).containsOnlyKeys(1L, 2L);
        assertMoved(place, run);

        // Is loaded, and embeds.
        try (Inference network = Inference.open(place, "cpu")) {
            assertThat(network.spec()).isEqualTo(Runs.spec(run));
            float[] features = network.features(item);
            assertThat(features).doesNotContain(Float.NaN).hasSizeGreaterThanOrEqualTo(8);
            assertThat(network.features(item)).isEqualTo(features);
            assertThat(network.features(item.resolveSibling(images ? "1.png" : "1")))
                    .isNotEqualTo(features);
        }

        // Reconstructs what is hidden.
        try (OpenedWeights weights = OpenedWeights.open(place);
                Inference network = Inference.of(weights, "cpu")) {
            assertThat(network.reconstruct(MediaSource.of(item), 0, 0).get(0).loss())
                    .isPositive()
                    .isFinite();
        }

        if (images) {
            fineTunes(place, config, fits.get(), item);
        }
        exports(place, config);
    }

    private static void assertMoved(Path place, Run run) throws IOException {
        try (PointerScope scope = new PointerScope();
                Layer untrained = Runs.spec(run).build(run.seed(), new Device("cpu"))) {
            Map<String, Tensor> trained = TensorFile.read(place.resolve("model.safetensors"));
            assertThat(trained.keySet()).isEqualTo(untrained.parameters().keySet());
            long same = untrained.parameters().entrySet().stream()
                    .filter(entry -> requireNonNull(trained.get(entry.getKey())).equal(entry.getValue()))
                    .count();
            assertThat(same).as("parameters that did not move").isZero();
        }
    }

    private void fineTunes(Path pretrained, Class<?> config, List<String> ofData, Path item) throws Exception {
        Path place = folder.resolve("classifier");
        RunJob.begin(
                        place,
                        settings("tiny-image-ft", config, ofData)
                                .set("from=" + pretrained)
                                .set("data.path=" + data.resolve("images"))
                                .set("train.batch=6"))
                .run();
        try (Inference network = Inference.open(place, "cpu")) {
            assertThat(network.classes()).containsExactly("rings", "stripes");
            float[] scores = network.scores(item);
            assertThat(scores[0] + scores[1]).isCloseTo(1, within(1e-5f));
        }
        exports(place, config);
    }

    /** As ONNX, or is refused by name. */
    private static void exports(Path place, Class<?> config) throws IOException {
        Path file = place.resolve("network.onnx");
        try (OpenedWeights weights = OpenedWeights.open(place)) {
            OnnxExport.Options options =
                    OnnxExport.Options.describedBy(weights.spec().description());
            OnnxFile written;
            if (weights.isClassifier()) {
                try (Classifier network = weights.classifier("cpu")) {
                    written = OnnxExport.classifier(file, network, options);
                }
            } else {
                try (Backbone network = weights.backbone("cpu")) {
                    written = OnnxExport.encoder(file, network, options);
                }
            }
            assertThat(file).hasSize(written.bytes());
            assertThat(written.outputs()).hasSize(2);
        } catch (IllegalArgumentException refused) {
            assertThat(refused)
                    .hasMessageContaining(
                            requireNonNull(config.getEnclosingClass()).getSimpleName());
            assertThat(file).doesNotExist();
        }
    }
}
