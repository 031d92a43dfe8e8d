package maskfeat.task;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import maskfeat.augment.Normalize;
import maskfeat.data.Seeds;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenTensors;
import maskfeat.golden.Tolerance;
import maskfeat.model.Backbone;
import maskfeat.model.Classifier;
import maskfeat.model.ClipSize;
import maskfeat.model.Mvit;
import maskfeat.model.Vit;
import maskfeat.nn.Init;
import maskfeat.torch.GivenDraws;
import maskfeat.train.AdamW;
import maskfeat.train.LayerDecay;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reduced classifiers against the official implementation: same weights, same input, same labels, same everything. */
@Tag("golden")
class ClassificationGoldenTest {
    private static final String VIT = "vit_cls";
    private static final String CLASS_TOKEN = "vit_cls_clstoken";
    private static final String DROP_PATH = "vit_cls_droppath";
    private static final String MVIT = "mvit_cls";

    /** What the official implementation made of a reduced classifier, and ours of the same settings. */
    private static final class Golden implements AutoCloseable {
        private final GoldenTensors tensors;
        private final GoldenTensors weights;
        private final JsonNode description;
        private final Tolerance tolerance;
        private final Backbone.Config backbone;
        private final Classifier model;
        private final Classification task;

        /** @param weights name of the set that has the weights */
        Golden(String set, String weights) {
            Path folder = GoldenDir.path().resolve("finetune");
            assumeThat(GoldenDir.has("finetune/" + set + ".safetensors"))
                    .as("golden set " + set)
                    .isTrue();
            tensors = GoldenTensors.open(folder.resolve(set + ".safetensors"));
            this.weights = GoldenTensors.open(folder.resolve(weights + ".safetensors"));
            description =
                    JsonMapper.shared().readTree(folder.resolve(set + ".json").toFile());
            tolerance = new Tolerance(tensors, folder.resolve(set + ".tolerance.json"));
            backbone = pools() ? mvit() : vit();
            int classes = setting("/MODEL/NUM_CLASSES").asInt();
            try (PointerScope scope = new PointerScope();
                    NoGradGuard guard = new NoGradGuard();
                    Init init = new Init(0)) {
                model = new Classifier(backbone.build(size(), init), head(), classes, init);
                model.parameters().forEach((name, parameter) -> parameter.copy_(tensor(this.weights, "w." + name)));
            }
            task = new Classification(
                    model,
                    classes,
                    Normalize.IMAGENET,
                    Classification.Objective.plain(),
                    new Seeds(0),
                    new Device("cpu"));
        }

        private JsonNode setting(String pointer) {
            JsonNode setting = description.at("/cfg" + pointer);
            assertThat(setting.isMissingNode()).as(pointer).isFalse();
            return setting;
        }

        private boolean pools() {
            return !setting("/MVIT/POOL_Q_STRIDE").isEmpty();
        }

        private Backbone.Config vit() {
            return new Vit.Config(
                    setting("/MVIT/PATCH_KERNEL/0").asInt(),
                    1,
                    setting("/MVIT/EMBED_DIM").asInt(),
                    setting("/MVIT/DEPTH").asInt(),
                    setting("/MVIT/NUM_HEADS").asInt(),
                    setting("/MVIT/DROPPATH_RATE").asDouble());
        }

        private Backbone.Config mvit() {
            List<Integer> begins = new ArrayList<>(List.of(0));
            setting("/MVIT/HEAD_MUL").forEach(entry -> begins.add(entry.get(0).asInt()));
            List<Integer> stages = new ArrayList<>();
            for (int i = 0; i < begins.size(); i++) {
                int end = i + 1 < begins.size()
                        ? begins.get(i + 1)
                        : setting("/MVIT/DEPTH").asInt();
                stages.add(end - begins.get(i));
            }
            Mvit.Config preTrained = new Mvit.Config(
                    setting("/MVIT/EMBED_DIM").asInt(),
                    setting("/MVIT/NUM_HEADS").asInt(),
                    stages,
                    setting("/MVIT/POOL_KV_STRIDE_ADAPTIVE/1").asInt(),
                    false,
                    setting("/MVIT/DIM_MUL_IN_ATT").asBoolean(),
                    setting("/MVIT/CLS_EMBED_ON").asBoolean(),
                    0);
            int last = begins.get(begins.size() - 1);
            assertThat(setting("/MVIT/POOL_Q_STRIDE/" + last + "/2").asInt())
                    .as("stride of block " + last)
                    .isEqualTo(2);
            return preTrained.forFineTuning(setting("/MVIT/DROPPATH_RATE").asDouble());
        }

