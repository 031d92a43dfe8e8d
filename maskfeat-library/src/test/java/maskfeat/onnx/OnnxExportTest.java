package maskfeat.onnx;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import maskfeat.golden.GoldenDir;
import maskfeat.model.Backbone;
import maskfeat.model.Classifier;
import maskfeat.model.ClipSize;
import maskfeat.model.Features;
import maskfeat.model.GoldenClassifier;
import maskfeat.model.Mvit;
import maskfeat.model.Vit;
import maskfeat.nn.Init;
import maskfeat.torch.Arrays;
import maskfeat.torch.RandomTensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The numbers that ONNX Runtime computes from a file are those of the network that was written. */
class OnnxExportTest {
    private static final int CLASSES = 5;
    /** Of the largest number, or of 1. */
    private static final double TOLERANCE = 1e-5;

    private static final OnnxExport.Options PLAIN = OnnxExport.Options.describedBy(Map.of());

    @TempDir
    private Path folder = Path.of("");

    private static Classifier network(Backbone.Config config, ClipSize size, Classifier.Pooling pooling) {
        try (PointerScope scope = new PointerScope();
                Init init = new Init(4)) {
            Classifier network =
                    new Classifier(config.build(size, init), new Classifier.Head(pooling, 0.5), CLASSES, init);
            // Far from first values, with which every softmax is even and every mistake small.
            RandomTensors.addNoise(network.parameters(), 0.3, 6);
            network.train(false);
            return network;
        }
    }

    private static Mvit.Config mvit(int dim, int heads, List<Integer> stages, int kvStride, String switches) {
        return new Mvit.Config(
                dim,
                heads,
                stages,
                kvStride,
                switches.contains("pool"),
                switches.contains("widen"),
                switches.contains("class"),
                4,
                stages.equals(List.of(1)) ? 0 : 0.2);
    }

    static Stream<Arguments> networks() {
        return Stream.of(
                Arguments.of(new Vit.Config(8, 1, 12, 3, 3, 4, 0.1), ClipSize.image(24)),
                Arguments.of(new Vit.Config(8, 1, 16, 2, 1, 4, 0), new ClipSize(1, 16, 32)),
                Arguments.of(new Vit.Config(8, 2, 16, 2, 2, 4, 0), new ClipSize(4, 16, 24)),
                Arguments.of(new Vit.Config(8, 1, 16, 2, 2, 4, 0), new ClipSize(3, 16, 16)),
                Arguments.of(new Vit.Config(8, 1, 12, 2, 3, 3, 0), ClipSize.image(16)),
                Arguments.of(new Mvit.Config(8, 1, List.of(1, 2), 4, true, false, true, 3, 0), ClipSize.square(2, 32)),
                Arguments.of(mvit(8, 1, List.of(1), 2, "class"), ClipSize.square(2, 16)),
                Arguments.of(mvit(8, 2, List.of(1, 1), 8, "class"), ClipSize.square(4, 32)),
                Arguments.of(mvit(8, 1, List.of(1, 2, 1, 1), 8, "pool class"), ClipSize.square(2, 64)),
                Arguments.of(mvit(6, 1, List.of(1, 1, 2), 4, "widen pool class"), ClipSize.square(2, 48)),
                Arguments.of(mvit(12, 3, List.of(2, 1), 4, "widen"), ClipSize.square(2, 24)),
                Arguments.of(mvit(8, 2, List.of(1, 2, 1), 8, "pool"), ClipSize.square(6, 16)),
                // Sides that do not divide evenly: tables of positions are shorter than the distances
                Arguments.of(mvit(8, 2, List.of(1, 2, 1), 8, "pool class"), new ClipSize(4, 44, 36)),
                Arguments.of(mvit(8, 1, List.of(1, 1, 1, 1), 8, "pool widen"), new ClipSize(2, 44, 60)));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void aClassifierAndTheEncoderUnderItSayTheSame(Backbone.Config config, ClipSize size)
            throws IOException, OrtException {
        Path whole = folder.resolve("classifier.onnx");
        Path under = folder.resolve("encoder.onnx");
        try (Classifier network = network(config, size, Classifier.Pooling.MEAN);
                PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            OnnxExport.classifier(whole, network, PLAIN);
            assertSays(whole, network, 1, 3);
            OnnxFile written = OnnxExport.encoder(under, network.backbone(), PLAIN);
            assertThat(written.outputs()).extracting(Port::name).containsExactly("features", "tokens");
            Tensor frames = frames(2, size);
            Features wanted = network.backbone().encode(network.backbone().embed(frames));
            try (OnnxModel model = new OnnxModel(under)) {
                Map<String, OnnxModel.Output> found = run(model, frames, size);
                assertClose(found, "features", wanted.patchMean());
                assertClose(found, "tokens", wanted.patches());
            }
        }
    }

    /** What older TensorRT lacks is made of what it has. */
    @ParameterizedTest
    @MethodSource("networks")
    void withoutLayerNormalizationItSaysTheSame(Backbone.Config config, ClipSize size)
            throws IOException, OrtException {
        Path file = folder.resolve("opset16.onnx");
        Path newest = folder.resolve("opset17.onnx");
        try (Classifier network = network(config, size, Classifier.Pooling.MEAN)) {
            OnnxExport.classifier(newest, network, PLAIN);
            OnnxExport.classifier(file, network, new OnnxExport.Options(0, null, Map.of(), 16));
            assertThat(text(newest)).contains("LayerNormalization");
            assertThat(text(file)).doesNotContain("LayerNormalization");
            assertSays(file, network, 1, 3);
        }
    }

    private static String text(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.ISO_8859_1);
    }

