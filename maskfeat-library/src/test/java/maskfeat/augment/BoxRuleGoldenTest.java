package maskfeat.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenTensors;
import maskfeat.media.Frames;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Frames and boxes against SlowFast's two ways to prepare AVA, with its own draws. */
@Tag("golden")
class BoxRuleGoldenTest {
    private static final Path FOLDER = GoldenDir.path().resolve("detection");
    private static final GoldenTensors TENSORS = GoldenTensors.open(FOLDER.resolve("clips.safetensors"));
    private static final JsonNode JSON =
            JsonMapper.shared().readTree(FOLDER.resolve("clips.json").toFile());

    /** One grey level: OpenCV rounds to bytes, and the other way computes floats where ours has bytes. */
    private static final double LEVEL = 1.0 / 255;

    static Stream<String> results() {
        return JSON.propertyNames().stream()
                .filter(name -> name.chars().filter(c -> c == '.').count() == 2);
    }

    @ParameterizedTest
    @MethodSource("results")
    void framesAndBoxesAreSlowFasts(String name) {
        String[] parts = name.split("[.]", -1);
        JsonNode set = JSON.get(parts[0]);
        Frames frames = frames(parts[0]);
        int side = set.get("crop").asInt();
        boolean openCv = parts[2].equals("cv2");

        Augmented seen;
        if (parts[1].startsWith("train")) {
            seen = train(frames, side, JSON.get(name).get("draws"), openCv);
        } else {
            Scaled scaled = Scaled.toShortSide(side, frames);
            Box box = Box.whole(scaled.height(), scaled.width());
            if (parts[1].equals("val")) {
                seen = new ViewCrop(side, side, 1, Resize.Filter.OPENCV).apply(frames, 0);
            } else {
                seen = scaled.part(frames, box, Resize.Filter.OPENCV);
            }
            // SlowFast mirrors here only where its settings say that all is mirrored.
            if (set.path("force_flip").asBoolean(false)) {
                seen = mirrored(seen);
            }
        }

        float[] boxes = TENSORS.values(name + ".boxes");
        float[] fractions = TENSORS.values(parts[0] + ".boxes");
        int end = seen.frames().width();
        // SlowFast's second way cuts boxes of whole frames off at the side of the crop, along both axes: its error, not
        // ours.
        boolean cutOff = parts[1].equals("test") && !openCv;
        for (int i = 0; i < boxes.length; i += 4) {
            Rectangle box = BoxRule.SLOWFAST.apply(
                    new Rectangle(fractions[i], fractions[i + 1], fractions[i + 2], fractions[i + 3]),
                    frames.height(),
                    frames.width(),
                    seen);
            double[] placed = {box.left(), box.top(), box.right(), box.bottom()};
            for (int k = 0; k < 4; k++) {
                double place = cutOff ? Math.min(placed[k], side - 1.0) : placed[k];
                assertThat((double) boxes[i + k])
                        .as("box " + i / 4 + ", number " + k)
                        .isCloseTo(place, within(1e-5));
            }
        }
        assertPixels(name, seen.frames(), set);
        assertThat(end).isEqualTo((int) TENSORS.shape(name + ".clip")[3]);
    }

    private static Augmented train(Frames frames, int side, JsonNode draws, boolean openCv) {
        int next = 0;
        double drawn = draws.get(next).get(draws.get(next++).size() - 1).asDouble();
        int shortSide = (int) Math.rint(openCv ? 1 / drawn : drawn);
        Scaled scaled = Scaled.toShortSide(shortSide, frames);
        int top = scaled.height() > side ? draws.get(next++).get(3).asInt() : 0;
        int left = scaled.width() > side ? draws.get(next++).get(3).asInt() : 0;
        Augmented seen = scaled.part(frames, new Box(top, left, side, side), Resize.Filter.OPENCV);
        return draws.get(next).get(draws.get(next).size() - 1).asDouble() < 0.5 ? mirrored(seen) : seen;
    }

    private static Augmented mirrored(Augmented seen) {
        Augmented flipped = new HorizontalFlip(1).apply(seen.frames(), new SplittableRandom(0));
        return new Augmented(flipped.frames(), seen.geometry().then(flipped.geometry()));
    }

    private static void assertPixels(String name, Frames frames, JsonNode set) {
        float[] expected = TENSORS.values(name + ".clip");
        double worst = 0;
        for (int c = 0; c < 3; c++) {
            double mean = set.get("mean").get(c).asDouble();
            double std = set.get("std").get(c).asDouble();
            for (int t = 0; t < frames.count(); t++) {
                for (int y = 0; y < frames.height(); y++) {
                    for (int x = 0; x < frames.width(); x++) {
                        double ours = ((frames.rgb()[frames.at(t, y, x) + c] & 0xFF) / 255.0 - mean) / std;
                        int at = ((c * frames.count() + t) * frames.height() + y) * frames.width() + x;
                        worst = Math.max(worst, Math.abs(ours - expected[at]) * std);
                    }
                }
            }
        }
        assertThat(worst).as("largest difference of " + name).isLessThanOrEqualTo(LEVEL + 1e-6);
    }

    private static Frames frames(String set) {
        float[] values = TENSORS.values(set + ".frames");
        long[] shape = TENSORS.shape(set + ".frames");
        byte[] rgb = new byte[values.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (int) values[i];
        }
        return new Frames((int) shape[0], (int) shape[1], (int) shape[2], rgb);
    }
}
