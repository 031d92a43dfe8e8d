package maskfeat.task;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.Map;
import maskfeat.augment.Normalize;
import maskfeat.model.ClipSize;
import maskfeat.model.Contrast;
import maskfeat.model.Vit;
import maskfeat.nn.Init;
import maskfeat.torch.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ContrastiveTest {
    private static final Vit.Config VIT = new Vit.Config(8, 1, 16, 2, 2, 2, 0);
    private static final ClipSize SIZE = new ClipSize(1, 16, 16);

    private final Contrast model;
    private final Contrast.Encoder slow;
    private final Contrastive task;

    ContrastiveTest() {
        try (PointerScope scope = new PointerScope();
                Init init = new Init(3)) {
            Contrast.Widths widths = new Contrast.Widths(24, 8);
            model = new Contrast(VIT, SIZE, widths, init);
            slow = new Contrast.Encoder(VIT, SIZE, widths, init);
        }
        task = new Contrastive(
                model, slow, Normalize.IMAGENET, 0.2, new Contrastive.Momentum(0.5, 4, 2), new Device("cpu"));
    }

    @AfterEach
    void free() {
        task.close();
        slow.close();
        model.close();
    }

    private Map<String, float[]> state() {
        Map<String, float[]> values = new LinkedHashMap<>();
        task.state().forEach((name, tensor) -> values.put(name, Arrays.floats(tensor)));
        return values;
    }

    private static Tensor pictures(int count) {
        return torch.randn(new long[] {count, 3, 1, 16, 16});
    }

    @Test
    void aStepThatIsLeftOutMovesNothing() {
        try (PointerScope scope = new PointerScope()) {
            task.loss(0, pictures(4), pictures(4));
            Map<String, float[]> before = state();
            task.loss(1, pictures(4).div_(new Scalar(0)), pictures(4));
            assertThat(state()).usingRecursiveComparison().isNotEqualTo(before);
            task.leftOut(1);
            assertThat(state()).usingRecursiveComparison().isEqualTo(before);
        }
    }

    /** As where another rank is gone before the loss of the next step is computed. */
    @Test
    void aStepThatBrokeOffBeforeItsLossLeavesThatOfTheStepBefore() {
        try (PointerScope scope = new PointerScope()) {
            task.loss(0, pictures(4), pictures(4));
            task.afterStep(0);
            Map<String, float[]> before = state();
            task.leftOut(1);
            assertThat(state()).usingRecursiveComparison().isEqualTo(before);
        }
    }

    @Test
    void whereAllKeysAreAlikeTheLossIsChance() {
        try (PointerScope scope = new PointerScope()) {
            Tensor q = torch.randn(new long[] {6, 8});
            Tensor k = torch.ones(new long[] {6, 8});
            double loss = Contrastive.contrast(q, k, 0, 0.2).loss().item_float();
            assertThat(2 * loss).isCloseTo(task.chance(6), within(1e-5));
        }
    }

    @Test
    void aQueryThatIsItsOwnKeyFindsIt() {
        try (PointerScope scope = new PointerScope()) {
            Tensor k = torch.randn(new long[] {5, 8});
            assertThat(Contrastive.contrast(k, k, 0, 0.2).accuracy()).isEqualTo(100);
            assertThat(Contrastive.contrast(k.flip(0), k, 0, 0.2).accuracy()).isEqualTo(20); // the middle one
        }
    }

    @Test
    void momentumRisesToOneByHalfACosine() {
        Contrastive.Momentum momentum = new Contrastive.Momentum(0.9, 10, 4);
        assertThat(momentum.at(0)).isCloseTo(0.9, within(1e-12));
        assertThat(momentum.at(20)).isCloseTo(0.95, within(1e-12));
        assertThat(momentum.at(40)).isCloseTo(1, within(1e-12));
    }

    /** First values: Xavier's bounds, queries, keys and values each a matrix; nothing learned in positions and patches. */
    @Test
    void beginsAsTheOfficialOne() {
        Map<String, Tensor> parameters = model.parameters();
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            assertLargest(requireNonNull(parameters.get("blocks.0.attn.qkv.weight")), Math.sqrt(6.0 / (16 + 16)));
            assertLargest(requireNonNull(parameters.get("blocks.1.mlp.fc1.weight")), Math.sqrt(6.0 / (16 + 32)));
            assertLargest(requireNonNull(parameters.get("patch_embed.proj.weight")), Math.sqrt(6.0 / (3 * 64 + 16)));
            assertLargest(requireNonNull(parameters.get("head.0.weight")), 1 / Math.sqrt(16));
            assertLargest(requireNonNull(parameters.get("predictor.3.weight")), 1 / Math.sqrt(24));
            parameters.forEach((name, tensor) -> {
                if (name.endsWith(".bias")) {
                    assertThat(Arrays.floats(tensor)).as(name).containsOnly(0f);
                }
            });
            assertThat((double) requireNonNull(parameters.get("cls_token"))
                            .abs()
                            .max()
                            .item_float())
                    .isBetween(1e-8, 5e-6);
        }
    }

    private static void assertLargest(Tensor tensor, double bound) {
        assertThat((double) tensor.abs().max().item_float()).isBetween(0.9 * bound, bound * (1 + 1e-6));
    }
}
