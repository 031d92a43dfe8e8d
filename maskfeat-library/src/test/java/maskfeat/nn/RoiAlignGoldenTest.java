package maskfeat.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenTensors;
import maskfeat.torch.Arrays;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Features of boxes and their gradient against torchvision's operator. */
@Tag("golden")
class RoiAlignGoldenTest {
    private static final GoldenTensors GOLDEN =
            GoldenTensors.open(GoldenDir.path().resolve("finetune/roialign.safetensors"));

    static Stream<String> cases() {
        return GOLDEN.names().stream()
                .filter(name -> name.endsWith(".feature") || name.equals("feature"))
                .map(name -> name.substring(0, name.length() - "feature".length()));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void outputAndGradientAreTorchvisions(String set) {
        try (PointerScope scope = new PointerScope()) {
            Tensor feature = tensor(set + "feature");
            feature.set_requires_grad(true);
            float[] boxes = GOLDEN.values(set + "boxes");
            List<RoiAlign.Region> regions = new ArrayList<>();
            for (int i = 0; i < boxes.length; i += 5) {
                regions.add(
                        new RoiAlign.Region((int) boxes[i], boxes[i + 1], boxes[i + 2], boxes[i + 3], boxes[i + 4]));
            }
            Tensor output = new RoiAlign(7, GOLDEN.values(set + "scale")[0]).forward(feature, regions);
            assertClose(output, GOLDEN.values(set + "output"));
            output.backward(tensor(set + "grad_output"), null, false, null);
            assertClose(feature.grad(), GOLDEN.values(set + "grad_feature"));
        }
    }

    private static void assertClose(Tensor actual, float[] expected) {
        float largest = 0;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertThat(Arrays.floats(actual)).containsExactly(expected, Offset.offset(5e-6f * Math.max(1, largest)));
    }

    private static Tensor tensor(String name) {
        return Arrays.tensor(GOLDEN.values(name), GOLDEN.shape(name));
    }
}