        private Classifier.Head head() {
            Classifier.Pooling pooling = setting("/MVIT/USE_MEAN_POOLING").asBoolean()
                    ? Classifier.Pooling.MEAN
                    : setting("/MVIT/CLS_EMBED_ON").asBoolean()
                            ? Classifier.Pooling.CLASS_TOKEN
                            : Classifier.Pooling.NORM_MEAN;
            return new Classifier.Head(pooling, setting("/MODEL/DROPOUT_RATE").asDouble());
        }

        private ClipSize size() {
            long[] input = tensors.shape("input");
            return ClipSize.square(input.length == 5 ? (int) input[2] : 1, (int) input[input.length - 1]);
        }

        private static Tensor tensor(GoldenTensors of, String name) {
            return maskfeat.torch.Arrays.tensor(of.values(name), of.shape(name));
        }

        private static float[] floats(Tensor tensor) {
            return maskfeat.torch.Arrays.floats(tensor);
        }

        /** [B, 3, T, H, W] */
        Tensor frames() {
            Tensor input = tensor(tensors, "input");
            return input.dim() == 4 ? input.unsqueeze(2) : input;
        }

        Tensor target() {
            return tensor(tensors, "target");
        }

        Tensor loss() {
            return task.crossEntropy(model.forward(frames()), target());
        }

        Map<String, List<Long>> officialShapes() {
            Map<String, List<Long>> shapes = new LinkedHashMap<>();
            description
                    .get("parameters")
                    .forEach(entry -> shapes.put(
                            entry.get("name").asString(),
                            entry.get("shape")
                                    .valueStream()
                                    .map(JsonNode::asLong)
                                    .toList()));
            return shapes;
        }

        void assertGradients() {
            model.parameters()
                    .forEach((name, parameter) -> tolerance.assertClose("g." + name, floats(parameter.grad())));
        }

        @Override
        public void close() {
            model.close();
        }
    }

    private static Golden golden(String set) {
        return new Golden(set, set.equals(MVIT) ? MVIT : VIT);
    }

