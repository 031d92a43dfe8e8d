package maskfeat.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import maskfeat.mask.Grid;
import maskfeat.nn.Init;
import maskfeat.torch.Arrays;
import maskfeat.torch.RandomTensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class MaskFeatTest {
    private static final Vit.Config CONFIG = new Vit.Config(4, 1, 8, 2, 2, 4, 0);

    @Test
    void theMaskTokenReplacesExactlyTheHiddenTokens() {
        try (PointerScope scope = new PointerScope();
                Init init = new Init(1);
                MaskToken mask = new MaskToken(3, init)) {
            Tensor x = RandomTensors.normal(2, 2, 4, 3);
            boolean[] hidden = {false, true, false, false, true, true, false, true};
            Tokens replaced = mask.replace(new Tokens(x, Grid.of(2, 2)), Arrays.tensor(hidden, 2, 4));
            assertThat(replaced.grid()).isEqualTo(Grid.of(2, 2));
            float[] before = Arrays.floats(x);
            float[] after = Arrays.floats(replaced.x());
            float[] token = Arrays.floats(requireNonNull(mask.parameters().get("mask_token")));
            for (int i = 0; i < after.length; i++) {
                assertThat(after[i]).isEqualTo(hidden[i / 3] ? token[i % 3] : before[i]);
            }
        }
    }

    @Test
    void theMaskTokenLearnsFromEveryPlaceItStandsIn() {
        try (PointerScope scope = new PointerScope();
                Init init = new Init(1);
                MaskToken mask = new MaskToken(3, init)) {
            boolean[] hidden = {false, true, false, false, true, true, false, true};
            Tensor x = RandomTensors.normal(2, 2, 4, 3);
            mask.replace(new Tokens(x, Grid.of(2, 2)), Arrays.tensor(hidden, 2, 4))
                    .x()
                    .sum()
                    .backward();
            assertThat(Arrays.floats(
                            requireNonNull(mask.parameters().get("mask_token")).grad()))
                    .containsExactly(4, 4, 4);
        }
    }

    @Test
    void predictionsForHiddenTokensAreThoseOfPredictAll() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Init init = new Init(1);
                MaskFeat model = new MaskFeat(CONFIG.build(ClipSize.image(8), init), 5, init)) {
            RandomTensors.addNoise(model.parameters(), 0.2, 3);
            Tensor frames = RandomTensors.normal(2, 2, 3, 1, 8, 8);
            Tensor hidden = Arrays.tensor(new boolean[] {true, false, false, true, false, true, true, true}, 2, 4);
            Tensor rows = Arrays.tensor(new long[] {0, 3, 5, 6, 7}, 5);
            Tensor all = model.predictAll(frames, hidden);
            assertThat(all.shape()).containsExactly(2, 4, 5);
            Tensor some = model.forward(frames, hidden, List.of(rows)).get(0);
            assertThat(Arrays.floats(some))
                    .containsExactly(Arrays.floats(all.flatten(0, 1).index_select(0, rows)), within(1e-5f));
        }
    }

    @Test
    void severalDepthsPredictEachWithAHeadOfItsOwn() {
        List<MaskFeat.Depth> depths = List.of(new MaskFeat.Depth(0, 3), new MaskFeat.Depth(1, 5));
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Init init = new Init(1);
                MaskFeat model = new MaskFeat(CONFIG.build(ClipSize.image(8), init), depths, init);
                PredictionHead first = new PredictionHead(0, 8, 3, init)) {
            RandomTensors.addNoise(model.parameters(), 0.2, 3);
            first.parameters()
                    .forEach((name, parameter) ->
                            parameter.copy_(requireNonNull(model.parameters().get("pred_head." + name))));
            Tensor frames = RandomTensors.normal(2, 1, 3, 1, 8, 8);
            Tensor hidden = Arrays.tensor(new boolean[] {true, false, false, true}, 1, 4);
            Tensor rows = Arrays.tensor(new long[] {0, 3}, 2);

            List<Tensor> predictions = model.forward(frames, hidden, List.of(rows, rows));

            Tokens tokens = model.backbone().embed(frames);
            Tokens masked = new Tokens(
                    torch.where(
                            hidden.unsqueeze(-1),
                            requireNonNull(model.parameters().get("mask_token")),
                            tokens.x()),
                    tokens.grid());
            Tensor afterFirst =
                    model.backbone().encode(masked, List.of(0, 1)).get(0).patches();
            assertThat(Arrays.floats(predictions.get(0)))
                    .isEqualTo(
                            Arrays.floats(first.forward(afterFirst.flatten(0, 1).index_select(0, rows))));
            assertThat(Arrays.floats(predictions.get(1)))
                    .isEqualTo(Arrays.floats(
                            model.predictAll(frames, hidden).flatten(0, 1).index_select(0, rows)));
        }
    }

    @Test
    void theLastBlockMustPredict() {
        try (Init init = new Init(1);
                Backbone backbone = CONFIG.build(ClipSize.image(8), init)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new MaskFeat(backbone, List.of(new MaskFeat.Depth(0, 3)), init))
                    .withMessageContaining("the last of 2 blocks must predict");
        }
    }

    @Test
    void whatIsHiddenCannotBeSeen() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Init init = new Init(1);
                MaskFeat model = new MaskFeat(CONFIG.build(ClipSize.image(8), init), 5, init)) {
            RandomTensors.addNoise(model.parameters(), 0.2, 3);
            Tensor frames = RandomTensors.normal(2, 1, 3, 1, 8, 8);
            Tensor hidden = Arrays.tensor(new boolean[] {false, true, false, false}, 1, 4);
            float[] before = Arrays.floats(model.predictAll(frames, hidden));
            Tensor other = frames.clone();
            other.narrow(3, 0, 4).narrow(4, 4, 4).zero_(); // the upper right patch, token 1
            assertThat(Arrays.floats(model.predictAll(other, hidden))).isEqualTo(before);
            other.narrow(3, 4, 4).narrow(4, 4, 4).zero_();
            assertThat(Arrays.floats(model.predictAll(other, hidden))).isNotEqualTo(before);
        }
    }

    @Test
    void namesAreTheOfficialOnes() {
        try (Init init = new Init(1);
                MaskFeat model = new MaskFeat(CONFIG.build(ClipSize.image(8), init), 5, init)) {
            Map<String, Tensor> parameters = model.parameters();
            assertThat(parameters.keySet())
                    .contains(
                            "cls_token",
                            "pos_embed",
                            "mask_token",
                            "patch_embed.proj.weight",
                            "blocks.1.mlp.fc2.bias",
                            "pred_head.transforms.0.0.weight",
                            "pred_head.projections.0.bias")
                    .hasSize(5 + 2 * 12 + 4);
        }
    }
}
