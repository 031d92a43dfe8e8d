package maskfeat.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import maskfeat.eval.PredictionTimeline.ScoredWindow;
import maskfeat.eval.PredictionTimeline.Segment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PredictionTimelineTest {
    /** Two classes, so sure of the second. */
    private static ScoredWindow window(double start, double end, float second) {
        return new ScoredWindow(start, end, new float[] {1 - second, second});
    }

    @Test
    void oneWindowIsOneSegment() {
        PredictionTimeline timeline = PredictionTimeline.of(List.of(window(1, 3, 0.75f)));
        assertThat(timeline.segments()).containsExactly(new Segment(1, 3, 1, 0.75, 1));
        assertThat(timeline.scores()).containsExactly(0.25f, 0.75f);
    }

    @Test
    void windowsOfOneClassMergeAndOthersMeetInTheMiddleOfTheirCentres() {
        PredictionTimeline timeline = PredictionTimeline.of(List.of(
                window(0, 4, 0.25f), window(2, 6, 0.125f), window(4, 8, 0.75f), window(6, 10, 1), window(8, 12, 0)));
        assertThat(timeline.segments())
                .containsExactly(
                        new Segment(0, 5, 0, (0.75 + 0.875) / 2, 2),
                        new Segment(5, 9, 1, 0.875, 2),
                        new Segment(9, 12, 0, 1, 1));
        assertThat(timeline.scores()[1]).isCloseTo(2.125f / 5, within(1e-7f));
        assertThat(timeline.windows()).hasSize(5);
    }

    @Test
    void windowsThatDoNotOverlapKeepTheirEndsAndLeaveAGap() {
        PredictionTimeline timeline = PredictionTimeline.of(
                List.of(window(0, 1, 0), window(2, 3, 0), window(3, 4, 1), window(6, 7, 0), window(9, 10, 0)));
        assertThat(timeline.segments())
                .containsExactly(new Segment(0, 3, 0, 1, 2), new Segment(3, 4, 1, 1, 1), new Segment(6, 10, 0, 1, 2));
    }

    @Test
    void theMiddleStaysInsideTheOverlapWhereLengthsDiffer() {
        // Centres 0.5 and 5.5; the middle, 3, lies where only the second looked.
        assertThat(PredictionTimeline.of(List.of(window(0, 1, 0), window(0.75, 10.25, 1)))
                        .segments())
                .containsExactly(new Segment(0, 1, 0, 1, 1), new Segment(1, 10.25, 1, 1, 1));
        assertThat(PredictionTimeline.of(List.of(window(0, 10, 0), window(9.5, 10.5, 1)))
                        .segments())
                .containsExactly(new Segment(0, 9.5, 0, 1, 1), new Segment(9.5, 10.5, 1, 1, 1));
    }

    @Test
    void aTieGoesToTheLowerClass() {
        assertThat(PredictionTimeline.of(List.of(window(0, 2, 0.5f), window(1, 3, 0.25f)))
                        .segments())
                .containsExactly(new Segment(0, 3, 0, 0.625, 2));
    }

    static IntStream seeds() {
        return IntStream.range(0, 100);
    }

    /** At the centre of a segment's moment, the window of the nearest centre is of the segment's class. */
    @ParameterizedTest
    @MethodSource("seeds")
    void eachMomentHasTheClassOfTheWindowWithTheNearestCentre(int seed) {
        Random random = new Random(seed);
        double length = 1 + random.nextInt(5);
        double step = length * (0.2 + 0.7 * random.nextDouble());
        List<ScoredWindow> windows = new ArrayList<>();
        for (int i = 0; i < 1 + random.nextInt(30); i++) {
            windows.add(new ScoredWindow(i * step, i * step + length, Predictions.scores(random, 3)));
        }
        List<Segment> segments = PredictionTimeline.of(windows).segments();
        for (int i = 0; i < 500; i++) {
            double moment =
                    random.nextDouble() * windows.get(windows.size() - 1).endSeconds();
            ScoredWindow nearest = windows.get(0);
            for (ScoredWindow window : windows) {
                if (Math.abs((window.startSeconds() + window.endSeconds()) / 2 - moment)
                        < Math.abs((nearest.startSeconds() + nearest.endSeconds()) / 2 - moment)) {
                    nearest = window;
                }
            }
            List<Segment> there = segments.stream()
                    .filter(s -> s.startSeconds() <= moment && moment < s.endSeconds())
                    .toList();
            assertThat(there).hasSize(1);
            assertThat(there.get(0).top()).isEqualTo(nearest.top());
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void segmentsOfAnyWindowsAreInOrderAndHoldThemAll(int seed) {
        Random random = new Random(seed);
        List<ScoredWindow> windows = new ArrayList<>();
        double start = random.nextDouble();
        double end = start;
        for (int i = 0; i < 25; i++) {
            start += 0.01 + random.nextDouble();
            end = Math.max(end, start + 0.01) + (random.nextBoolean() ? 2 * random.nextDouble() : 0);
            windows.add(new ScoredWindow(start, end, Predictions.scores(random, 2 + seed % 3)));
        }
        List<Segment> segments = PredictionTimeline.of(windows).segments();
        assertThat(segments.stream().mapToInt(Segment::windows).sum()).isEqualTo(25);
        assertThat(segments.get(0).startSeconds()).isEqualTo(windows.get(0).startSeconds());
        assertThat(segments.get(segments.size() - 1).endSeconds()).isEqualTo(end);
        for (int i = 0; i < segments.size(); i++) {
            assertThat(segments.get(i).startSeconds())
                    .isLessThan(segments.get(i).endSeconds());
            if (i > 0) {
                assertThat(segments.get(i - 1).endSeconds())
                        .isLessThanOrEqualTo(segments.get(i).startSeconds());
                assertThat(segments.get(i - 1).top())
                        .isNotEqualTo(segments.get(i).top());
            }
        }
    }

    @Test
    void refusesWindowsThatAreNoneOrOutOfOrder() {
        assertThatThrownBy(() -> PredictionTimeline.of(List.of())).hasMessageContaining("no windows");
        assertThatThrownBy(() -> PredictionTimeline.of(List.of(window(2, 4, 0), window(0, 2, 0))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("0.0 s", "2.0 s", "4.0 s");
        assertThatThrownBy(() -> PredictionTimeline.of(List.of(window(0, 4, 0), window(0, 4, 0))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PredictionTimeline.of(List.of(window(0, 4, 0), window(1, 3, 0))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        PredictionTimeline.of(List.of(window(0, 4, 0), new ScoredWindow(1, 5, new float[] {0, 0, 1}))))
                .hasMessageContainingAll("from 1.0 s", "3 scores", "2");
        assertThatThrownBy(() -> window(2, 2, 0)).hasMessageContainingAll("2.0 s", "end after it begins");
        assertThatThrownBy(() -> window(Double.NaN, 2, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> window(0, Double.POSITIVE_INFINITY, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ScoredWindow(0, 1, new float[] {2, 1}))
                .hasMessageContainingAll("the window from 0.0 s to 1.0 s", "sum to 3.0");
    }
}
