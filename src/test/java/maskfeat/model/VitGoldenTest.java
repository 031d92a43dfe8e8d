package maskfeat.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenSettings;
import maskfeat.golden.GoldenTensors;
import maskfeat.golden.Tolerance;
import maskfeat.nn.Init;
import maskfeat.torch.Arrays;
import maskfeat.train.AdamW;
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

/** The reduced ViT against the official implementation: same weights, same input, same everything. */
@Tag("golden")
class VitGoldenTest {
    private static final String SET = "vit";

    private GoldenTensors golden;
    private GoldenSettings settings;
    private Tolerance tolerance;
    private MaskFeat model;

    @BeforeEach
    void load() {
        assumeThat(GoldenDir.has(SET)).as("golden set " + SET).isTrue();
        Path folder = GoldenDir.path().resolve(SET);
        golden = GoldenTensors.open(folder.resolve(SET + "_pretrain.safetensors"));
        settings = GoldenSettings.open(SET + "/config.json");
        tolerance = new Tolerance(golden, folder.resolve("tolerance.json"));
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
        Backbone backbone = settings.vit().build(ClipSize.image(settings.number("/DATA/TRAIN_CROP_SIZE")), init);
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
        assertThat(shapes).containsAllEntriesOf(settings.parameters());
    }

    @Test
    void everyBlockGivesTheOfficialActivations() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Vit vit = (Vit) model.backbone();
            Tokens tokens = vit.embed(frames());
            tolerance.assertClose("act.patch_embed", Arrays.floats(tokens.x()));
            Tokens masked = new Tokens(
                    torch.where(hidden().unsqueeze(-1), model.parameters().get("mask_token"), tokens.x()),
                    tokens.grid());
            List<Tensor> outputs = EachBlock.of(vit, masked);
            for (int i = 0; i < outputs.size(); i++) {
                tolerance.assertClose("act.block" + i, Arrays.floats(outputs.get(i)));
            }
        }
    }

    @Test
    void predictsWhatTheOfficialOnePredicts() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            tolerance.assertClose(
                    "preds",
                    Arrays.floats(
                            model.forward(frames(), hidden(), List.of(rows())).get(0)));
            tolerance.assertClose("preds_all", Arrays.floats(model.predictAll(frames(), hidden())));
            tolerance.assertClose("loss", Arrays.floats(loss()));
        }
    }

    @Test
    void everyGradientIsTheOfficialOne() {
        try (PointerScope scope = new PointerScope()) {
            loss().backward();
            model.parameters()
                    .forEach((name, parameter) -> tolerance.assertClose("g." + name, Arrays.floats(parameter.grad())));
        }
    }

    @Test
    void optimizerStepsEndAtTheOfficialParameters() {
        JsonNode solver = settings.setting("/SOLVER");
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
                    tolerance.assertStep("loss_steps", step, loss.item_float());
                    Tensor norm = optimizer.step(rates[step]);
                    tolerance.assertStep("grad_norm_steps", step, norm.item_float());
                    if (!named("a" + (step + 1) + ".").isEmpty()) {
                        assertParameters("a" + (step + 1) + ".");
                    }
                }
            }
        }
    }

    private List<String> named(String prefix) {
        return golden.names().stream()
                .filter(name -> name.startsWith(prefix))
                .map(name -> name.substring(prefix.length()))
                .toList();
    }

    private void assertParameters(String prefix) {
        double clip = settings.description().get("clip_coef_step1").asDouble();
        model.parameters()
                .forEach((name, parameter) -> tolerance.assertMoved(prefix, name, Arrays.floats(parameter), clip));
    }
}
