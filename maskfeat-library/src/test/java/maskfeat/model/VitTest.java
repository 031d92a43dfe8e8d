package maskfeat.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import maskfeat.mask.Grid;
import maskfeat.nn.Init;
import maskfeat.torch.Arrays;
import maskfeat.torch.Generators;
import maskfeat.torch.RandomTensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VitTest {
    private static final int SIDE = 16;
    private static final int PATCH = 4;
    private static final int N = 16;
    private static final int DIM = 8;
    private static final int B = 3;

    private static Vit vit(int depth, double dropPath, Init init) {
        return (Vit) new Vit.Config(PATCH, 1, DIM, depth, 2, 4, dropPath).build(ClipSize.image(SIDE), init);
    }

    // ---- encode ------------------------------------------------------------------------------------------------

    private interface Form {
        Tensor of(Vit vit, Tokens tokens, Tensor rows);
    }

    private static Tensor plain(Vit vit, Tokens tokens, Tensor rows) {
        return vit.encode(tokens).patches().reshape(B * N, DIM).index_select(0, rows);
    }

    private static Map<String, float[]> run(Form form, int depth, double dropPath, boolean training) {
        Map<String, float[]> results = new LinkedHashMap<>();
        try (PointerScope scope = new PointerScope();
                Init init = new Init(1);
                Vit vit = vit(depth, dropPath, init)) {
            RandomTensors.addNoise(vit.parameters(), 0.2, 3);
            vit.train(training);
            Generators.seed(5);
            Tensor rows = Arrays.tensor(new long[] {0, 15, 16, 31, 32, 47, 20, 7}, 8);
            Tokens tokens = vit.embed(RandomTensors.normal(2, B, 3, 1, SIDE, SIDE));
            Tensor y = form.of(vit, tokens, rows);
            y.mul(RandomTensors.normal(4, 8, DIM)).sum().backward();
            results.put("output", Arrays.floats(y));
            vit.parameters().forEach((name, parameter) -> results.put(name, Arrays.floats(parameter.grad())));
        }
        return results;
    }

    @ParameterizedTest
    @CsvSource({"1, 0, true", "3, 0, true", "3, 0.5, false", "3, 0.5, true"})
    void theRowsAloneEqualTheRowsOfAll(int depth, double dropPath, boolean training) {
        Map<String, float[]> expected = run(VitTest::plain, depth, dropPath, training);
        Map<String, float[]> rows = run(Vit::encode, depth, dropPath, training);
        assertThat(rows).hasSize(1 + 4 + 12 * depth).hasSameSizeAs(expected);
        rows.forEach((name, actual) -> {
            float[] wanted = requireNonNull(expected.get(name));
            float largest = 0;
            for (float value : wanted) {
                largest = Math.max(largest, Math.abs(value));
            }
            // Fewer rows of a matrix product are summed in another order; over three blocks that adds up.
            assertThat(actual).as(name).containsExactly(wanted, within(1e-5f * largest));
        });
    }

    @Test
    void encodingEachBlockEndsWhereEncodingEnds() {
        try (PointerScope scope = new PointerScope();
                Init init = new Init(1);
                Vit vit = vit(3, 0, init)) {
            Tokens tokens = vit.embed(RandomTensors.normal(2, B, 3, 1, SIDE, SIDE));
            List<Tensor> each = EachBlock.of(vit, tokens);
            Features features = vit.encode(tokens);
            assertThat(each).hasSize(3);
            assertThat(Arrays.floats(each.get(2))).isEqualTo(Arrays.floats(features.x()));
            assertThat(features.x().shape()).containsExactly(B, 1 + N, DIM);
            assertThat(features.classToken().shape()).containsExactly(B, DIM);
            assertThat(features.patches().shape()).containsExactly(B, N, DIM);
            assertThat(Arrays.floats(
                            torch.cat(new TensorVector(features.classToken().unsqueeze(1), features.patches()), 1)))
                    .isEqualTo(Arrays.floats(features.x()));
        }
    }

    @Test
    void samplesDoNotSeeEachOther() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Init init = new Init(1);
                Vit vit = vit(2, 0, init)) {
            RandomTensors.addNoise(vit.parameters(), 0.2, 3);
            Tensor frames = RandomTensors.normal(2, B, 3, 1, SIDE, SIDE);
            Tensor together = vit.encode(vit.embed(frames)).x();
            for (int b = 0; b < B; b++) {
                Tensor alone = vit.encode(vit.embed(frames.narrow(0, b, 1))).x();
                assertThat(Arrays.floats(alone)).containsExactly(Arrays.floats(together.select(0, b)), within(1e-5f));
            }
        }
    }

    // ---- embed -------------------------------------------------------------------------------------------------

    @Test
    void aTokenIsTheProductOfItsPatchWithTheWeights() {
        try (PointerScope scope = new PointerScope();
                Init init = new Init(1);
                Vit vit = vit(1, 0, init)) {
            Tensor frames = RandomTensors.normal(2, B, 3, 1, SIDE, SIDE);
            Tokens tokens = vit.embed(frames);
            assertThat(tokens.grid()).isEqualTo(Grid.of(4, 4));
            Tensor weight = requireNonNull(vit.parameters().get("patch_embed.proj.weight"));
            Tensor bias = requireNonNull(vit.parameters().get("patch_embed.proj.bias"));
            for (int token = 0; token < N; token++) {
                Tensor patch = frames.select(2, 0)
                        .narrow(2, token / 4 * (long) PATCH, PATCH)
                        .narrow(3, token % 4 * (long) PATCH, PATCH); // [B, 3, p, p]
                Tensor expected = patch.reshape(B, 3 * PATCH * PATCH)
                        .matmul(weight.flatten(1, -1).transpose(0, 1))
                        .add(bias);
                assertThat(Arrays.floats(tokens.x().select(1, token)))
                        .containsExactly(Arrays.floats(expected), within(1e-6f));
            }
        }
    }

    @Test
    void otherInputsAreRefused() {
        try (PointerScope scope = new PointerScope();
                Init init = new Init(1);
                Vit vit = vit(1, 0, init)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> vit.embed(RandomTensors.normal(1, 1, 3, 2, SIDE, SIDE)))
                    .withMessage("an input of 2x4x4 patches does not fit positions for 4x4");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> vit.embed(RandomTensors.normal(1, 1, 3, 1, SIDE, 2 * SIDE)))
                    .withMessage("an input of 4x8 patches does not fit positions for 4x4");
        }
    }

    // ---- clips -------------------------------------------------------------------------------------------------

    @Test
    void aTokenOfAClipIsOneCubeTimesTheKernel() {
        int patch = 4;
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Init init = new Init(1);
                Backbone vit = new Vit.Config(patch, 2, 6, 1, 1, 4, 0).build(new ClipSize(6, 8, 12), init)) {
            Tensor clip = RandomTensors.normal(2, 2, 3, 6, 8, 12);
            Tokens tokens = vit.embed(clip);
            assertThat(tokens.grid()).isEqualTo(new Grid(3, 2, 3));
            Tensor kernel = requireNonNull(vit.parameters().get("patch_embed.proj.weight"));
            assertThat(kernel.shape()).containsExactly(6, 3, 2, patch, patch);
            assertThat(requireNonNull(vit.parameters().get("pos_embed")).shape())
                    .containsExactly(1, 1 + 18, 6);
            Tensor bias = requireNonNull(vit.parameters().get("patch_embed.proj.bias"));
            for (int t = 0; t < 3; t++) {
                for (int row = 0; row < 2; row++) {
                    for (int column = 0; column < 3; column++) {
                        Tensor cube = clip.narrow(2, 2 * t, 2)
                                .narrow(3, patch * row, patch)
                                .narrow(4, patch * column, patch)
                                .reshape(2, -1);
                        float[] expected = Arrays.floats(
                                cube.matmul(kernel.flatten(1, -1).t()).add(bias));
                        float[] actual =
                                Arrays.floats(tokens.x().select(1, tokens.grid().index(t, row, column)));
                        assertThat(actual).containsExactly(expected, within(1e-5f));
                    }
                }
            }
        }
    }

    @Test
    void clipsThatDoNotDivideIntoCubesAreRefused() {
        Vit.Config config = Vit.Config.base().ofVideo();
        assertThat(config.grid(ClipSize.square(16, 224))).isEqualTo(new Grid(8, 14, 14));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config.grid(ClipSize.square(15, 224)))
                .withMessageContaining("a clip of 15 frames does not divide into cubes of 2 frames");
    }

    @Test
    void featuresAfterEachBlockAreThoseOfANetworkOfThatDepth() {
        Vit.Config config = new Vit.Config(4, 1, 8, 3, 2, 4, 0);
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Init init = new Init(1);
                Backbone whole = config.build(ClipSize.image(8), init);
                Backbone cut = config.build(ClipSize.image(8), 2, init)) {
            cut.parameters()
                    .forEach((name, parameter) ->
                            parameter.copy_(requireNonNull(whole.parameters().get(name))));
            assertThat(cut.depth()).isEqualTo(2);
            Tokens tokens = whole.embed(RandomTensors.normal(2, 1, 3, 1, 8, 8));
            List<Features> features = whole.encode(tokens, List.of(1, 2));
            assertThat(Arrays.floats(features.get(0).x()))
                    .isEqualTo(Arrays.floats(cut.encode(tokens).x()));
            assertThat(Arrays.floats(features.get(1).x()))
                    .isEqualTo(Arrays.floats(whole.encode(tokens).x()));
        }
    }

    // ---- settings ----------------------------------------------------------------------------------------------

    @ParameterizedTest
    @CsvSource({
        "0, 8, 1, 1, 0, patch 0",
        "4, 8, 0, 1, 0, depth 0",
        "4, 10, 1, 4, 0, dim 10 must be a multiple of heads 4",
        "4, 8, 1, 1, 1, drop-path 1.0",
        "4, 8, 1, 1, -0.1, drop-path -0.1",
        "4, 8, 1, 1, NaN, drop-path NaN",
    })
    void settingsThatMakeNoSenseAreRefused(int patch, int dim, int depth, int heads, double dropPath, String named) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Vit.Config(patch, 1, dim, depth, heads, 4, dropPath))
                .withMessageContaining(named);
    }

    @Test
    void aSideThatDoesNotDivideIsRefusedWithTheNearestThatDo() {
        Vit.Config config = Vit.Config.base();
        assertThat(config.grid(ClipSize.image(224))).isEqualTo(Grid.of(14, 14));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config.grid(ClipSize.image(225)))
                .withMessageContaining("225 px")
                .withMessageEndingWith("224 and 240");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config.grid(ClipSize.image(9)))
                .withMessageEndingWith("16 and 16");
    }

    @Test
    void theSameSeedBuildsTheSameModel() {
        try (PointerScope scope = new PointerScope();
                Init init = new Init(1);
                Init same = new Init(1);
                Init other = new Init(2);
                Vit vit = vit(2, 0, init);
                Vit twin = vit(2, 0.5, same);
                Vit stranger = vit(2, 0, other)) {
            vit.parameters()
                    .forEach((name, parameter) -> assertThat(Arrays.floats(parameter))
                            .as(name)
                            .isEqualTo(Arrays.floats(
                                    requireNonNull(twin.parameters().get(name)))));
            assertThat(Arrays.floats(requireNonNull(vit.parameters().get("pos_embed"))))
                    .isNotEqualTo(
                            Arrays.floats(requireNonNull(stranger.parameters().get("pos_embed"))));
        }
    }

    // ---- drop path ---------------------------------------------------------------------------------------------

    /** Attention adds nothing, so a block leaves a sample exactly as it was where its MLP is dropped. */
    @ParameterizedTest
    @CsvSource({"5, 0.8", "2, 0.3"})
    void dropPathRisesLinearlyWithDepth(int depth, double last) {
        int samples = 5000;
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Init init = new Init(1);
                Vit vit = (Vit) new Vit.Config(1, 1, 4, depth, 1, 4, last).build(ClipSize.image(1), init)) {
            vit.parameters().forEach((name, parameter) -> {
                if (name.contains("attn.proj")) {
                    parameter.zero_();
                }
            });
            Generators.seed(1);
            Tokens tokens = vit.embed(RandomTensors.normal(2, samples, 3, 1, 1, 1));
            Tensor before = torch.cat(
                            new TensorVector(
                                    requireNonNull(vit.parameters().get("cls_token"))
                                            .expand(samples, -1, -1),
                                    tokens.x()),
                            1)
                    .add(requireNonNull(vit.parameters().get("pos_embed")));
            List<Tensor> outputs = EachBlock.of(vit, tokens);
            for (int i = 0; i < depth; i++) {
                float[] change = Arrays.floats(
                        outputs.get(i).sub(before).abs().flatten(1, -1).sum(1));
                int dropped = 0;
                for (float sum : change) {
                    dropped += sum == 0 ? 1 : 0;
                }
                double rate = depth == 1 ? 0 : last * i / (depth - 1);
                assertThat((double) dropped / samples)
                        .as("share dropped in block " + i)
                        .isCloseTo(rate, within(5 * Math.sqrt(rate * (1 - rate) / samples)));
                before = outputs.get(i);
            }
            vit.train(false);
            Tensor once = vit.encode(tokens).x();
            assertThat(vit.encode(tokens).x().equal(once)).isTrue();
            assertThat(once.sub(outputs.get(depth - 1))
                            .abs()
                            .sum()
                            .gt(new Scalar(0))
                            .item_bool())
                    .isEqualTo(depth > 1);
        }
    }
}
