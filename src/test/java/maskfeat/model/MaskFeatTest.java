package maskfeat.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
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
import org.junit.jupiter.api.Test;

class MaskFeatTest {
    private static final Vit.Config CONFIG = new Vit.Config(4, 1, 8, 2, 2, 0);

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
