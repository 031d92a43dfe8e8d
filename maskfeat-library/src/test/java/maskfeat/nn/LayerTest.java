package maskfeat.nn;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Map;
import maskfeat.torch.Arrays;
import maskfeat.torch.Handles;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class LayerTest {
    /** A layer of named parameters and children. */
    private static final class Any extends Layer {
        Any own(String... names) {
            for (String name : names) {
                parameter(name, Arrays.tensor(new float[] {1, 2, 3}, 3));
            }
            return this;
        }

        Any with(String name, Layer child) {
            add(name, child);
            return this;
        }
    }

    @Test
    void namesAreThoseOfPyTorch() {
        try (Any layer = new Any()
                .with("blocks.0", new Any().own("weight").with("mlp", new Any().own("fc1.weight", "fc1.bias")))
                .with("", new Any().own("mask_token"))
                .own("cls_token")) {
            assertThat(layer.parameters().keySet())
                    .containsExactly(
                            "cls_token",
                            "blocks.0.weight",
                            "blocks.0.mlp.fc1.weight",
                            "blocks.0.mlp.fc1.bias",
                            "mask_token");
            assertThat(layer.parameterCount()).isEqualTo(15);
        }
    }

    @Test
    void constantsMoveWithTheParametersButAreNone() {
        Constant layer = new Constant();
        layer.to(new Device("cpu"));
        assertThat(layer.parameters()).isEmpty();
        assertThat(Arrays.floats(layer.three)).containsExactly(3);
        layer.close();
        assertThat(layer.three.isNull()).isTrue();
    }

    /** A layer that trains nothing. */
    private static final class Constant extends Layer {
        final Tensor three = constant(Arrays.tensor(new float[] {3}, 1));
    }

    @Test
    void aNameTwiceInOneLayerIsRefused() {
        try (Any layer = new Any().own("weight")) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> layer.own("weight"))
                    .withMessage("two parameters are named 'weight'");
        }
    }

    @Test
    void aNameTwiceInTheWholeModelIsRefused() {
        try (Any layer = new Any()
                .with("a", new Any().with("b", new Any().own("weight")))
                .with("a.b", new Any().own("weight"))) {
            assertThatIllegalStateException()
                    .isThrownBy(layer::parameters)
                    .withMessage("two parameters are named 'a.b.weight'");
        }
    }

    @Test
    void parametersAreTrainedLeavesThatOutliveScopes() {
        Any layer;
        try (PointerScope scope = new PointerScope()) {
            layer = new Any().own("weight");
        }
        try (layer) {
            Tensor weight = requireNonNull(layer.parameters().get("weight"));
            assertThat(weight.requires_grad()).isTrue();
            assertThat(weight.is_leaf()).isTrue();
            assertThat(Arrays.floats(weight)).containsExactly(1, 2, 3);
        }
    }

    @Test
    void trainReachesEveryPart() {
        Any grandchild = new Any();
        Any child = new Any().with("child", grandchild);
        Any layer = new Any().with("child", child);
        assertThat(layer.training() && child.training() && grandchild.training())
                .isTrue();
        layer.train(false);
        assertThat(layer.training() || child.training() || grandchild.training())
                .isFalse();
        layer.train(true);
        assertThat(layer.training() && child.training() && grandchild.training())
                .isTrue();
    }

    @Test
    void movedParametersKeepTheirHandlesAndValues() {
        try (PointerScope scope = new PointerScope();
                Any layer = new Any().own("weight")) {
            Map<String, Tensor> before = layer.parameters();
            layer.to(new Device("cpu"));
            Tensor weight = requireNonNull(layer.parameters().get("weight"));
            assertThat(weight).isSameAs(before.get("weight"));
            assertThat(Arrays.floats(weight)).containsExactly(1, 2, 3);
            weight.mul(weight).sum().backward();
            assertThat(Arrays.floats(weight.grad())).containsExactly(2, 4, 6);
        }
    }

    @Test
    void closingFreesEveryParameter() {
        try (Init init = new Init(1)) {
            Block block = new Block(8, 2, 24, 0.1, init);
            Map<String, Tensor> parameters = block.parameters();
            assertThat(parameters)
                    .hasSize(12)
                    .allSatisfy(
                            (name, parameter) -> assertThat(parameter.isNull()).isFalse());
            block.close();
            assertThat(parameters)
                    .allSatisfy(
                            (name, parameter) -> assertThat(parameter.isNull()).isTrue());
            assertThat(block.parameters()).isEmpty();
            block.close(); // twice does no harm
        }
    }

    @Test
    void aHundredModelsLeaveNothingBehind() throws InterruptedException {
        long settled = 0;
        for (int i = 0; i < 100; i++) {
            try (PointerScope scope = new PointerScope();
                    Init init = new Init(i);
                    Block block = new Block(8, 2, 24, 0.1, init)) {
                assertThat(block.parameters()).hasSize(12);
            }
            if (i == 0) {
                settled = Handles.settled();
            }
        }
        assertThat(Handles.now()).isLessThanOrEqualTo(settled);
    }
}
