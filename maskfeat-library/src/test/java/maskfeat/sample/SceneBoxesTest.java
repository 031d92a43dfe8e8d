package maskfeat.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SceneBoxesTest {
    private static final SampleSet.Size SIZE =
            new SampleSet.Size(SampleSet.Images.NONE, SampleSet.Clips.NONE, new SampleSet.Scenes(12, 6, 24, 64, 48));

    @TempDir
    Path temp;

    private List<String[]> rows(String file) throws IOException {
        return Files.readAllLines(temp.resolve("set/scenes").resolve(file)).stream()
                .map(line -> line.split(",", -1))
                .toList();
    }

    @Test
    void boxesLieInTheFrameAndEveryActionOccurs() throws IOException {
        SampleSet.write(temp.resolve("set"), SIZE);
        Set<String> actions = new HashSet<>();
        Set<String> videos = new HashSet<>();
        for (String[] row : rows("ava_train.csv")) {
            assertThat(row).hasSize(8);
            videos.add(row[0]);
            actions.add(row[6]);
            double[] box = {number(row[2]), number(row[3]), number(row[4]), number(row[5])};
            assertThat(box[0]).isBetween(0.0, box[2]);
            assertThat(box[1]).isBetween(0.0, box[3]);
            assertThat(box[2]).isLessThanOrEqualTo(1);
            assertThat(box[3]).isLessThanOrEqualTo(1);
            assertThat(number(row[1])).isBetween(0.0, 0.96);
        }
        assertThat(actions).hasSizeGreaterThan(4);
        for (String video : videos) {
            assertThat(temp.resolve("set/scenes/train/" + video + ".mp4")).isRegularFile();
        }
        assertThat(Files.readString(temp.resolve("set/scenes/label_map.pbtxt")))
                .contains("name: \"" + SampleSet.actions().get(0) + "\"")
                .contains("id: " + SampleSet.actions().size());
    }

    @Test
    void theMadeUpDetectorIsNearTheTruthAndSometimesWrong() throws IOException {
        SampleSet.write(temp.resolve("set"), SIZE);
        Map<String, Integer> truth = new HashMap<>();
        rows("ava_val.csv").forEach(row -> truth.merge(row[0] + row[1], 1, Integer::sum));
        int boxes = rows("ava_val_predicted_boxes.csv").size();
        int wanted = truth.values().stream().mapToInt(Integer::intValue).sum();
        assertThat(boxes).isBetween(wanted + 1, 2 * wanted);
        for (String[] row : rows("ava_val_predicted_boxes.csv")) {
            assertThat(row[6]).isEmpty();
            assertThat(number(row[7])).isBetween(0.3, 1.0);
        }
    }

    /** The box of an object that is drawn is where the picture differs from the one without it. */
    @Test
    void aBoxHoldsWhatMoves() {
        SampleScene scene = SampleScene.acting(new java.util.Random(5), 96, 64);
        List<SampleScene.Actor> first = scene.actors(0, 24);
        List<SampleScene.Actor> last = scene.actors(23, 24);
        assertThat(first).hasSameSizeAs(last).isNotEmpty().hasSizeLessThanOrEqualTo(3);
        for (SampleScene.Actor actor : first) {
            assertThat(actor.x2() - actor.x1()).isBetween(0.02, 0.6);
            assertThat(actor.visible()).isBetween(0.0, 1.0 + 1e-9);
        }
    }

    private static double number(String text) {
        return Double.parseDouble(text);
    }
}
