package maskfeat.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.stream.Stream;
import maskfeat.golden.GoldenDir;
import maskfeat.media.Timeline;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Clips around a moment against SlowFast's sequences. */
class AroundMomentTest {
    private static final Path FILE = GoldenDir.path().resolve("detection/sequences.json");

    static Stream<JsonNode> sequences() {
        return JsonMapper.shared().readTree(FILE.toFile()).valueStream();
    }

    @ParameterizedTest
    @MethodSource("sequences")
    @Tag("golden")
    void numbersAreSlowFasts(JsonNode sequence) {
        int stride = sequence.get("rate").asInt();
        int[] wanted =
                sequence.get("frames").valueStream().mapToInt(JsonNode::asInt).toArray();
        Timeline timeline = Timeline.regular(30, sequence.get("num_frames").asInt());
        double moment = sequence.get("center").asInt() / 30.0;
        assertThat(new StridedClip(wanted.length, stride).around(timeline, moment))
                .containsExactly(wanted);
        assertThat(new TimedClip(wanted.length, stride, 30).around(timeline, moment))
                .containsExactly(wanted);
    }

    @Test
    void theRateOfTheVideoDoesNotChangeWhichMomentsAreSeen() {
        TimedClip clip = new TimedClip(4, 3, 30); // 0.1 s apart
        assertThat(clip.around(Timeline.regular(60, 600), 5)).containsExactly(288, 294, 300, 306);
        assertThat(clip.around(Timeline.regular(25, 250), 5)).containsExactly(120, 122, 125, 127);
    }

    @Test
    void aFrameIsShownUntilTheNext() {
        Timeline uneven = new Timeline(10, new double[] {0, 0.1, 0.5, 0.6});
        assertThat(uneven.shownAt(-3)).isZero();
        assertThat(uneven.shownAt(0.0996)).isEqualTo(1); // half a millisecond is rounding
        assertThat(uneven.shownAt(0.3)).isEqualTo(1);
        assertThat(uneven.shownAt(0.5)).isEqualTo(2);
        assertThat(uneven.shownAt(9)).isEqualTo(3);
    }

    @Test
    void clipsOfWholeVideosHaveNoMoment() {
        assertThatThrownBy(() -> new SegmentClip(8).around(Timeline.regular(30, 60), 1))
                .hasMessageContaining("data.clip.kind");
    }
}
