package maskfeat.boxes;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import maskfeat.eval.Corners;
import maskfeat.golden.GoldenDir;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Key frames and their clips against PySlowFast's reading of the same files. */
@Tag("golden")
class BoxesGoldenTest {
    private static final Path DETECTION = GoldenDir.path().resolve("detection");
    private static final Path AVA = DETECTION.resolve("ava");

    static Stream<String> splits() {
        return json("dataset.json").get("expected").propertyNames().stream();
    }

    @ParameterizedTest
    @MethodSource("splits")
    void keyFramesAreThoseOfTheOriginalInEveryField(String split) throws IOException {
        JsonNode file = json("dataset.json");
        JsonNode expected = file.get("expected").get(split);
        KeyFrameClip clip = new KeyFrameClip(
                file.get("num_frames").asInt(), file.get("sampling_rate").asInt());
        boolean train = split.startsWith("train");
        FrameList frames = FrameList.read(AVA.resolve(train ? "train.csv" : "val.csv"));
        List<Path> files = new ArrayList<>();
        if (train) {
            files.add(AVA.resolve("gt_train.csv"));
        }
        files.add(AVA.resolve(train ? "pred_train.csv" : "pred_val.csv"));
        String[] name = split.split("_");
        Annotations read = Grouping.ava()
                .withVideos(frames.videos())
                .withThreshold(Double.parseDouble(name[1]))
                .withEveryFourthSecond(name[0].equals("val") && !split.contains("full"))
                .read(files);
        assertThat(read.keyFrames()).hasSize(expected.size());
        for (int i = 0; i < expected.size(); i++) {
            JsonNode sample = expected.get(i);
            KeyFrame frame = read.keyFrames().get(i);
            long centre = ClipRange.AVA.centre(frame.moment());
            assertThat(frame.video()).isEqualTo(sample.get("video").asString());
            assertThat(frame.moment().value().intValueExact())
                    .isEqualTo(sample.get("sec").asInt());
            assertThat(centre).isEqualTo(sample.get("center").asLong());
            assertThat(clip.around(
                            centre,
                            requireNonNull(frames.frames().get(frame.video())).size()))
                    .containsExactly(numbers(sample.get("frames")));
            assertThat(frame.boxes().stream().map(LabelledBox::corners))
                    .containsExactlyElementsOf(sample.get("boxes")
                            .valueStream()
                            .map(box -> new Corners(
                                    box.get(0).asDouble(),
                                    box.get(1).asDouble(),
                                    box.get(2).asDouble(),
                                    box.get(3).asDouble()))
                            .toList());
            assertThat(frame.boxes().stream().map(LabelledBox::labels))
                    .containsExactlyElementsOf(sample.get("labels")
                            .valueStream()
                            .map(labels ->
                                    labels.valueStream().map(JsonNode::asInt).toList())
                            .toList());
        }
    }

    @Test
    void framesOfAClipRepeatAtTheEndsAsInTheOriginal() {
        for (JsonNode sequence : json("sequences.json")) {
            int[] expected = numbers(sequence.get("frames"));
            int rate = sequence.get("rate").asInt();
            assertThat(expected.length * rate / 2)
                    .isEqualTo(sequence.get("half_len").asInt());
            assertThat(new KeyFrameClip(expected.length, rate)
                            .around(
                                    sequence.get("center").asLong(),
                                    sequence.get("num_frames").asInt()))
                    .containsExactly(expected);
        }
    }

    private static int[] numbers(JsonNode array) {
        return array.valueStream().mapToInt(JsonNode::asInt).toArray();
    }

    private static JsonNode json(String name) {
        return JsonMapper.shared().readTree(DETECTION.resolve(name).toFile());
    }
}
