package maskfeat.network;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import maskfeat.augment.Normalize;
import maskfeat.augment.Resize;
import maskfeat.data.ClipSampler;
import maskfeat.data.StillImage;
import maskfeat.data.StridedClip;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.DamagedFile;
import maskfeat.feature.HogTarget;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenSettings;
import maskfeat.golden.GoldenTensors;
import maskfeat.golden.Tolerance;
import maskfeat.mask.CubeMask;
import maskfeat.mask.Grid;
import maskfeat.model.Classifier;
import maskfeat.model.ClipSize;
import maskfeat.model.GoldenClassifier;
import maskfeat.model.Positions;
import maskfeat.nn.Layer;
import maskfeat.run.Recipes;
import maskfeat.run.Run;
import maskfeat.run.Runs;
import maskfeat.torch.Arrays;
import maskfeat.torch.RandomTensors;
import maskfeat.weights.TensorFile;
import maskfeat.weights.WeightsMismatch;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TransferTest {
    private static final Device CPU = new Device("cpu");
    private static final List<String> CLASSES = List.of("walk", "run", "jump");

    @TempDir
    private Path folder;

    // ---- the official rules ------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"vit", "mvit"})
    @Tag("golden")
    void carriesOverWhatTheOfficialLoaderDoes(String set) throws IOException {
        String name = "checkpoints/" + set + "_pt_to_ft";
        assumeThat(GoldenDir.has(name + ".json")).as(name).isTrue();
        assumeThat(GoldenDir.has(set)).as(set).isTrue();
        JsonNode official = JsonMapper.shared()
                .readTree(GoldenDir.path().resolve(name + ".json").toFile());
        GoldenTensors tables = GoldenTensors.open(GoldenDir.path().resolve(name + "_interpolated.safetensors"));
        GoldenTensors preTrained =
                GoldenTensors.open(GoldenDir.path().resolve(set).resolve(set + "_pretrain.safetensors"));
        Map<String, float[]> source = new LinkedHashMap<>();
        Path file = folder.resolve("model.safetensors");
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (String key : preTrained.names()) {
                if (key.startsWith("w.")) {
                    String weight = key.substring(2);
                    boolean table = tables.has("source." + weight);
                    float[] values = table ? tables.values("source." + weight) : preTrained.values(key);
                    long[] shape = table ? tables.shape("source." + weight) : preTrained.shape(key);
                    tensors.put(weight, Arrays.tensor(values, shape));
                    source.put(weight, values);
                }
            }
            int heads = GoldenSettings.open(set + "/config.json").number("/MVIT/NUM_HEADS"); // no shape tells a ViT's
            String cfg = "MVIT: {NUM_HEADS: " + heads + "}";
            AtomicFile.write(file, TensorFile.content(Map.of("cfg", cfg), tensors));
        }
        try (GoldenClassifier golden = new GoldenClassifier(set + "_cls", set + "_cls")) {
            Map<String, Tensor> network = golden.model().parameters();
            Map<String, float[]> before = values(network);
            Transfer transfer = into(golden.model(), spec(golden), file);

            assertThat(transfer.loaded()).containsExactlyInAnyOrderElementsOf(texts(official.get("copied")));
            List<String> resized =
                    transfer.resized().stream().map(Transfer.Resized::name).toList();
            assertThat(resized).containsExactlyInAnyOrderElementsOf(texts(official.get("interpolated")));
            assertThat(transfer.fresh()).containsExactlyInAnyOrderElementsOf(texts(official.get("left_at_init")));
            // The official histograms have two kernels among their buffers.
            assertThat(transfer.ignored())
                    .containsExactlyInAnyOrderElementsOf(texts(official.get("unused_checkpoint_keys")).stream()
                            .filter(key -> !key.startsWith("hogs."))
                            .toList());
            Map<String, float[]> after = values(network);
            transfer.loaded().forEach(key -> assertThat(after.get(key)).as(key).isEqualTo(source.get(key)));
            transfer.fresh().forEach(key -> assertThat(after.get(key)).as(key).isEqualTo(before.get(key)));
            resized.forEach(key -> {
                float[] wanted = tables.values("interp." + key);
                assertThat(after.get(key)).as(key).containsExactly(wanted, within(interpolated(wanted)));
            });
        }
    }

    private static NetworkSpec spec(GoldenClassifier golden) {
        ClipSize size = golden.size();
        ClipSampler clip = size.frames() == 1 ? StillImage.defaults() : new StridedClip(size.frames(), 1);
        Input input = new Input(clip, size.width(), size.width(), Resize.Filter.BILINEAR, Normalize.IMAGENET);
        List<String> classes =
                IntStream.range(0, golden.classes()).mapToObj(c -> "class " + c).toList();
        return new NetworkSpec(input, golden.backbone(), new Head.Classes(Classifier.Pooling.MEAN, 0, classes));
    }

    private static Transfer into(Layer network, NetworkSpec to, Path file) throws IOException {
        try (OpenedWeights weights = OpenedWeights.open(file)) {
            return weights.into(network, to);
        }
    }

    /** Of two products and a sum, each of which is rounded. */
    private static float interpolated(float[] values) {
        double largest = 0;
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return (float) Tolerance.limit(Tolerance.ROUNDING * largest, largest);
    }

    private static List<String> texts(JsonNode list) {
        return list.valueStream().map(JsonNode::asString).toList();
    }

    // ---- ours --------------------------------------------------------------------------------------------------

    private static NetworkSpec spec(String recipe, String... assignments) {
        return Runs.spec(Runs.run(recipe, assignments), CLASSES);
    }

    /** Of pre-training, with weights of noise, of which some are left out. */
    private Path preTrained(String recipe, String... without) throws IOException {
        return preTrained(Runs.spec(Recipes.named(recipe)), without);
    }

    private Path preTrained(NetworkSpec spec, String... without) throws IOException {
        try (Layer model = spec.build(1, CPU)) {
            RandomTensors.addNoise(model.parameters(), 0.3, 8);
            Map<String, Tensor> kept = new LinkedHashMap<>(model.parameters());
            kept.keySet().removeAll(List.of(without));
            Path file = folder.resolve("pretrained.safetensors");
            AtomicFile.write(file, TensorFile.content(spec.metadata(), kept));
            return file;
        }
    }

    private Path classifier(NetworkSpec spec) throws IOException {
        try (Layer model = spec.build(1, CPU)) {
            RandomTensors.addNoise(model.parameters(), 0.3, 8);
            Path file = folder.resolve("classifier.safetensors");
            AtomicFile.write(file, TensorFile.content(spec.metadata(), model.parameters()));
            return file;
        }
    }

    private static Map<String, float[]> values(Map<String, Tensor> tensors) {
        Map<String, float[]> values = new LinkedHashMap<>();
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            tensors.forEach((name, tensor) -> values.put(name, Arrays.floats(tensor)));
        }
        return values;
    }

    private static Map<String, float[]> values(Path file) throws IOException {
        try (PointerScope scope = new PointerScope()) {
            return values(TensorFile.read(file));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny-image", "tiny-video"})
    void aBackboneIsTakenOverAndTheHeadBeginsAnew(String recipe) throws IOException {
        Path file = preTrained(recipe);
        NetworkSpec spec = spec(recipe + "-ft");
        try (Layer model = spec.build(2, CPU)) {
            Map<String, float[]> before = values(model.parameters());

            Transfer transfer = into(model, spec, file);

            assertThat(transfer.fresh())
                    .containsExactlyInAnyOrder(
                            "norm.weight", "norm.bias", "head.projection.weight", "head.projection.bias");
            assertThat(transfer.ignored()).contains("mask_token").allMatch(name -> !name.startsWith("blocks."));
            assertThat(transfer.ignored()).hasSize(5);
            Map<String, float[]> source = values(file);
            Map<String, float[]> after = values(model.parameters());
            assertThat(transfer.loaded()).isNotEmpty();
            transfer.loaded()
                    .forEach(name -> assertThat(after.get(name)).as(name).isEqualTo(source.get(name)));
            transfer.fresh()
                    .forEach(name -> assertThat(after.get(name)).as(name).isEqualTo(before.get(name)));
            assertThat(transfer.loaded().size()
                            + transfer.resized().size()
                            + transfer.fresh().size())
                    .isEqualTo(after.size());
            assertThat(transfer.summary())
                    .isEqualTo(transfer.loaded().size() + " weights loaded, "
                            + transfer.resized().size() + " resized, 4 new, 5 of the file not used");
        }
    }

    @Test
    void theHeadIsKeptWhereTheClassesAreTheSame() throws IOException {
        NetworkSpec spec = spec("tiny-image-ft");
        Path file = classifier(spec);
        try (Layer model = spec.build(2, CPU)) {
            Transfer transfer = into(model, spec, file);
            assertThat(transfer.fresh()).isEmpty();
            assertThat(transfer.resized()).isEmpty();
            assertThat(transfer.ignored()).isEmpty();
            assertThat(transfer.loaded())
                    .containsExactlyElementsOf(model.parameters().keySet());
            assertThat(values(model.parameters()))
                    .usingRecursiveComparison()
                    .ignoringCollectionOrder()
                    .isEqualTo(values(file));
        }
    }

    /** As many, but others: their outputs would be taken for these. */
    @Test
    void theHeadBeginsAnewWhereTheClassesAreOthers() throws IOException {
        NetworkSpec spec = spec("tiny-image-ft");
        Path file = classifier(spec);
        NetworkSpec others = Runs.spec(Recipes.named("tiny-image-ft"), List.of("jump", "run", "walk"));
        try (Layer model = others.build(2, CPU)) {
            Map<String, float[]> before = values(model.parameters());
            Transfer transfer = into(model, others, file);
            assertThat(transfer.fresh())
                    .containsExactlyInAnyOrder(
                            "norm.weight", "norm.bias", "head.projection.weight", "head.projection.bias");
            assertThat(transfer.ignored()).containsExactlyElementsOf(new TreeSet<>(transfer.fresh()));
            Map<String, float[]> after = values(model.parameters());
            transfer.fresh()
                    .forEach(name -> assertThat(after.get(name)).as(name).isEqualTo(before.get(name)));
            assertThat(after.get("pos_embed")).isEqualTo(values(file).get("pos_embed"));
        }
    }

    @Test
    void absolutePositionsOfAnotherSizeAreResizedAndListed() throws IOException {
        Path file = preTrained("tiny-image");
        NetworkSpec spec = spec("tiny-image-ft", "data.side=48", "data.short-side=54");
        try (Layer model = spec.build(2, CPU);
                PointerScope scope = new PointerScope()) {
            Transfer transfer = into(model, spec, file);
            assertThat(transfer.resized())
                    .containsExactly(new Transfer.Resized("pos_embed", List.of(1L, 17L, 32L), List.of(1L, 37L, 32L)));
            assertThat(transfer.resized().get(0)).hasToString("pos_embed [1, 17, 32] to [1, 37, 32]");
            Tensor source = requireNonNull(TensorFile.read(file).get("pos_embed"));
            assertThat(values(model.parameters()).get("pos_embed"))
                    .isEqualTo(Arrays.floats(Positions.absolute(source, Grid.of(4, 4), Grid.of(6, 6))));
        }
    }

    /** Four moments of 2 x 2 tokens are as many as one of 4 x 4: the same shape, other places. */
    @Test
    void absolutePositionsOfAsManyTokensInAnotherGridAreResizedToo() throws IOException {
        NetworkSpec spec = spec("tiny-image-ft");
        Input clips = new Input(new StridedClip(4, 1), 16, 18, Resize.Filter.BILINEAR, Normalize.IMAGENET);
        Head.Prediction head = new Head.Prediction(List.of(), CubeMask.of(0.4), HogTarget.Config.paper());
        Path file = preTrained(new NetworkSpec(clips, spec.backbone(), head));
        try (Layer model = spec.build(2, CPU);
                PointerScope scope = new PointerScope()) {
            Transfer transfer = into(model, spec, file);
            assertThat(transfer.resized()).extracting(Transfer.Resized::name).containsExactly("pos_embed");
            Tensor source = requireNonNull(TensorFile.read(file).get("pos_embed"));
            assertThat(values(model.parameters()).get("pos_embed"))
                    .isEqualTo(Arrays.floats(Positions.absolute(source, new Grid(4, 2, 2), Grid.of(4, 4))));
        }
    }

    @Test
    void relativePositionsOfALongerAndLargerClipAreResizedAndListed() throws IOException {
        Path file = preTrained("tiny-video");
        NetworkSpec spec = spec("tiny-video-ft", "data.clip.frames=8", "data.side=48", "data.short-side=54");
        try (Layer model = spec.build(2, CPU);
                PointerScope scope = new PointerScope()) {
            Transfer transfer = into(model, spec, file);
            assertThat(transfer.resized())
                    .extracting(Transfer.Resized::name)
                    .contains(
                            "blocks.0.attn.rel_pos_h",
                            "blocks.0.attn.rel_pos_w",
                            "blocks.0.attn.rel_pos_t",
                            "blocks.1.attn.rel_pos_t");
            Map<String, Tensor> source = TensorFile.read(file);
            transfer.resized()
                    .forEach(resized -> assertThat(values(model.parameters()).get(resized.name()))
                            .as(resized.name())
                            .isEqualTo(Arrays.floats(Positions.relative(
                                    requireNonNull(source.get(resized.name())),
                                    resized.to().get(0)))));
        }
    }

    @Test
    void aMissingWeightOfTheBackboneIsRefusedByNameAndNothingIsChanged() throws IOException {
        Path file = preTrained("tiny-image", "blocks.1.attn.qkv.weight", "cls_token");
        NetworkSpec spec = spec("tiny-image-ft");
        try (Layer model = spec.build(2, CPU)) {
            Map<String, float[]> before = values(model.parameters());
            assertThatThrownBy(() -> into(model, spec, file))
                    .isInstanceOf(DamagedFile.class)
                    .hasMessage(
                            file + " says that it is for 'cls_token' [1, 1, 32], and has none; 1 more does not fit");
            assertThat(values(model.parameters())).usingRecursiveComparison().isEqualTo(before);
        }
    }

    @Test
    void aWeightOfAnotherShapeIsRefusedByNameWithBothAndNothingIsChanged() throws IOException {
        Path file = preTrained("tiny-image");
        NetworkSpec spec = spec("tiny-image-ft", "model.patch=16");
        try (Layer model = spec.build(2, CPU)) {
            Map<String, float[]> before = values(model.parameters());
            assertThatThrownBy(() -> into(model, spec, file))
                    .isInstanceOf(WeightsMismatch.class)
                    .hasMessage(file + ": missing 0, extra 0, misshaped 1"
                            + " (patch_embed.proj.weight [32, 3, 8, 8] instead of [32, 3, 16, 16])");
            assertThat(values(model.parameters())).usingRecursiveComparison().isEqualTo(before);
        }
    }

    @Test
    void fromScratchEverythingIsNew() {
        NetworkSpec spec = spec("tiny-image-ft");
        try (Layer model = spec.build(2, CPU)) {
            Transfer transfer = Transfer.none(model.parameters());
            assertThat(transfer.fresh())
                    .containsExactlyElementsOf(model.parameters().keySet());
            assertThat(transfer.summary())
                    .isEqualTo("0 weights loaded, 0 resized, "
                            + model.parameters().size() + " new, 0 of the file not used");
        }
    }

    // ---- which network -----------------------------------------------------------------------------------------

    private static NetworkSpec saidBy(Path file) throws IOException {
        try (OpenedWeights weights = OpenedWeights.open(file)) {
            return weights.spec();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny-image", "tiny-video", "sample-image", "sample-video"})
    void aRecipeOfFineTuningFitsItsPreTraining(String recipe) throws IOException {
        NetworkSpec from = saidBy(preTrained(recipe));
        Run settings = Recipes.named(recipe + "-ft");
        assertThat(settings.fits(from)).isTrue();
        assertThat(settings.adopting(from)).isEqualTo(settings);
        assertThat(Recipes.fitting("finetune", from)).contains(recipe + "-ft");
    }

    @Test
    void anotherNetworkIsAdoptedButForWhatFineTuningDecides() throws IOException {
        NetworkSpec from = saidBy(preTrained("tiny-image"));
        Run settings = Runs.run("tiny-image-ft", "model.dim=64", "model.heads=4", "model.drop-path=0.3");
        assertThat(settings.fits(from)).isFalse();
        assertThat(settings.adopting(from)).isEqualTo(Runs.run("tiny-image-ft", "model.drop-path=0.3"));
        assertThat(settings.adopting(from).fits(from)).isTrue();
        assertThat(Runs.run("tiny-image-ft", "data.side=24").fits(from)).isFalse();
    }

    @Test
    void aClassifierIsOpenedAsWhatItIs() throws IOException {
        NetworkSpec spec = spec("tiny-video-ft");
        Path file = classifier(spec);
        try (OpenedWeights weights = OpenedWeights.open(file)) {
            assertThat(weights.isClassifier()).isTrue();
            assertThat(weights.areOurs()).isTrue();
            assertThat(weights.notes()).isEmpty();
            assertThat(weights.classes().names()).isEqualTo(CLASSES);
        }
        assertThat(saidBy(file)).isEqualTo(spec);
        assertThat(Recipes.named("tiny-video-ft").fits(spec)).isTrue();
    }
}
