package maskfeat.recipe;

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
import maskfeat.disk.AtomicFile;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenSettings;
import maskfeat.golden.GoldenTensors;
import maskfeat.golden.Tolerance;
import maskfeat.mask.Grid;
import maskfeat.model.Classifier;
import maskfeat.model.GoldenClassifier;
import maskfeat.model.MaskFeat;
import maskfeat.model.Positions;
import maskfeat.settings.Settings;
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
            Grid grid = golden.backbone().embedGrid(golden.size());

            Transfer transfer = Transfer.into(network, file, grid, grid, false);

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

    private static Finetune finetune(String recipe, String... assignments) {
        Settings<Finetune> settings = Settings.of(
                Finetune.class,
                recipe,
                requireNonNull(FinetuneRecipes.byName().get(recipe)).run());
        for (String assignment : assignments) {
            settings = settings.set(assignment);
        }
        return settings.value();
    }

    private static ClassifierBlueprint blueprint(Finetune settings, List<String> classes) {
        return new ClassifierBlueprint(settings.input(), settings.model(), settings.head(), classes);
    }

    /** Of pre-training, with weights of noise, of which some are left out. */
    private Path preTrained(String recipe, String... without) throws IOException {
        Blueprint blueprint =
                Blueprint.of(requireNonNull(Recipes.byName().get(recipe)).run());
        try (MaskFeat model = blueprint.buildModel(1, CPU)) {
            RandomTensors.addNoise(model.parameters(), 0.3, 8);
            Map<String, Tensor> kept = new LinkedHashMap<>(model.parameters());
            kept.keySet().removeAll(List.of(without));
            Path file = folder.resolve(recipe + ".safetensors");
            AtomicFile.write(file, TensorFile.content(blueprint.metadata(), kept));
            return file;
        }
    }

    private Path classifier(Finetune settings, List<String> classes) throws IOException {
        ClassifierBlueprint blueprint = blueprint(settings, classes);
        try (Classifier model = blueprint.buildModel(1, CPU)) {
            RandomTensors.addNoise(model.parameters(), 0.3, 8);
            Path file = folder.resolve("classifier.safetensors");
            AtomicFile.write(file, TensorFile.content(blueprint.metadata(), model.parameters()));
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
        Finetune settings = finetune(recipe + "-ft");
        ClassifierBlueprint blueprint = blueprint(settings, CLASSES);
        try (Classifier model = blueprint.buildModel(2, CPU)) {
            Map<String, float[]> before = values(model.parameters());
            Pretrained from = Pretrained.open(file);
            assertThat(from.classes()).isEmpty();

            Transfer transfer = from.into(model, blueprint);

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
        Finetune settings = finetune("tiny-image-ft");
        Path file = classifier(settings, CLASSES);
        ClassifierBlueprint blueprint = blueprint(settings, CLASSES);
        try (Classifier model = blueprint.buildModel(2, CPU)) {
            Transfer transfer = Pretrained.open(file).into(model, blueprint);
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
        Finetune settings = finetune("tiny-image-ft");
        Path file = classifier(settings, CLASSES);
        ClassifierBlueprint blueprint = blueprint(settings, List.of("jump", "run", "walk"));
        try (Classifier model = blueprint.buildModel(2, CPU)) {
            Map<String, float[]> before = values(model.parameters());
            Transfer transfer = Pretrained.open(file).into(model, blueprint);
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
        Finetune settings = finetune("tiny-image-ft", "data.side=48", "data.short-side=54");
        ClassifierBlueprint blueprint = blueprint(settings, CLASSES);
        try (Classifier model = blueprint.buildModel(2, CPU);
                PointerScope scope = new PointerScope()) {
            Transfer transfer = Pretrained.open(file).into(model, blueprint);
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
        Path file = preTrained("tiny-image");
        Grid from = new Grid(4, 2, 2);
        Grid to = Grid.of(4, 4);
        ClassifierBlueprint blueprint = blueprint(finetune("tiny-image-ft"), CLASSES);
        try (Classifier model = blueprint.buildModel(2, CPU);
                PointerScope scope = new PointerScope()) {
            Transfer transfer = Transfer.into(model.parameters(), file, from, to, false);
            assertThat(transfer.resized()).extracting(Transfer.Resized::name).containsExactly("pos_embed");
            Tensor source = requireNonNull(TensorFile.read(file).get("pos_embed"));
            assertThat(values(model.parameters()).get("pos_embed"))
                    .isEqualTo(Arrays.floats(Positions.absolute(source, from, to)));
        }
    }

    @Test
    void relativePositionsOfALongerAndLargerClipAreResizedAndListed() throws IOException {
        Path file = preTrained("tiny-video");
        Finetune settings = finetune("tiny-video-ft", "data.clip.frames=8", "data.side=48", "data.short-side=54");
        ClassifierBlueprint blueprint = blueprint(settings, CLASSES);
        try (Classifier model = blueprint.buildModel(2, CPU);
                PointerScope scope = new PointerScope()) {
            Transfer transfer = Pretrained.open(file).into(model, blueprint);
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
        ClassifierBlueprint blueprint = blueprint(finetune("tiny-image-ft"), CLASSES);
        try (Classifier model = blueprint.buildModel(2, CPU)) {
            Map<String, float[]> before = values(model.parameters());
            Pretrained from = Pretrained.open(file);
            assertThatThrownBy(() -> from.into(model, blueprint))
                    .isInstanceOf(WeightsMismatch.class)
                    .hasMessage(file + ": missing 2 (cls_token, blocks.1.attn.qkv.weight), extra 0, misshaped 0");
            assertThat(values(model.parameters())).usingRecursiveComparison().isEqualTo(before);
        }
    }

    @Test
    void aWeightOfAnotherShapeIsRefusedByNameWithBothAndNothingIsChanged() throws IOException {
        Path file = preTrained("tiny-image");
        Finetune settings = finetune("tiny-image-ft", "model.patch=16");
        ClassifierBlueprint blueprint = blueprint(settings, CLASSES);
        try (Classifier model = blueprint.buildModel(2, CPU)) {
            Map<String, float[]> before = values(model.parameters());
            Pretrained from = Pretrained.open(file);
            assertThatThrownBy(() -> from.into(model, blueprint))
                    .isInstanceOf(WeightsMismatch.class)
                    .hasMessage(file + ": missing 0, extra 0, misshaped 1"
                            + " (patch_embed.proj.weight [32, 3, 8, 8] instead of [32, 3, 16, 16])");
            assertThat(values(model.parameters())).usingRecursiveComparison().isEqualTo(before);
        }
    }

    @Test
    void fromScratchEverythingIsNew() {
        ClassifierBlueprint blueprint = blueprint(finetune("tiny-image-ft"), CLASSES);
        try (Classifier model = blueprint.buildModel(2, CPU)) {
            Transfer transfer = Transfer.none(model.parameters());
            assertThat(transfer.fresh())
                    .containsExactlyElementsOf(model.parameters().keySet());
            assertThat(transfer.summary())
                    .isEqualTo("0 weights loaded, 0 resized, "
                            + model.parameters().size() + " new, 0 of the file not used");
        }
    }

    // ---- which network -----------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"tiny-image", "tiny-video", "sample-image", "sample-video"})
    void aRecipeOfFineTuningFitsItsPreTraining(String recipe) throws IOException {
        Pretrained from = Pretrained.open(preTrained(recipe));
        Finetune settings = finetune(recipe + "-ft");
        assertThat(from.fits(settings)).isTrue();
        assertThat(from.adoptedBy(settings)).isEqualTo(settings);
    }

    @Test
    void anotherNetworkIsAdoptedButForWhatFineTuningDecides() throws IOException {
        Pretrained from = Pretrained.open(preTrained("tiny-image"));
        Finetune settings = finetune("tiny-image-ft", "model.dim=64", "model.heads=4", "model.drop-path=0.3");
        assertThat(from.fits(settings)).isFalse();
        assertThat(from.adoptedBy(settings)).isEqualTo(finetune("tiny-image-ft", "model.drop-path=0.3"));
        assertThat(from.fits(from.adoptedBy(settings))).isTrue();
        assertThat(from.fits(finetune("tiny-image-ft", "data.side=24"))).isFalse();
    }

    @Test
    void aClassifierIsOpenedAsWhatItIs() throws IOException {
        Finetune settings = finetune("tiny-video-ft");
        Pretrained from = Pretrained.open(classifier(settings, CLASSES));
        assertThat(from.classes()).isEqualTo(CLASSES);
        assertThat(from.model()).isEqualTo(settings.model());
        assertThat(from.clip()).isEqualTo(settings.clip());
        assertThat(from.side()).isEqualTo(settings.data().side());
        assertThat(from.normalize()).isEqualTo(settings.data().normalize());
        assertThat(from.fits(settings)).isTrue();
    }
}