    @Test
    void otherOperatorSetsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OnnxExport.Options(0, null, Map.of(), 15))
                .withMessageContaining("16 or 17");
    }

    @ParameterizedTest
    @CsvSource({"MEAN, class", "MEAN, none", "NORM_MEAN, class", "NORM_MEAN, none", "CLASS_TOKEN, class"})
    void allWaysToPoolAreWritten(Classifier.Pooling pooling, String classToken) throws IOException, OrtException {
        Path file = folder.resolve("pooled.onnx");
        ClipSize size = ClipSize.square(2, 16);
        try (Classifier network = network(mvit(8, 2, List.of(1, 1), 2, classToken + " pool"), size, pooling)) {
            OnnxExport.classifier(file, network, PLAIN);
            assertSays(file, network, 2);
        }
    }

    @ParameterizedTest
    @EnumSource(Classifier.Pooling.class)
    void aVisionTransformerIsPooledAllWays(Classifier.Pooling pooling) throws IOException, OrtException {
        Path file = folder.resolve("pooled.onnx");
        try (Classifier network = network(new Vit.Config(8, 1, 12, 2, 3, 4, 0), ClipSize.image(16), pooling)) {
            OnnxExport.classifier(file, network, PLAIN);
            assertSays(file, network, 2);
        }
    }

    /** With the official weights and input: its logits, as far apart as ours may be. */
    @ParameterizedTest
    @CsvSource({"vit_cls, vit_cls", "vit_cls_clstoken, vit_cls", "mvit_cls, mvit_cls"})
    void theOfficialClassifiersGiveTheOfficialLogits(String set, String weights) throws IOException, OrtException {
        Path file = folder.resolve("golden.onnx");
        assertThat(GoldenDir.has("finetune/" + set + ".safetensors")).isTrue();
        try (GoldenClassifier golden = new GoldenClassifier(set, weights);
                PointerScope scope = new PointerScope()) {
            golden.model().train(false);
            OnnxExport.classifier(file, golden.model(), PLAIN);
            try (OnnxModel model = new OnnxModel(file)) {
                Map<String, OnnxModel.Output> found = run(model, golden.frames(), golden.size());
                golden.tolerance()
                        .assertClose(
                                "eval_output",
                                requireNonNull(found.get("probabilities")).values());
                golden.tolerance()
                        .assertClose(
                                "train_output",
                                requireNonNull(found.get("logits")).values());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFixedBatchIsInTheShapes(boolean ofVideo) throws IOException, OrtException {
        Path file = folder.resolve("fixed.onnx");
        ClipSize size = ofVideo ? ClipSize.square(2, 16) : ClipSize.image(16);
        Backbone.Config config =
                ofVideo ? mvit(8, 1, List.of(1, 1), 4, "pool class") : new Vit.Config(8, 1, 12, 2, 3, 4, 0);
        try (Classifier network = network(config, size, Classifier.Pooling.MEAN)) {
            OnnxExport.classifier(file, network, new OnnxExport.Options(2, null, Map.of()));
            assertSays(file, network, 2);
            try (OnnxModel model = new OnnxModel(file)) {
                assertThat(model.ports()).containsEntry("logits", "FLOAT [2, " + CLASSES + "]");
                assertThatThrownBy(() -> run(model, frames(3, size), size)).isInstanceOf(OrtException.class);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void bytesAreNormalisedInTheGraphAsTheyAreHere(int frameCount) throws IOException, OrtException {
        Path file = folder.resolve("raw.onnx");
        ClipSize size = new ClipSize(frameCount, 16, 24);
        Vit.Config config = new Vit.Config(8, Math.min(2, frameCount), 16, 2, 2, 4, 0);
        List<Float> mean = List.of(0.485f, 0.456f, 0.406f);
        List<Float> std = List.of(0.229f, 0.224f, 0.225f);
        int batch = 2;
        byte[] rgb = new byte[batch * frameCount * 16 * 24 * 3];
        new Random(8).nextBytes(rgb);
        float[] normalised = new float[rgb.length];
        int pixels = frameCount * 16 * 24;
        for (int i = 0; i < rgb.length; i++) {
            int colour = i % 3;
            int pixel = i / 3 % pixels;
            int sample = i / 3 / pixels;
            normalised[(sample * 3 + colour) * pixels + pixel] =
                    ((rgb[i] & 0xFF) / 255f - mean.get(colour)) / std.get(colour);
        }
        try (Classifier network = network(config, size, Classifier.Pooling.MEAN);
                PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            OnnxFile written = OnnxExport.classifier(
                    file, network, new OnnxExport.Options(0, new OnnxExport.Colours(mean, std), Map.of()));
            assertThat(written.inputs())
                    .extracting(Port::toString)
                    .containsExactly(
                            frameCount == 1 ? "rgb uint8 [batch, 16, 24, 3]" : "rgb uint8 [batch, 4, 16, 24, 3]");
            Tensor wanted = network.forward(Arrays.tensor(normalised, batch, 3, frameCount, 16, 24));
            try (OnnxModel model = new OnnxModel(file)) {
                long[] shape =
                        frameCount == 1 ? new long[] {batch, 16, 24, 3} : new long[] {batch, frameCount, 16, 24, 3};
                assertClose(model.run(rgb, shape), "logits", wanted);
            }
        }
    }

    @Test
    void shapesAndMetadataCanBeReadFromTheFile() throws IOException, OrtException {
        Path file = folder.resolve("described.onnx");
        ClipSize size = ClipSize.square(4, 32);
        try (Classifier network = network(mvit(8, 1, List.of(1, 1), 4, "class"), size, Classifier.Pooling.MEAN)) {
            OnnxFile written = OnnxExport.classifier(
                    file,
                    network,
                    OnnxExport.Options.describedBy(Map.of("labels", "[\"a\",\"ü\"]", "preprocessing", "{}")));
            assertThat(Files.size(file)).isEqualTo(written.bytes());
            assertThat(written.inputs())
                    .extracting(Port::toString)
                    .containsExactly("pixel_values float32 [batch, 3, 4, 32, 32]");
            assertThat(written.outputs())
                    .extracting(Port::toString)
                    .containsExactly("logits float32 [batch, 5]", "probabilities float32 [batch, 5]");
            try (OnnxModel model = new OnnxModel(file)) {
                assertThat(model.ports())
                        .isEqualTo(Map.of(
                                "pixel_values",
                                "FLOAT [-1, 3, 4, 32, 32]",
                                "logits",
                                "FLOAT [-1, 5]",
                                "probabilities",
                                "FLOAT [-1, 5]"));
                assertThat(model.metadata())
                        .containsEntry("labels", "[\"a\",\"ü\"]")
                        .containsEntry("preprocessing", "{}")
                        .containsEntry("task", "classification")
                        .containsEntry("format_version", "1")
                        .hasEntrySatisfying(
                                "source", source -> assertThat(source).startsWith("maskfeat "));
            }
        }
    }

    /** A network of masked prediction may end before its last block. */
    @Test
    void blocksThatWereNotBuiltAreNotWritten() throws IOException, OrtException {
        Path file = folder.resolve("short.onnx");
        ClipSize size = ClipSize.square(2, 32);
        Mvit.Config config = mvit(8, 1, List.of(1, 1, 1), 4, "class pool");
        try (Init init = new Init(3);
                Backbone backbone = config.build(size, 2, init);
                PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            RandomTensors.addNoise(backbone.parameters(), 0.3, 6);
            backbone.train(false);
            OnnxFile written = OnnxExport.encoder(file, backbone, PLAIN);
            assertThat(written.outputs().get(1).shape()).containsExactly("batch", "16", "32");
            Tensor frames = frames(2, size);
            try (OnnxModel model = new OnnxModel(file)) {
                assertClose(
                        run(model, frames, size),
                        "features",
                        backbone.encode(backbone.embed(frames)).patchMean());
            }
        }
    }

    @Test
    void theSameNetworkGivesTheSameBytes() throws IOException {
        Path first = folder.resolve("first.onnx");
        Path second = folder.resolve("second.onnx");
        Map<String, String> metadata = Map.of("b", "2", "a", "1", "c", "3", "d", "4");
        for (Path file : List.of(first, second)) {
            try (Classifier network =
                    network(mvit(8, 1, List.of(1, 1), 4, "class"), ClipSize.square(2, 16), Classifier.Pooling.MEAN)) {
                OnnxExport.classifier(file, network, OnnxExport.Options.describedBy(metadata));
            }
        }
        assertThat(first).hasSameBinaryContentAs(second);
    }

    @Test
    void aHeadOnAClassTokenThatIsNotThereIsRefused() {
        Path file = folder.resolve("none.onnx");
        try (Classifier network =
                network(mvit(8, 1, List.of(1, 1), 4, "pool"), ClipSize.square(2, 16), Classifier.Pooling.CLASS_TOKEN)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> OnnxExport.classifier(file, network, PLAIN))
                    .withMessageContaining("no class token");
        }
        assertThat(file).doesNotExist();
    }

    @Test
    void aFileThatCannotBeWrittenIsNamedAndNothingIsLeft() throws IOException {
        Path file = Files.createDirectories(folder.resolve("taken.onnx/within"));
        Path taken = requireNonNull(file.getParent());
        try (Classifier network =
                network(new Vit.Config(8, 1, 8, 1, 1, 4, 0), ClipSize.image(16), Classifier.Pooling.MEAN)) {
            assertThatThrownBy(() -> OnnxExport.classifier(taken, network, PLAIN))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(taken + " could not be written");
            Path nowhere = folder.resolve("nowhere/x.onnx");
            assertThatThrownBy(() -> OnnxExport.classifier(nowhere, network, PLAIN))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(nowhere.toString());
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(taken);
        }
    }

    @Test
    void aNetworkThatIsTooLargeForOneFileIsRefused() {
        OnnxExport.check(Integer.MAX_VALUE);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OnnxExport.check(5L << 29))
                .withMessageContaining("2.50 GiB");
    }

    @Test
    void optionsThatMakeNoSenseAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OnnxExport.Options(-1, null, Map.of()))
                .withMessageContaining("-1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OnnxExport.Colours(List.of(0.5f), List.of(0.5f, 1f, 1f)))
                .withMessageContaining("three means and three deviations");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OnnxExport.Colours(List.of(0.5f, 0.5f, 0.5f), List.of(0.5f, 0f, 1f)))
                .withMessageContaining("above 0");
    }

    private static Tensor frames(int batch, ClipSize size) {
        return RandomTensors.normal(9 + batch, batch, 3, size.frames(), size.height(), size.width());
    }

    private static void assertSays(Path file, Classifier network, int... batches) throws OrtException {
        ClipSize size = network.backbone().size();
        try (OnnxModel model = new OnnxModel(file);
                PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            for (int batch : batches) {
                Tensor frames = frames(batch, size);
                Tensor logits = network.forward(frames);
                Map<String, OnnxModel.Output> found = run(model, frames, size);
                assertThat(found).containsOnlyKeys("logits", "probabilities");
                assertClose(found, "logits", logits);
                assertClose(found, "probabilities", torch.softmax(logits, 1));
            }
        }
    }

    private static Map<String, OnnxModel.Output> run(OnnxModel model, Tensor frames, ClipSize size)
            throws OrtException {
        long B = frames.size(0);
        long[] shape = size.frames() == 1
                ? new long[] {B, 3, size.height(), size.width()}
                : new long[] {B, 3, size.frames(), size.height(), size.width()};
        return model.run(Arrays.floats(frames), shape);
    }

    private static void assertClose(Map<String, OnnxModel.Output> outputs, String name, Tensor wanted) {
        OnnxModel.Output found = requireNonNull(outputs.get(name));
        assertThat(found.shape()).isEqualTo(wanted.shape());
        float[] values = Arrays.floats(wanted);
        double scale = 1;
        double difference = 0;
        for (int i = 0; i < values.length; i++) {
            scale = Math.max(scale, Math.abs(values[i]));
            difference = Math.max(difference, Math.abs(found.values()[i] - values[i]));
        }
        assertThat(difference).isLessThan(TOLERANCE * scale);
    }

    @Test
    void aBackboneWithoutAGraphIsRefusedByName() {
        try (PointerScope scope = new PointerScope();
                Init init = new Init(4);
                Backbone vit = new Vit.Config(8, 1, 16, 1, 1, 4, 0).build(ClipSize.image(16), init)) {
            Layers layers = new Layers(new Graph("encoder", 0, true), vit.parameters());
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> BackboneGraph.of(List.of(MvitGraph::ifKnown), vit, layers))
                    .withMessageContainingAll("'Vit'", "cannot be exported to ONNX");
            assertThat(BackboneGraph.of(List.of(MvitGraph::ifKnown, VitGraph::ifKnown), vit, layers))
                    .isInstanceOf(VitGraph.class);
        }
    }
}
