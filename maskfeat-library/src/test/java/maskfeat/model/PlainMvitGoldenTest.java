package maskfeat.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import maskfeat.torch.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The oracle against the official implementation: what ours is compared with must itself be right. */
@Tag("golden")
class PlainMvitGoldenTest {
    /**
     * Without oneDNN, as whose kernels for depthwise 3D convolutions with channels last give wrong gradients on some processors (Zen 5,
     * libtorch 2.10); the network itself does not use them.
     */
    @BeforeAll
    static void withoutOneDnn() {
        torch.globalContext().setUserEnabledMkldnn(false);
    }

    @AfterAll
    static void withOneDnn() {
        torch.globalContext().setUserEnabledMkldnn(true);
    }

    private static Map<String, Tensor> weights(MvitGoldenSet set, ScalarType type) {
        Map<String, Tensor> weights = new HashMap<>();
        for (String name : set.named("w.")) {
            weights.put(name, set.tensor("w." + name).to(type).set_requires_grad(true));
        }
        return weights;
    }

    @ParameterizedTest
    @ValueSource(strings = {"mvit", "mvit_dim_mul_in_att"})
    void theOracleIsTheOfficialNetwork(String name) {
        MvitGoldenSet set = MvitGoldenSet.open(name);
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> weights = weights(set, ScalarType.Float);
            PlainMvit plain = new PlainMvit(set.shape(), weights);
            Tokens tokens = plain.embed(set.tensor("input"));
            set.assertActivation("patch_embed", Arrays.floats(tokens.x()));
            assertThat(tokens.grid()).isEqualTo(set.embedGrid());
            List<Features> outputs = plain.blocks(plain.mask(tokens, set.hidden()));
            for (int i = 0; i < outputs.size(); i++) {
                set.assertActivation("block" + i, Arrays.floats(outputs.get(i).x()));
            }
            set.assertClose("preds_all", Arrays.floats(plain.predictAll(set.tensor("input"), set.hidden())));

            Tensor preds = plain.predict(set.tensor("input"), set.hidden(), set.rows());
            set.assertClose("preds", Arrays.floats(preds));
            Tensor loss = torch.mse_loss(preds, set.tensor("labels"));
            set.assertClose("loss", Arrays.floats(loss));
            loss.backward();
            for (String of : set.named("g.")) {
                set.assertClose(
                        "g." + of, Arrays.floats(requireNonNull(weights.get(of)).grad()));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mvit", "mvit_dim_mul_in_att"})
    void inFloat64ItIsAsCloseAsTheOfficialFloat64(String name) {
        MvitGoldenSet set = MvitGoldenSet.open(name);
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> weights = weights(set, ScalarType.Double);
            PlainMvit plain = new PlainMvit(set.shape(), weights);
            Tensor frames = set.tensor("input").to(ScalarType.Double);
            Tensor preds = plain.predict(frames, set.hidden(), set.rows());
            set.assertExact("preds", Arrays.floats(preds));
            Tensor loss = torch.mse_loss(preds, set.tensor("labels").to(ScalarType.Double));
            set.assertExact("loss", Arrays.floats(loss));
            loss.backward();
            for (String of : set.named("g.")) {
                set.assertExact(
                        "g." + of, Arrays.floats(requireNonNull(weights.get(of)).grad()));
            }
        }
    }
}
