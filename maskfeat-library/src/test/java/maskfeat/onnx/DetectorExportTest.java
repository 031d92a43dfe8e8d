package maskfeat.onnx;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import maskfeat.model.Backbone;
import maskfeat.model.ClipSize;
import maskfeat.model.Detector;
import maskfeat.model.Mvit;
import maskfeat.model.Vit;
import maskfeat.nn.Init;
import maskfeat.nn.RoiAlign.Region;
import maskfeat.torch.Arrays;
import maskfeat.torch.RandomTensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The scores that ONNX Runtime gives to boxes are ours. */
class DetectorExportTest {
    private static final int ACTIONS = 5;
    /** Of probabilities. */
    private static final double TOLERANCE = 1e-5;

    @TempDir
    private Path folder = Path.of("");

    static Stream<Arguments> networks() {
        return Stream.of(
                Arguments.of(new Vit.Config(8, 2, 8, 2, 2, 4, 0), new ClipSize(4, 32, 32)),
                Arguments.of(
                        new Vit.Config(8, 1, 8, 2, 2, 4, 0, false, Vit.PositionKind.SINUSOID, 1e-6),
                        new ClipSize(2, 40, 24)),
                Arguments.of(new Mvit.Config(8, 1, List.of(1, 2), 4, true, false, true, 3, 0), new ClipSize(4, 64, 96)),
                Arguments.of(
                        new Mvit.Config(8, 1, List.of(1, 2, 1), 4, true, true, false, 4, 0), new ClipSize(2, 64, 48)),
                Arguments.of(
                        new Mvit.Config(8, 1, List.of(1, 1), 4, false, false, true, 4, 0), ClipSize.square(4, 64)));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void scoresOfBoxesAreTheSame(Backbone.Config config, ClipSize size) throws IOException, OrtException {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Init init = new Init(4);
                Detector network = new Detector(config.build(size, init), 0.5, ACTIONS, init)) {
            RandomTensors.addNoise(network.parameters(), 0.3, 6);
            network.train(false);
            for (int opset : new int[] {16, 17}) {
                Path file = folder.resolve("detector" + opset + ".onnx");
                OnnxFile written = OnnxExport.detector(
                        file, network, new OnnxExport.Options(0, null, Map.of("labels", "[]"), opset));
                assertThat(written.inputs()).extracting(Port::name).containsExactly("pixel_values", "boxes");
                assertThat(written.inputs().get(1)).hasToString("boxes float32 [boxes, 5]");
                assertThat(written.outputs()).extracting(Port::toString).containsExactly("scores float32 [boxes, 5]");
                try (OnnxModel model = new OnnxModel(file)) {
                    assertSays(model, network, size, 1);
                    assertSays(model, network, size, 3);
                    assertThat(model.metadata()).containsEntry("task", "action detection");
                    assertThat(model.ports())
                            .containsEntry("boxes", "FLOAT [-1, 5]")
                            .containsEntry("scores", "FLOAT [-1, 5]");
                }
            }
        }
    }

    private static void assertSays(OnnxModel model, Detector network, ClipSize size, int batch) throws OrtException {
        Tensor frames = RandomTensors.normal(9 + batch, batch, 3, size.frames(), size.height(), size.width());
        List<Region> regions = new ArrayList<>();
        for (int clip = 0; clip < batch; clip++) {
            regions.addAll(regions(clip, size.width(), size.height()));
        }
        float[] boxes = new float[5 * regions.size()];
        for (int k = 0; k < regions.size(); k++) {
            Region region = regions.get(k);
            float[] row = {region.index(), region.x1(), region.y1(), region.x2(), region.y2()};
            System.arraycopy(row, 0, boxes, 5 * k, 5);
        }
        float[] wanted = Arrays.floats(network.forward(frames, regions).sigmoid());
        OnnxModel.Output found = requireNonNull(model.run(
                        Arrays.floats(frames), new long[] {batch, 3, size.frames(), size.height(), size.width()}, boxes)
                .get("scores"));
        assertThat(found.shape()).containsExactly(regions.size(), ACTIONS);
        double difference = 0;
        for (int i = 0; i < wanted.length; i++) {
            difference = Math.max(difference, Math.abs(found.values()[i] - wanted[i]));
        }
        assertThat(difference).isLessThan(TOLERANCE);
        assertThat(wanted[0]).isNotEqualTo(wanted[ACTIONS]); // the boxes matter
    }

    /** Usual ones, the whole frame, slivers, points, and what reaches out. */
    private static List<Region> regions(int clip, float width, float height) {
        return List.of(
                new Region(clip, 0.1f * width, 0.2f * height, 0.4f * width, 0.9f * height),
                new Region(clip, 0, 0, width - 1, height - 1),
                new Region(clip, 0, 0, width, height),
                new Region(clip, width - 1, 3, width - 1, height / 2),
                new Region(clip, 7.3f, 9.1f, 7.3f, 9.1f),
                new Region(clip, 0.5f * width, 0.5f * height, 0.53f * width, 0.98f * height),
                new Region(clip, -20, -9, 0.5f * width, height + 30));
    }
}
