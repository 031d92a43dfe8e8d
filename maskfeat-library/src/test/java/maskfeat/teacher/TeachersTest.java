package maskfeat.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.stream.Stream;
import maskfeat.augment.Normalize;
import maskfeat.augment.Resize;
import maskfeat.data.StillImage;
import maskfeat.data.StridedClip;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.DamagedFile;
import maskfeat.feature.BothTargets;
import maskfeat.feature.HogTarget;
import maskfeat.foreign.BottleneckResNet;
import maskfeat.foreign.FrozenNetworks;
import maskfeat.foreign.Told;
import maskfeat.mask.BlockMask;
import maskfeat.model.Classifier;
import maskfeat.model.Vit;
import maskfeat.network.Head;
import maskfeat.network.Input;
import maskfeat.network.NetworkSpec;
import maskfeat.network.OpenedWeights;
import maskfeat.network.WeightsFacts;
import maskfeat.nn.Layer;
import maskfeat.nn.LayerNorm;
import maskfeat.torch.Arrays;
import maskfeat.torch.Handles;
import maskfeat.torch.RandomTensors;
import maskfeat.torch.Scopes;
import maskfeat.weights.MadeUpTensors;
import maskfeat.weights.Safetensors;
import maskfeat.weights.TensorFile;
import maskfeat.weights.TensorReader;
import maskfeat.weights.Weights;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TeachersTest {
    private static final Device CPU = new Device("cpu");
    private static final int SIDE = 64;
    private static final Normalize HALF = new Normalize(List.of(0.5f, 0.5f, 0.5f), List.of(0.5f, 0.5f, 0.5f));
    private static final Input IMAGES = new Input(StillImage.defaults(), SIDE, 72, Resize.Filter.BICUBIC, HALF);
    private static final Vit.Config VIT = new Vit.Config(16, 1, 16, 2, 2, 4, 0.5);

    @TempDir
    Path folder;

    private static float[] picture(int height, int width) {
        return TeacherFiles.picture(height, width);
    }

    private static Tensor frames(int height, int width) {
        return Arrays.tensor(picture(height, width), 1, 3, height, width);
    }

    /** A network of ours with weights that are not regular, in the file that a run leaves. */
    private Path ours(NetworkSpec spec) throws IOException {
        Path run = Files.createDirectories(folder.resolve("run"));
        try (Layer network = spec.build(1, CPU)) {
            Map<String, Tensor> parameters = network.parameters();
            RandomTensors.addNoise(parameters, 0.2, 1);
            AtomicFile.write(run.resolve("model.safetensors"), TensorFile.content(spec.metadata(), parameters));
        }
        return run;
    }

    private static NetworkSpec classifier(Classifier.Pooling pooling) {
        return new NetworkSpec(IMAGES, VIT, new Head.Classes(pooling, 0, List.of("a", "b", "c")));
    }

    // ---- our own runs --------------------------------------------------------------------------------------------

    /** Norm, mean and classifier commute where the norm stands before the mean. */
    @Test
    void theMeanOfTheCellsScoresIsWhatTheClassifierSays() throws IOException {
        Path run = ours(classifier(Classifier.Pooling.NORM_MEAN));
        try (Teacher teacher = Teachers.open(run, CPU);
                OpenedWeights weights = OpenedWeights.open(run);
                Classifier classifier = weights.classifier("cpu");
                PointerScope scope = new PointerScope()) {
            assertThat(teacher.normalize()).isEqualTo(HALF);
            assertThat(teacher.classes()).hasValue(3);
            assertThat(teacher.cellSide()).isEqualTo(16);
            Tensor scores = teacher.scores(frames(SIDE, SIDE));
            assertThat(scores.shape()).containsExactly(1, 3, 4, 4);
            float[] mean = Arrays.floats(scores.mean(new long[] {2, 3}, false, null));
            float[] said = Scopes.withoutGradients(
                    () -> Arrays.floats(classifier.forward(frames(SIDE, SIDE).unsqueeze(2))));
            assertThat(mean).containsExactly(said, within(1e-5f));
            float[] feature = Arrays.floats(teacher.cells(frames(SIDE, SIDE)).mean(new long[] {2, 3}, false, null));
            float[] pooled = Scopes.withoutGradients(
                    () -> Arrays.floats(classifier.feature(frames(SIDE, SIDE).unsqueeze(2))));
            assertThat(feature).containsExactly(pooled, within(1e-5f));
        }
    }

    /** MaskFeat leaves no norm behind the blocks: the tokens are normalised by themselves. */
    @Test
    void theEncoderOfAPretrainingIsATeacherToo() throws IOException {
        Path run = ours(new NetworkSpec(
                IMAGES, VIT, new Head.Prediction(List.of(), BlockMask.of(0.4), HogTarget.Config.paper())));
        try (Teacher teacher = Teachers.open(run, CPU);
                PointerScope scope = new PointerScope()) {
            assertThat(teacher.classes()).isEmpty();
            assertThat(teacher.description()).endsWith("; its tokens are normalised without weights");
            Tensor cells = teacher.cells(frames(SIDE, SIDE));
            assertThat(cells.shape()).containsExactly(1, 16, 4, 4);
            float[] means = Arrays.floats(cells.mean(new long[] {1}, false, null));
            for (float mean : means) {
                assertThat(mean).isCloseTo(0, within(1e-5f));
            }
            float[] squares = Arrays.floats(cells.mul(cells).mean(new long[] {1}, false, null));
            for (float square : squares) {
                assertThat(square).isCloseTo(1, within(1e-4f));
            }
            assertThatThrownBy(() -> teacher.scores(frames(SIDE, SIDE)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("has no classifier");
        }
    }

    /** Learned positions are resized, so that pictures of any size are read; fixed ones are of one size. */
    @Test
    void picturesOfAnotherSizeAreReadWherePositionsAreLearned() throws IOException {
        try (Teacher teacher = Teachers.open(ours(classifier(Classifier.Pooling.MEAN)), CPU);
                PointerScope scope = new PointerScope()) {
            assertThat(teacher.cells(frames(32, 96)).shape()).containsExactly(1, 16, 2, 6);
            assertThatThrownBy(() -> teacher.cells(frames(8, 96)))
                    .hasMessageContaining("smaller than the teacher's patches");
        }
        Vit.Config fixed = new Vit.Config(16, 1, 16, 2, 2, 4, 0, false, Vit.PositionKind.SINUSOID, LayerNorm.EPS);
        NetworkSpec spec = new NetworkSpec(
                IMAGES, fixed, new Head.Classes(Classifier.Pooling.NORM_MEAN, 0, List.of("a", "b", "c")));
        Path run = ours(spec);
        try (Teacher teacher = Teachers.open(run, CPU);
                OpenedWeights weights = OpenedWeights.open(run);
                Classifier classifier = weights.classifier("cpu");
                PointerScope scope = new PointerScope()) {
            Tensor scores = teacher.scores(frames(SIDE, SIDE));
            assertThat(scores.size(2) * teacher.cellSide()).isEqualTo(SIDE);
            assertThat(teacher.dim())
                    .isEqualTo((int) teacher.cells(frames(SIDE, SIDE)).size(1));
            float[] mean = Arrays.floats(scores.mean(new long[] {2, 3}, false, null));
            float[] said = Scopes.withoutGradients(
                    () -> Arrays.floats(classifier.forward(frames(SIDE, SIDE).unsqueeze(2))));
            assertThat(mean).containsExactly(said, within(1e-5f));
            assertThatThrownBy(() -> teacher.cells(frames(32, 32)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("32 x 32 px for a teacher that reads 64 x 64");
        }
    }

    @Test
    void aNetworkOfClipsIsRefused() throws IOException {
        Input clips = new Input(new StridedClip(4, 1), SIDE, 72, Resize.Filter.BILINEAR, Normalize.KINETICS);
        Path run = ours(
                new NetworkSpec(clips, VIT.ofVideo(), new Head.Classes(Classifier.Pooling.MEAN, 0, List.of("a", "b"))));
        assertThat(inspected(run)).isEqualTo("none: it reads clips of 4 frames, and a teacher reads single pictures");
        assertThatThrownBy(() -> Teachers.open(run, CPU))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("reads clips of 4 frames")
                .hasMessageContaining("take a network of images");
    }

    // ---- files of others -----------------------------------------------------------------------------------------

    /** The same weights under each wrapper give the same features. */
    @ParameterizedTest
    @MethodSource
    void aResNetIsTheSameUnderEveryWrapper(String before, boolean classes) throws IOException {
        Map<String, float[]> values = values(FrozenNetworks.RESNET);
        float[] plain = cells(write("plain", values, ""));
        values.keySet().removeIf(name -> !classes && name.startsWith("fc."));
        Path wrapped = write("wrapped", values, before);
        assertThat(cells(wrapped)).containsExactly(plain);
        try (Teacher teacher = Teachers.open(wrapped, CPU)) {
            assertThat(teacher.classes()).isEqualTo(classes ? OptionalInt.of(7) : OptionalInt.empty());
        }
    }

    static Stream<Arguments> aResNetIsTheSameUnderEveryWrapper() {
        return Stream.of(
                Arguments.of("", false),
                Arguments.of("module.", true),
                Arguments.of("module.encoder_q.", false),
                Arguments.of("module.base_encoder.", false),
                Arguments.of("teacher.module.backbone.", false));
    }

    /** Values as a trained ResNet may have them: variances are above zero. */
    private static Map<String, float[]> values(BottleneckResNet network) {
        Map<String, float[]> values = new LinkedHashMap<>();
        network.shapes().forEach((name, shape) -> {
            int count = Math.toIntExact(shape.stream().reduce(1L, (a, b) -> a * b));
            float[] of = new float[count];
            for (int i = 0; i < count; i++) {
                float wave = (float) Math.sin(0.7 * i + name.hashCode() % 100);
                of[i] = name.endsWith("running_var") ? 1 + 0.5f * wave : 0.3f * wave + (name.contains("bn") ? 0.5f : 0);
            }
            values.put(name, of);
        });
        return values;
    }

    private Path write(String name, Map<String, float[]> values, String before) throws IOException {
        Path file = folder.resolve(name + ".safetensors");
        Map<String, List<Long>> shapes = FrozenNetworks.RESNET.shapes();
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            values.forEach((own, numbers) -> tensors.put(
                    before + own,
                    Arrays.tensor(
                            numbers,
                            Objects.requireNonNull(shapes.get(own)).stream()
                                    .mapToLong(Long::longValue)
                                    .toArray())));
            AtomicFile.write(file, TensorFile.content(Map.of(), tensors));
        }
        return file;
    }

    private static float[] cells(Path file) throws IOException {
        try (Teacher teacher = Teachers.open(file, CPU);
                PointerScope scope = new PointerScope()) {
            return Arrays.floats(teacher.cells(frames(SIDE, SIDE)));
        }
    }

    @Test
    void numbersThatAreNotFiniteAreRefused() throws IOException {
        Map<String, float[]> values = values(FrozenNetworks.RESNET);
        float[] broken =
                Objects.requireNonNull(values.get("layer3.2.conv2.weight")).clone();
        broken[5] = Float.NaN;
        values.put("layer3.2.conv2.weight", broken);
        Path file = write("broken", values, "");
        assertThatThrownBy(() -> Teachers.open(file, CPU))
                .isInstanceOf(DamagedFile.class)
                .hasMessageContaining("1 of 2304 in 'layer3.2.conv2.weight'");
    }

    /** As supervised files are: DeiT's classifier stands on the class token, and scores single patches as well. */
    @Test
    void timmsClassifiersScoreCells() throws IOException {
        MadeUpTensors timm = new MadeUpTensors();
        try (OpenedWeights weights = OpenedWeights.open(ours(classifier(Classifier.Pooling.CLASS_TOKEN)))) {
            weights.tensors()
                    .entries()
                    .values()
                    .forEach(entry -> timm.with(entry.name().replace("head.projection.", "head."), entry.shape()));
        }
        Path file = folder.resolve("deit.safetensors");
        Safetensors.write(file, Map.of(), timm.sources());
        try (Teacher teacher = Teachers.open(file, Told.heads(OptionalInt.of(2)), CPU);
                PointerScope scope = new PointerScope()) {
            assertThat(teacher.normalize()).isEqualTo(Normalize.IMAGENET);
            assertThat(teacher.classes()).hasValue(3);
            assertThat(teacher.scores(frames(SIDE, SIDE)).shape()).containsExactly(1, 3, 4, 4);
            assertThat(teacher.notes().get(0)).contains("weights of timm");
        }
    }

    /** What {@code weights inspect} says of it as a teacher. */
    private static String inspected(Path from) throws IOException {
        try (TensorReader reader = Weights.open(OpenedWeights.find(from))) {
            return String.valueOf(WeightsFacts.of(reader).get("as teacher"));
        }
    }

    @Test
    void pretrainedRunsOfOursAreNamedAsTeachersToo() throws IOException {
        Head.Prediction hog = new Head.Prediction(List.of(), BlockMask.of(0.4), HogTarget.Config.paper());
        assertThat(inspected(ours(new NetworkSpec(IMAGES, VIT, hog))))
                .isEqualTo("features of 16 numbers, a cell of 16 px");
        // Of several targets the network is described by what the file says, since shapes alone would not tell.
        Head.Prediction both = new Head.Prediction(List.of(), BlockMask.of(0.4), BothTargets.defaults());
        assertThat(inspected(ours(new NetworkSpec(IMAGES, VIT, both))))
                .isEqualTo("features of 16 numbers, a cell of 16 px");
    }

    /** Settings ask before anything is built. */
    @Test
    void factsAreThoseOfTheTeacherThatWouldBeOpened() throws IOException {
        Path encoder = folder.resolve("encoder.safetensors");
        Safetensors.write(
                encoder, Map.of(), FrozenNetworks.of(FrozenNetworks.DALLE).sources());
        for (Path file : List.of(
                write("resnet", values(FrozenNetworks.RESNET), ""),
                encoder,
                ours(classifier(Classifier.Pooling.MEAN)))) {
            TeacherFacts facts = Teachers.facts(file, Told.NOTHING);
            assertThat(facts.tokenizer()).isEqualTo(file == encoder);
            try (Teacher teacher = Teachers.open(file, CPU);
                    PointerScope scope = new PointerScope()) {
                assertThat(facts.dim()).isEqualTo(teacher.dim());
                assertThat(facts.cellSide()).isEqualTo(teacher.cellSide());
                assertThat(facts.classes()).isEqualTo(teacher.classes());
                assertThat(facts.normalize()).isEqualTo(teacher.normalize());
                assertThat(inspected(file))
                        .startsWith(
                                facts.tokenizer()
                                        ? "tokens of a vocabulary of " + facts.dim() + ", a cell of 8 px"
                                        : "features of " + facts.dim() + " numbers, a cell of " + facts.cellSide()
                                                + " px; scores of "
                                                + facts.classes().orElseThrow() + " classes a cell");
                Tensor cells = teacher.cells(frames(SIDE, SIDE));
                assertThat(cells.shape())
                        .containsExactly(1, facts.dim(), SIDE / facts.cellSide(), SIDE / facts.cellSide());
            }
        }
    }

    // ---- memory --------------------------------------------------------------------------------------------------

    @Test
    void manyPicturesLeaveNoHandlesAndNoGradients() throws Exception {
        try (Teacher teacher = Teachers.open(write("resnet", values(FrozenNetworks.RESNET), ""), CPU)) {
            for (int i = 0; i < 3; i++) {
                look(teacher);
            }
            long before = Handles.settled();
            for (int i = 0; i < 20; i++) {
                look(teacher);
            }
            assertThat(Handles.now()).isLessThanOrEqualTo(before);
        }
    }

    private static void look(Teacher teacher) {
        try (PointerScope scope = new PointerScope()) {
            assertThat(teacher.cells(frames(SIDE, SIDE)).requires_grad()).isFalse();
            teacher.scores(frames(SIDE, SIDE));
            teacher.tokens(frames(SIDE, SIDE));
        }
    }
}
