package maskfeat.task;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import maskfeat.augment.Normalize;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenSettings;
import maskfeat.golden.GoldenTensors;
import maskfeat.golden.Tolerance;
import maskfeat.model.Backbone;
import maskfeat.model.ClipSize;
import maskfeat.model.Detector;
import maskfeat.nn.Init;
import maskfeat.nn.RoiAlign;
import maskfeat.torch.Arrays;
import maskfeat.train.AdamW;
import maskfeat.train.LayerDecay;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A reduced detector against the official implementation: same weights, same clips, same boxes, same everything. */
@Tag("golden")
class ActionDetectionGoldenTest {
    private static final Path FOLDER = GoldenDir.path().resolve("finetune");

    private GoldenTensors golden;
    private GoldenSettings settings;
    private Tolerance tolerance;
    private Backbone.Config backbone;
    private Detector model;
    private int classes;

    @BeforeEach
    void build() {
        assumeThat(GoldenDir.has("finetune/mvit_ava.safetensors")).isTrue();
        golden = GoldenTensors.open(FOLDER.resolve("mvit_ava.safetensors"));
        settings = GoldenSettings.open("finetune/mvit_ava.json");
        tolerance = new Tolerance(golden, FOLDER.resolve("mvit_ava.tolerance.json"));
        backbone = settings.backbone();
        classes = settings.number("/MODEL/NUM_CLASSES");
        long[] input = golden.shape("input");
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Init init = new Init(0)) {
            model = new Detector(
                    backbone.build(ClipSize.square((int) input[2], (int) input[4]), init),
                    settings.setting("/MODEL/DROPOUT_RATE").asDouble(),
                    classes,
                    init);
            model.parameters().forEach((name, parameter) -> parameter.copy_(tensor("w." + name)));
        }
    }

    @AfterEach
    void close() {
        model.close();
    }

    private Tensor tensor(String name) {
        return Arrays.tensor(golden.values(name), golden.shape(name));
    }

    private List<RoiAlign.Region> boxes() {
        float[] rows = golden.values("boxes");
        List<RoiAlign.Region> boxes = new ArrayList<>();
        for (int i = 0; i < rows.length; i += 5) {
            boxes.add(new RoiAlign.Region((int) rows[i], rows[i + 1], rows[i + 2], rows[i + 3], rows[i + 4]));
        }
        return boxes;
    }

    private Tensor loss() {
        ActionDetection task = new ActionDetection(model, classes, Normalize.IMAGENET, new Device("cpu"));
        return task.crossEntropy(model.forward(tensor("input"), boxes()), tensor("target"));
    }

    @Test
    void hasTheOfficialParametersAndStride() {
        Map<String, List<Long>> shapes = new LinkedHashMap<>(model.shapes());
        assertThat(shapes).containsExactlyInAnyOrderEntriesOf(settings.parameters());
        assertThat(backbone.patch()).isEqualTo(settings.number("/DETECTION/SPATIAL_SCALE_FACTOR"));
    }

    @Test
    void givesTheOfficialProbabilitiesLossAndGradients() {
        try (PointerScope scope = new PointerScope()) {
            tolerance.assertClose(
                    "train_output", Arrays.floats(torch.sigmoid(model.forward(tensor("input"), boxes()))));
            Tensor loss = loss();
            tolerance.assertClose("loss", Arrays.floats(loss));
            loss.backward();
            model.parameters()
                    .forEach((name, parameter) -> tolerance.assertClose("g." + name, Arrays.floats(parameter.grad())));
        }
    }

    @Test
    void aStepHasTheOfficialGradientNormAndEndsAtTheOfficialParameters() {
        JsonNode clip = settings.setting("/SOLVER/CLIP_GRAD_L2NORM");
        AdamW.Config adamw = new AdamW.Config(
                settings.setting("/SOLVER/BETAS/0").asDouble(),
                settings.setting("/SOLVER/BETAS/1").asDouble(),
                1e-8,
                settings.setting("/SOLVER/WEIGHT_DECAY").asDouble(),
                clip.isNull() ? null : clip.asDouble());
        LayerDecay decay =
                new LayerDecay(settings.setting("/SOLVER/LAYER_DECAY").asDouble(), backbone.depth(), model.depths());
        try (PointerScope scope = new PointerScope();
                AdamW optimizer = new AdamW(model.parameters(), adamw, decay)) {
            loss().backward();
            tolerance.assertStep(
                    "grad_norm_steps",
                    0,
                    optimizer.step(golden.values("lr_steps")[0]).item_float());
            double coefficient = settings.description().get("clip_coef_step1").asDouble();
            if (golden.names().stream().anyMatch(name -> name.startsWith("a1."))) { // not every set has them
                model.parameters()
                        .forEach((name, parameter) ->
                                tolerance.assertMoved("a1.", name, Arrays.floats(parameter), coefficient));
            }
        }
    }

    /** Where float32 probabilities are exactly 0 or 1 the official loss is stuck; everywhere else the two are one. */
    @Test
    void theLossFromLogitsIsTheOfficialOneWhereThatIsNotSaturated() {
        Path folder = GoldenDir.path().resolve("detection");
        GoldenTensors set = GoldenTensors.open(folder.resolve("loss.safetensors"));
        Tolerance error = new Tolerance(set, folder.resolve("loss.tolerance.json"));
        long[] shape = set.shape("logits");
        try (PointerScope scope = new PointerScope()) {
            Tensor logits = Arrays.tensor(set.values("logits"), shape);
            Tensor labels = Arrays.tensor(set.values("labels"), shape);
            ActionDetection task = new ActionDetection(model, (int) shape[1], Normalize.IMAGENET, new Device("cpu"));
            for (int first : new int[] {0, 1}) {
                String name = first == 0 ? "bce_logit" : "bce_rows1";
                Tensor z = logits.narrow(0, first, shape[0] - first).clone().detach();
                z.set_requires_grad(true);
                Tensor loss = task.crossEntropy(z, labels.narrow(0, first, shape[0] - first));
                loss.backward();
                error.assertClose(name + ".loss", Arrays.floats(loss));
                error.assertClose(name + ".grad", Arrays.floats(z.grad()));
            }
        }
    }

    @Test
    void aBatchWithoutBoxesCostsNothingAndMovesNothing() {
        try (PointerScope scope = new PointerScope()) {
            ActionDetection task = new ActionDetection(model, classes, Normalize.IMAGENET, new Device("cpu"));
            Tensor logits = model.forward(tensor("input"), List.of());
            Tensor loss = task.crossEntropy(logits, torch.zeros_like(logits));
            loss.backward();
            assertThat(loss.item_float()).isZero();
            assertThat(requireNonNull(model.parameters().get("head.projection.bias"))
                            .grad()
                            .abs()
                            .sum()
                            .item_float())
                    .isCloseTo(0, within(0f));
        }
    }
}
