package maskfeat.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenTensors;
import maskfeat.nn.Init;
import maskfeat.torch.Arrays;
import maskfeat.train.AdamW;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The reduced ViT against the official implementation: same weights, same input, same everything. */
@Tag("golden")
class VitGoldenTest {
    private static final String SET = "vit";

    private GoldenTensors golden;
    private JsonNode config;
    private JsonNode tolerance;
    private MaskFeat model;

    @BeforeEach
    void load() {
        assumeThat(GoldenDir.has(SET)).as("golden set " + SET).isTrue();
        Path folder = GoldenDir.path().resolve(SET);
        golden = GoldenTensors.open(folder.resolve(SET + "_pretrain.safetensors"));
        config = JsonMapper.shared().readTree(folder.resolve("config.json").toFile());
        tolerance =
                JsonMapper.shared().readTree(folder.resolve("tolerance.json").toFile());
        try (Init init = new Init(0)) {
            model = model(init);
        }
        setParameters("w.");
    }

    @AfterEach
    void free() {
        if (model != null) {
            model.close();
        }
    }

    private MaskFeat model(Init init) {
        JsonNode mvit = config.at("/cfg/MVIT");
        assertThat(mvit.get("POOL_Q_STRIDE")).as("a plain ViT pools nowhere").isEmpty();
        assertThat(mvit.get("CLS_EMBED_ON").asBoolean()).isTrue();
        assertThat(mvit.get("USE_ABS_POS").asBoolean()).isTrue();
        Vit.Config vit = new Vit.Config(
                mvit.get("PATCH_KERNEL").get(0).asInt(),
                1,
                mvit.get("EMBED_DIM").asInt(),
                mvit.get("DEPTH").asInt(),
                mvit.get("NUM_HEADS").asInt(),
                4,
                mvit.get("DROPPATH_RATE").asDouble());
        Backbone backbone =
                vit.build(ClipSize.image(config.at("/cfg/DATA/TRAIN_CROP_SIZE").asInt()), init);
        return new MaskFeat(backbone, (int) golden.shape("preds")[1], init);
    }

