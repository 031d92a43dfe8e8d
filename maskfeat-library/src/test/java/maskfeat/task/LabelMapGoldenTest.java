package maskfeat.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import maskfeat.data.MaskedClip;
import maskfeat.feature.LabelCrop;
import maskfeat.feature.LabelMap;
import maskfeat.feature.LabelMaps;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenTensors;
import maskfeat.golden.Tolerance;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Token Labeling's maps become the tokens' probabilities as its own program makes them, and with the axes right. */
@Tag("golden")
class LabelMapGoldenTest {
    @ParameterizedTest
    @EnumSource(LabelMaps.Axes.class)
    void mapsEqualTheGoldenOnes(LabelMaps.Axes axes) {
        assumeThat(GoldenDir.has("targets/targets.safetensors")).isTrue();
        Path set = GoldenDir.path().resolve("targets");
        GoldenTensors golden = GoldenTensors.open(set.resolve("targets.safetensors"));
        JsonNode config = JsonMapper.shared()
                .readTree(set.resolve("config.json").toFile())
                .get("label_map");
        int classes = config.get("classes").asInt();
        int side = config.get("tokens_per_side").asInt();
        Grid grid = Grid.of(side, side);
        List<MaskedClip> clips = clips(golden, classes, grid, axes);
        String expected = "label_map." + (axes == LabelMaps.Axes.PICTURE ? "axes_right" : "official");
        assertThat(golden.shape(expected)).containsExactly(clips.size(), grid.size(), classes);
        long[] all = LongStream.range(0, (long) clips.size() * grid.size()).toArray();
        try (PointerScope scope = new PointerScope()) {
            float[] actual = maskfeat.torch.Arrays.floats(
                    new LabelMapObjective(0, grid, new Device("cpu")).probabilities(clips, all));
            new Tolerance(golden, set.resolve("tolerance.json")).assertWithin(expected, actual, 5);
        }
    }

    private static List<MaskedClip> clips(GoldenTensors golden, int classes, Grid grid, LabelMaps.Axes axes) {
        long[] shape = golden.shape("label_map.values"); // [B, kept, rows, columns]
        int size = (int) (shape[1] * shape[2] * shape[3]);
        float[] boxes = golden.values("label_map.box_top_left_height_width");
        List<MaskedClip> clips = new ArrayList<>();
        for (int b = 0; b < shape[0]; b++) {
            float[] scores = Arrays.copyOfRange(golden.values("label_map.values"), b * size, (b + 1) * size);
            int[] labels = new int[size];
            for (int i = 0; i < size; i++) {
                labels[i] = (int) golden.values("label_map.indices")[b * size + i];
            }
            LabelMap map = new LabelMap(classes, (int) shape[1], (int) shape[2], (int) shape[3], scores, labels);
            LabelCrop crop =
                    new LabelCrop(map, boxes[4 * b], boxes[4 * b + 1], boxes[4 * b + 2], boxes[4 * b + 3], false, axes);
            Frames frames = new Frames(1, 1, 1, new byte[3]);
            clips.add(new MaskedClip(
                    frames, new boolean[grid.size()], List.of(new float[0]), List.of(), List.of(Optional.of(crop))));
        }
        return clips;
    }
}