    @ParameterizedTest
    @ValueSource(strings = {VIT, CLASS_TOKEN, MVIT})
    void hasTheOfficialParameters(String set) {
        try (Golden golden = golden(set)) {
            Map<String, List<Long>> shapes = new LinkedHashMap<>();
            golden.model
                    .parameters()
                    .forEach((name, parameter) -> shapes.put(
                            name, Arrays.stream(parameter.shape()).boxed().toList()));
            assertThat(shapes).containsExactlyInAnyOrderEntriesOf(golden.officialShapes());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {VIT, CLASS_TOKEN, MVIT})
    void givesTheOfficialActivationsLogitsProbabilitiesAndLoss(String set) {
        try (Golden golden = golden(set);
                PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Backbone backbone = golden.model.backbone();
            int last = backbone.depth() - 1;
            golden.tolerance.assertClose(
                    "act.block" + last,
                    Golden.floats(
                            backbone.encode(backbone.embed(golden.frames())).x()));
            golden.tolerance.assertClose("train_output", Golden.floats(golden.model.forward(golden.frames())));
            golden.tolerance.assertClose("loss", Golden.floats(golden.loss()));
            golden.model.train(false);
            golden.tolerance.assertClose(
                    "eval_output", Golden.floats(Classification.probabilities(golden.model.forward(golden.frames()))));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {VIT, CLASS_TOKEN, MVIT})
    void everyGradientIsTheOfficialOne(String set) {
        try (Golden golden = golden(set);
                PointerScope scope = new PointerScope()) {
            golden.loss().backward();
            golden.assertGradients();
        }
    }

    /** With the layer decay and the clipping of each. */
    @ParameterizedTest
    @ValueSource(strings = {VIT, CLASS_TOKEN, MVIT})
    void aStepEndsAtTheOfficialParameters(String set) {
        try (Golden golden = golden(set)) {
            JsonNode solver = golden.setting("/SOLVER");
            JsonNode clip = solver.get("CLIP_GRAD_L2NORM");
            AdamW.Config settings = new AdamW.Config(
                    solver.get("BETAS").get(0).asDouble(),
                    solver.get("BETAS").get(1).asDouble(),
                    1e-8,
                    solver.get("WEIGHT_DECAY").asDouble(),
                    clip.isNull() ? null : clip.asDouble());
            LayerDecay decay = new LayerDecay(solver.get("LAYER_DECAY").asDouble(), golden.backbone.depth());
            try (PointerScope scope = new PointerScope();
                    AdamW optimizer = new AdamW(golden.model.parameters(), settings, decay)) {
                golden.loss().backward();
                double norm =
                        optimizer.step(golden.tensors.values("lr_steps")[0]).item_float();
                double expected = golden.tensors.values("grad_norm_steps")[0];
                assertThat(norm).as("gradient norm").isCloseTo(expected, within(1e-5 * expected));
                double factor = golden.description.get("clip_coef_step1").asDouble();
                boolean known = golden.tensors.has("a1.head.projection.weight");
                assertThat(known).isEqualTo(!set.equals(CLASS_TOKEN));
                if (known) {
                    golden.model
                            .parameters()
                            .forEach((name, parameter) -> golden.tolerance.assertMoved(
                                    "a1.", name, Golden.floats(requireNonNull(parameter)), factor));
                }
            }
        }
    }

    @Nested
    class WithDropPath {
        private final Golden golden = golden(DROP_PATH);

        /** The official keep masks, call by call. */
        private void draw() {
            float[] keep = golden.tensors.values("droppath_keep");
            boolean[] draws = new boolean[keep.length];
            for (int i = 0; i < keep.length; i++) {
                draws[i] = keep[i] == 1;
            }
            GivenDraws.next(draws);
        }

        @Test
        void givesTheOfficialLogitsLossAndGradients() {
            try (golden;
                    PointerScope scope = new PointerScope()) {
                golden.model.train(true);
                draw();
                Tensor logits = golden.model.forward(golden.frames());
                golden.tolerance.assertClose("logits", Golden.floats(logits));
                Tensor loss = golden.task.crossEntropy(logits, golden.target());
                golden.tolerance.assertClose("loss", Golden.floats(loss));
                loss.backward();
                golden.assertGradients();
            }
        }

        @Test
        void dropsNothingInEvaluation() {
            try (golden;
                    PointerScope scope = new PointerScope();
                    NoGradGuard guard = new NoGradGuard()) {
                golden.model.train(false);
                draw();
                golden.tolerance.assertClose(
                        "eval_output",
                        Golden.floats(Classification.probabilities(golden.model.forward(golden.frames()))));
            }
        }
    }

    @Test
    void smoothedAndMixedLabelsAreTheOfficialOnes() {
        assumeThat(GoldenDir.has("finetune/mixup_target.safetensors")).isTrue();
        GoldenTensors target = GoldenTensors.open(GoldenDir.path().resolve("finetune/mixup_target.safetensors"));
        float[] named = target.values("labels");
        int[] labels = new int[named.length];
        for (int b = 0; b < labels.length; b++) {
            labels[b] = (int) named[b];
        }
        double smoothing = Math.round(1e6 * target.values("smoothing")[0]) / 1e6; // it was rounded to float32
        int classes = (int) target.values("num_classes")[0];
        try (Golden golden = golden(VIT);
                PointerScope scope = new PointerScope()) {
            Classification task = new Classification(
                    golden.model,
                    classes,
                    Normalize.IMAGENET,
                    new Classification.Objective(smoothing, Optional.empty(), Optional.empty()),
                    new Seeds(0),
                    new Device("cpu"));
            Tensor wanted = task.smoothed(labels);
            Tensor mixed = Classification.lerp(wanted, wanted.flip(0), target.values("lam")[0]);
            float[] actual = Golden.floats(mixed);
            float[] expected = target.values("target");
            assertThat(actual).hasSameSizeAs(expected);
            for (int i = 0; i < expected.length; i++) {
                assertThat(actual[i]).isCloseTo(expected[i], within(1e-7f));
            }
        }
    }
}