    private void setParameters(String prefix) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            model.parameters().forEach((name, parameter) -> parameter.copy_(tensor(prefix + name)));
        }
    }

    private Tensor tensor(String name) {
        return Arrays.tensor(golden.values(name), golden.shape(name));
    }

    private Tensor frames() {
        return tensor("input").unsqueeze(2); // [B, 3, 1, H, W]
    }

    private Tensor hidden() {
        return tensor("output_mask").gt(new Scalar(0.5f));
    }

    private Tensor rows() {
        return torch.nonzero(hidden().flatten()).squeeze(1);
    }

    private Tensor loss() {
        return torch.mse_loss(model.forward(frames(), hidden(), List.of(rows())).get(0), tensor("labels"));
    }

    @Test
    void hasTheOfficialParameters() {
        Map<String, Tensor> parameters = model.parameters();
        assertThat(parameters.keySet()).containsExactlyInAnyOrderElementsOf(named("w."));
        Map<String, List<Long>> shapes = new HashMap<>();
        parameters.forEach((name, parameter) -> shapes.put(
                name, java.util.Arrays.stream(parameter.shape()).boxed().toList()));
        for (JsonNode entry : config.get("parameters")) {
            List<Long> shape = new ArrayList<>();
            entry.get("shape").forEach(side -> shape.add(side.asLong()));
            assertThat(shapes).containsEntry(entry.get("name").asString(), shape);
        }
    }

    @Test
    void everyBlockGivesTheOfficialActivations() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Vit vit = (Vit) model.backbone();
            Tokens tokens = vit.embed(frames());
            assertClose("act.patch_embed", Arrays.floats(tokens.x()), 5);
            Tokens masked = new Tokens(
                    torch.where(hidden().unsqueeze(-1), model.parameters().get("mask_token"), tokens.x()),
                    tokens.grid());
            List<Tensor> outputs = EachBlock.of(vit, masked);
            for (int i = 0; i < outputs.size(); i++) {
                assertClose("act.block" + i, Arrays.floats(outputs.get(i)), 5);
            }
        }
    }

    @Test
    void predictsWhatTheOfficialOnePredicts() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            assertClose(
                    "preds",
                    Arrays.floats(
                            model.forward(frames(), hidden(), List.of(rows())).get(0)),
                    5);
            assertClose("preds_all", Arrays.floats(model.predictAll(frames(), hidden())), 5);
            assertClose("loss", Arrays.floats(loss()), 5);
        }
    }

    @Test
    void everyGradientIsTheOfficialOne() {
        try (PointerScope scope = new PointerScope()) {
            loss().backward();
            model.parameters()
                    .forEach((name, parameter) -> assertClose("g." + name, Arrays.floats(parameter.grad()), 5));
        }
    }

    @Test
    void optimizerStepsEndAtTheOfficialParameters() {
        JsonNode solver = config.at("/cfg/SOLVER");
        JsonNode clip = solver.get("CLIP_GRAD_L2NORM");
        AdamW.Config settings = new AdamW.Config(
                solver.get("BETAS").get(0).asDouble(),
                solver.get("BETAS").get(1).asDouble(),
                1e-8,
                solver.get("WEIGHT_DECAY").asDouble(),
                clip.isNull() ? null : clip.asDouble());
        float[] rates = golden.values("lr_steps");
        try (AdamW optimizer = new AdamW(model.parameters(), settings)) {
            for (int step = 0; step < rates.length; step++) {
                try (PointerScope scope = new PointerScope()) {
                    Tensor loss = loss();
                    loss.backward();
                    assertThat(loss.item_float())
                            .as("loss of step " + (step + 1))
                            .isCloseTo(
                                    golden.values("loss_steps")[step], within(1e-6, golden.values("loss_steps")[step]));
                    Tensor norm = optimizer.step(rates[step]);
                    float expected = golden.values("grad_norm_steps")[step];
                    assertThat(norm.item_float())
                            .as("gradient norm of step " + (step + 1))
                            .isCloseTo(expected, within(1e-5, expected));
                    if (!named("a" + (step + 1) + ".").isEmpty()) {
                        assertParameters("a" + (step + 1) + ".");
                    }
                }
            }
        }
    }

    private static Offset<Float> within(double relative, float value) {
        return org.assertj.core.api.Assertions.within((float) (relative * Math.abs(value)));
    }

    private List<String> named(String prefix) {
        return golden.names().stream()
                .filter(name -> name.startsWith(prefix))
                .map(name -> name.substring(prefix.length()))
                .toList();
    }

    private void assertParameters(String prefix) {
        double clip = config.get("clip_coef_step1").asDouble();
        model.parameters().forEach((name, parameter) -> {
            float[] actual = Arrays.floats(parameter);
            float[] expected = golden.values(prefix + name);
            float[] gradient = golden.values("g." + name);
            JsonNode allowed = tolerance.get(prefix + name);
            double strict = allowed.get("err64_max_where_grad_significant").asDouble();
            double loose = allowed.get("err64_max").asDouble();
            double rounding = 1e-7 * allowed.get("max_abs").asDouble();
            for (int i = 0; i < actual.length; i++) {
                // A gradient that is rounding noise moves its parameter anywhere: Adam divides it by its own size.
                double limit = Math.abs(gradient[i]) * clip > 1e-6 ? 5 * strict + rounding : 10 * loose + rounding;
                assertThat((double) actual[i])
                        .as(prefix + name + "[" + i + "]")
                        .isCloseTo(expected[i], org.assertj.core.api.Assertions.within(limit));
            }
        });
    }

    /** Within some times the error that the official float32 run itself has against float64. */
    private void assertClose(String name, float[] actual, double times) {
        float[] expected = golden.values(name);
        assertThat(actual).as(name).hasSameSizeAs(expected);
        JsonNode allowed = tolerance.get(name);
        double worst = 0;
        double absMax = 0;
        for (int i = 0; i < expected.length; i++) {
            worst = Math.max(worst, Math.abs((double) actual[i] - expected[i]));
            absMax = Math.max(absMax, Math.abs(expected[i]));
        }
        double limit = allowed == null
                ? 2e-6 * absMax
                : times * allowed.get("err64_max").asDouble() + 1e-7 * absMax;
        assertThat(worst).as("largest difference in " + name).isLessThanOrEqualTo(limit);
    }
}
