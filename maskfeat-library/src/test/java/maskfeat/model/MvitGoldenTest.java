package maskfeat.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import maskfeat.feature.FloatHog;
import maskfeat.golden.Tolerance;
import maskfeat.mask.Grid;
import maskfeat.nn.Init;
import maskfeat.train.AdamW;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The reduced MViTv2 against the official implementation: same weights, same input, same everything. */
@Tag("golden")
@ParameterizedClass
@ValueSource(strings = {"mvit", "mvit_dim_mul_in_att"})
class MvitGoldenTest {
    private final MvitGoldenSet golden;
    private final MaskFeat model;

    MvitGoldenTest(String set) {
        golden = MvitGoldenSet.open(set);
        try (Init init = new Init(0)) {
            model = golden.model(init);
        }
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            model.parameters().forEach((name, parameter) -> parameter.copy_(golden.tensor("w." + name)));
        }
    }

    @AfterEach
    void free() {
        model.close();
    }

    private Tensor frames() {
        return golden.tensor("input");
    }

    private Tensor predictions() {
        return model.forward(frames(), golden.hidden(), List.of(golden.rows())).get(0);
    }

    private Tensor loss() {
        return torch.mse_loss(predictions(), golden.tensor("labels"));
    }

    private static float[] floats(Tensor tensor) {
        return maskfeat.torch.Arrays.floats(tensor);
    }

    @Test
    void hasTheOfficialParameters() {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        model.parameters()
                .forEach((name, parameter) -> shapes.put(
                        name, Arrays.stream(parameter.shape()).boxed().toList()));
        assertThat(shapes).containsExactlyInAnyOrderEntriesOf(golden.parameters());
        assertThat(shapes.keySet()).containsExactlyInAnyOrderElementsOf(golden.named("w."));
    }

    @Test
    void knowsItsGrids() {
        assertThat(golden.config().embedGrid(golden.size())).isEqualTo(golden.embedGrid());
        assertThat(golden.config().grid(golden.size(), golden.depth() - 1)).isEqualTo(golden.outputGrid());
        assertThat(golden.config().patch(golden.depth() - 1)).isEqualTo(golden.outputPatch());
    }

    @Test
    void everyBlockGivesTheOfficialActivations() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Tokens tokens = model.backbone().embed(frames());
            golden.assertActivation("patch_embed", floats(tokens.x()));
            Tensor token = requireNonNull(model.parameters().get("mask_token"));
            Tokens masked = new Tokens(torch.where(golden.hidden().unsqueeze(-1), token, tokens.x()), tokens.grid());
            List<Tensor> outputs = EachBlock.of(model.backbone(), masked);
            assertThat(outputs).hasSize(golden.depth());
            for (int i = 0; i < outputs.size(); i++) {
                golden.assertActivation("block" + i, floats(outputs.get(i)));
            }
        }
    }

    @Test
    void predictsWhatTheOfficialOnePredicts() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            golden.assertClose("preds", floats(predictions()));
            golden.assertClose("preds_all", floats(model.predictAll(frames(), golden.hidden())));
            golden.assertClose("loss", floats(loss()));
        }
    }

    @Test
    void everyGradientIsTheOfficialOne() {
        try (PointerScope scope = new PointerScope()) {
            loss().backward();
            Map<String, Tensor> parameters = model.parameters();
            List<String> known = golden.named("g.");
            assertThat(known).isNotEmpty();
            for (String name : known) {
                golden.assertClose(
                        "g." + name, floats(requireNonNull(parameters.get(name)).grad()));
            }
        }
    }

    @Test
    void optimizerStepsEndAtTheOfficialParameters() {
        JsonNode clip = golden.setting("/SOLVER/CLIP_GRAD_L2NORM");
        AdamW.Config settings = new AdamW.Config(
                golden.setting("/SOLVER/BETAS/0").asDouble(),
                golden.setting("/SOLVER/BETAS/1").asDouble(),
                1e-8,
                golden.setting("/SOLVER/WEIGHT_DECAY").asDouble(),
                clip.isNull() ? null : clip.asDouble());
        float[] rates = golden.values("lr_steps");
        try (AdamW optimizer = new AdamW(model.parameters(), settings)) {
            for (int i = 0; i < rates.length; i++) {
                try (PointerScope scope = new PointerScope()) {
                    Tensor loss = loss();
                    loss.backward();
                    golden.assertStep("loss_steps", i, loss.item_float());
                    golden.assertStep(
                            "grad_norm_steps", i, optimizer.step(rates[i]).item_float());
                    String prefix = "a" + (i + 1) + ".";
                    Map<String, Tensor> parameters = model.parameters();
                    for (String name : golden.named(prefix)) {
                        golden.assertParameter(prefix, name, floats(requireNonNull(parameters.get(name))));
                    }
                }
            }
        }
    }

    /** Ours in the official order: hidden ones of the first clip, then of the second. */
    @Test
    void predictsTheFeaturesOfTheFirstFrameOfEachToken() {
        assertThat(golden.setting("/MASK/PRED_HOG").asBoolean()).isTrue();
        Grid grid = golden.outputGrid();
        boolean[][] masks = golden.mask(grid);
        boolean[] all = new boolean[grid.size()];
        Arrays.fill(all, true);
        assertThat(features(masks)).containsExactly(golden.values("labels"), offset());
        boolean[][] everywhere = new boolean[masks.length][];
        Arrays.fill(everywhere, all);
        assertThat(features(everywhere)).containsExactly(golden.values("targets_all"), offset());
    }

    @Test
    void hidesTheOfficialTokens() {
        float[] official = golden.values("output_mask");
        boolean[][] masks = golden.mask(golden.outputGrid());
        int tokens = golden.outputGrid().size();
        assertThat(official).hasSize(masks.length * tokens);
        for (int i = 0; i < official.length; i++) {
            assertThat(masks[i / tokens][i % tokens]).as("token " + i).isEqualTo(official[i] == 1);
        }
    }

    private static Offset<Float> offset() {
        return Offset.offset((float) Tolerance.HISTOGRAM);
    }

    private float[] features(boolean[][] masks) {
        ClipSize size = golden.size();
        float[] input = golden.values("input");
        int clip = input.length / masks.length;
        float[][] parts = new float[masks.length][];
        int count = 0;
        for (int b = 0; b < masks.length; b++) {
            parts[b] = FloatHog.of(
                    Arrays.copyOfRange(input, b * clip, (b + 1) * clip),
                    size.frames(),
                    size.height(),
                    size.width(),
                    golden.outputPatch(),
                    golden.outputGrid(),
                    masks[b]);
            count += parts[b].length;
        }
        float[] features = new float[count];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, features, at, part.length);
            at += part.length;
        }
        return features;
    }
}
