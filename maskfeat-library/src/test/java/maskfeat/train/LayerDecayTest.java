package maskfeat.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayerDecayTest {
    /** As the official program counts layers, by the names of parameters. */
    private static Map<String, Integer> layers(String... names) {
        return OfficialLayers.of(List.of(names));
    }

    /** Of twelve blocks: before the blocks 13 layers below the head, block i 12 - i. */
    @ParameterizedTest
    @CsvSource({
        "cls_token, 13",
        "mask_token, 13",
        "pos_embed, 13",
        "pos_embed_spatial, 13",
        "patch_embed.proj.weight, 13",
        "patch_embed.proj.bias, 13",
        "blocks.0.norm1.weight, 12",
        "blocks.0.attn.rel_pos_h, 12",
        "blocks.1.attn.rel_pos_t, 11",
        "blocks.1.attn.pool_q.weight, 11",
        "blocks.10.mlp.fc2.bias, 2",
        "blocks.11.attn.norm_k.weight, 1",
        "blocks.2.proj.weight, 10",
        "norm.weight, 0",
        "norm.bias, 0",
        "head.projection.weight, 0",
        "head.projection.bias, 0",
    })
    void theFurtherFromTheHeadTheSmaller(String name, int layersBelow) {
        double factor = 1;
        for (int i = 0; i < layersBelow; i++) {
            factor *= 0.65;
        }
        assertThat(new LayerDecay(0.65, 12, layers(name)).applyAsDouble(name)).isCloseTo(factor, within(1e-14));
    }

    /** ViT-B with 0.65 and MViTv2-S with 0.75 in the official settings. */
    @Test
    void theFactorsAreThoseOfThePublishedModels() {
        LayerDecay base =
                new LayerDecay(0.65, 12, layers("pos_embed", "blocks.0.attn.qkv.weight", "blocks.11.attn.qkv.weight"));
        assertThat(base.applyAsDouble("pos_embed")).isCloseTo(0.003697, within(5e-7));
        assertThat(base.applyAsDouble("blocks.0.attn.qkv.weight")).isCloseTo(0.005688, within(5e-7));
        assertThat(base.applyAsDouble("blocks.11.attn.qkv.weight")).isEqualTo(0.65);
        assertThat(new LayerDecay(0.75, 16, layers("cls_token")).applyAsDouble("cls_token"))
                .isCloseTo(0.007517, within(5e-7));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cls_token", "blocks.3.norm1.weight", "head.projection.bias"})
    void aRateOfOneLeavesAllAlike(String name) {
        assertThat(new LayerDecay(1, 12, layers(name)).applyAsDouble(name)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -0.5, 1.01, Double.NaN})
    void aRateThatIsNoneIsRefused(double rate) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LayerDecay(rate, 12, Map.of()))
                .withMessage("layer-decay " + rate + " must be above 0 and at most 1; 1 is none");
    }
}
