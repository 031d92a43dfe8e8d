package maskfeat.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

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
import maskfeat.model.GoldenClassifier;
import maskfeat.torch.Arrays;
import maskfeat.torch.GivenDraws;
import maskfeat.train.AdamW;
import maskfeat.train.LayerDecay;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Reduced classifiers against the official implementation: same weights, same input, same labels, same everything. */
@Tag("golden")
class ClassificationGoldenTest {
    private static final String VIT = "vit_cls";
    private static final String CLASS_TOKEN = "vit_cls_clstoken";
    private static final String DROP_PATH = "vit_cls_droppath";
    private static final String MVIT = "mvit_cls";

    private static GoldenClassifier golden(String set) {
        return new GoldenClassifier(set, set.equals(MVIT) ? MVIT : VIT);
    }

    private static Classification task(GoldenClassifier golden) {
        return task(golden.model(), golden.classes(), 0);
    }

    private static Classification task(Classifier model, int classes, double smoothing) {
        return new Classification(
                model,
                classes,
                Normalize.IMAGENET,
                new Classification.Objective(smoothing, Optional.empty(), Optional.empty()),
                new Seeds(0),
                new Device("cpu"));
    }

    private static Tensor loss(GoldenClassifier golden) {
        return task(golden).crossEntropy(golden.model().forward(golden.frames()), golden.target());
    }

    private static float[] probabilities(GoldenClassifier golden) {
        return Arrays.floats(Classification.probabilities(golden.model().forward(golden.frames())));
    }

    @ParameterizedTest
    @ValueSource(strings = {VIT, CLASS_TOKEN, MVIT})
    void hasTheOfficialParameters(String set) {
        try (GoldenClassifier golden = golden(set)) {
            Map<String, List<Long>> shapes = new LinkedHashMap<>();
            golden.model()
                    .parameters()
                    .forEach((name, parameter) -> shapes.put(
                            name,
                            java.util.Arrays.stream(parameter.shape()).boxed().toList()));
            assertThat(shapes).containsExactlyInAnyOrderEntriesOf(golden.parameters());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {VIT, CLASS_TOKEN, MVIT})
    void givesTheOfficialActivationsLogitsProbabilitiesAndLoss(String set) {
        try (GoldenClassifier golden = golden(set);
                PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Backbone backbone = golden.model().backbone();
            golden.tolerance()
                    .assertClose(
                            "act.block" + (backbone.depth() - 1),
                            Arrays.floats(backbone.encode(backbone.embed(golden.frames()))
                                    .x()));
            golden.tolerance()
                    .assertClose("train_output", Arrays.floats(golden.model().forward(golden.frames())));
            golden.tolerance().assertClose("loss", Arrays.floats(loss(golden)));
            golden.model().train(false);
            golden.tolerance().assertClose("eval_output", probabilities(golden));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {VIT, CLASS_TOKEN, MVIT})
    void everyGradientIsTheOfficialOne(String set) {
        try (GoldenClassifier golden = golden(set);
                PointerScope scope = new PointerScope()) {
            loss(golden).backward();
            golden.assertGradients();
        }
    }

    /** With the layer decay and the clipping of each. */
    @ParameterizedTest
    @ValueSource(strings = {VIT, CLASS_TOKEN, MVIT})
    void aStepEndsAtTheOfficialParameters(String set) {
        try (GoldenClassifier golden = golden(set)) {
            JsonNode clip = golden.setting("/SOLVER/CLIP_GRAD_L2NORM");
            AdamW.Config settings = new AdamW.Config(
                    golden.setting("/SOLVER/BETAS/0").asDouble(),
                    golden.setting("/SOLVER/BETAS/1").asDouble(),
                    1e-8,
                    golden.setting("/SOLVER/WEIGHT_DECAY").asDouble(),
                    clip.isNull() ? null : clip.asDouble());
            LayerDecay decay = new LayerDecay(
                    golden.setting("/SOLVER/LAYER_DECAY").asDouble(),
                    golden.backbone().depth(),
                    golden.model().depths());
            try (PointerScope scope = new PointerScope();
                    AdamW optimizer = new AdamW(golden.model().parameters(), settings, decay)) {
                loss(golden).backward();
                double norm =
                        optimizer.step(golden.tensors().values("lr_steps")[0]).item_float();
                golden.tolerance().assertStep("grad_norm_steps", 0, norm);
                if (!set.equals(CLASS_TOKEN)) { // that set stops at the gradients
                    golden.model()
                            .parameters()
                            .forEach((name, parameter) -> golden.tolerance()
                                    .assertMoved("a1.", name, Arrays.floats(parameter), golden.clipOfStep1()));
                }
            }
        }
    }

    /** The next keep masks are the official ones, call by call. */
    private static void draw(GoldenClassifier golden) {
        float[] keep = golden.tensors().values("droppath_keep");
        boolean[] draws = new boolean[keep.length];
        for (int i = 0; i < keep.length; i++) {
            draws[i] = keep[i] == 1;
        }
        GivenDraws.next(draws);
    }

    @Test
    void dropsTheOfficialPathsWithTheOfficialLogitsLossAndGradients() {
        try (GoldenClassifier golden = golden(DROP_PATH);
                PointerScope scope = new PointerScope()) {
            golden.model().train(true);
            draw(golden);
            Tensor logits = golden.model().forward(golden.frames());
            golden.tolerance().assertClose("logits", Arrays.floats(logits));
            Tensor loss = task(golden).crossEntropy(logits, golden.target());
            golden.tolerance().assertClose("loss", Arrays.floats(loss));
            loss.backward();
            golden.assertGradients();
        }
    }

    @Test
    void dropsNoPathInEvaluation() {
        try (GoldenClassifier golden = golden(DROP_PATH);
                PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            golden.model().train(false);
            draw(golden);
            golden.tolerance().assertClose("eval_output", probabilities(golden));
        }
    }

    @Test
    void smoothedAndMixedLabelsAreTheOfficialOnes() {
        String file = "finetune/mixup_target.safetensors";
        assumeThat(GoldenDir.has(file)).as(file).isTrue();
        GoldenTensors target = GoldenTensors.open(GoldenDir.path().resolve(file));
        float[] named = target.values("labels");
        int[] labels = new int[named.length];
        for (int b = 0; b < labels.length; b++) {
            labels[b] = (int) named[b];
        }
        double smoothing = Math.round(1e6 * target.values("smoothing")[0]) / 1e6; // it was rounded to float32
        int classes = (int) target.values("num_classes")[0];
        try (GoldenClassifier golden = golden(VIT);
                PointerScope scope = new PointerScope()) {
            Tensor own = task(golden.model(), classes, smoothing).smoothed(labels);
            float[] mixed = Arrays.floats(Classification.lerp(own, own.flip(0), target.values("lam")[0]));
            assertThat(mixed).containsExactly(target.values("target"), within((float) Tolerance.ROUNDING));
        }
    }
}
