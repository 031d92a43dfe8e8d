package maskfeat.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TubeTest {
    private static final Corners BOX = new Corners(10, 10, 19, 29); // 10 x 20 pixels

    private static Tube still(String video, int first, int last, Corners box, double score) {
        List<Integer> frames = IntStream.rangeClosed(first, last).boxed().toList();
        return new Tube(video, frames, frames.stream().map(frame -> box).toList(), score);
    }

    @Test
    void overlapIsThatInTimeTimesTheMeanOneInSpace() {
        Tube truth = still("v", 1, 10, BOX, Double.NaN);
        assertThat(truth.iou(truth)).isEqualTo(1);
        assertThat(truth.iou(still("v", 6, 15, BOX, 0.5))).isCloseTo(5.0 / 15, within(1e-12));
        Corners half = new Corners(10, 10, 14, 29); // half of its pixels
        assertThat(truth.iou(still("v", 1, 5, half, 0.5))).isCloseTo(0.5 * 5 / 10, within(1e-12));
        assertThat(truth.iou(still("w", 1, 10, BOX, 0.5))).isZero();
        assertThat(truth.iou(still("v", 11, 20, BOX, 0.5))).isZero();
    }

    @Test
    void framesMustAscendAndHaveABoxEach() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Tube("v", List.of(2, 2), List.of(BOX, BOX), 0))
                .withMessageContaining("ascend");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Tube("v", List.of(1, 2), List.of(BOX), 0))
                .withMessageContaining("one for each");
    }

    private static TubeLinking.Scored at(double x, double score) {
        return new TubeLinking.Scored(new Corners(x, 0, x + 9, 9), score);
    }

    @Test
    void boxesThatMoveAreLinkedAndTwoPeopleStayApart() {
        TreeMap<Integer, List<TubeLinking.Scored>> frames = new TreeMap<>();
        for (int t = 0; t < 6; t++) {
            frames.put(t, List.of(at(t, 0.8), at(100 - t, 0.6)));
        }
        List<Tube> tubes = TubeLinking.ACT.link("v", frames);
        assertThat(tubes).hasSize(2);
        assertThat(tubes.get(0).score()).isCloseTo(0.8, within(1e-12));
        assertThat(tubes.get(0).boxes().get(5).x1()).isEqualTo(5);
        assertThat(tubes.get(1).boxes().get(5).x1()).isEqualTo(95);
    }

    @Test
    void aGapIsFilledInLinearlyAndALongOneEndsTheTube() {
        TreeMap<Integer, List<TubeLinking.Scored>> frames = new TreeMap<>();
        frames.put(0, List.of(at(0, 0.9)));
        frames.put(4, List.of(at(2, 0.5))); // three frames without
        frames.put(5, List.of());
        frames.put(12, List.of(at(2, 0.7))); // seven frames without
        List<Tube> tubes = TubeLinking.ACT.link("v", frames);
        assertThat(tubes).hasSize(2);
        Tube first = tubes.get(0).frames().get(0) == 0 ? tubes.get(0) : tubes.get(1);
        assertThat(first.frames()).containsExactly(0, 1, 2, 3, 4);
        assertThat(first.boxes().get(1).x1()).isCloseTo(0.5, within(1e-12));
        assertThat(first.score())
                .as("the mean of what was detected, not of what was filled in")
                .isCloseTo(0.7, within(1e-12));
    }

    @Test
    void ofOverlappingBoxesTheBetterOneStays() {
        TreeMap<Integer, List<TubeLinking.Scored>> frames = new TreeMap<>();
        frames.put(0, List.of(at(0, 0.4), at(1, 0.9)));
        List<Tube> tubes = TubeLinking.ACT.link("v", frames);
        assertThat(tubes).hasSize(1);
        assertThat(tubes.get(0).score()).isEqualTo(0.9);
    }

    @Test
    void precisionOfTubesFallsWithWhatIsFoundTwiceOrMissed() {
        Tube truth = still("v", 1, 10, BOX, Double.NaN);
        Tube other = still("w", 1, 10, BOX, Double.NaN);
        Tube found = still("v", 1, 10, BOX, 0.9);
        Tube again = still("v", 1, 9, BOX, 0.8);
        // Precision and recall go from (1, 0) to (1, 1/2) to (1/2, 1/2): area 1/2.
        assertThat(VideoAp.of(0.5, List.of(List.of(truth, other)), List.of(List.of(again, found)))
                        .mean())
                .isCloseTo(0.5, within(1e-6));
        // One threshold of five finds the shifted tube: overlap 5/15.
        Tube shifted = still("v", 6, 15, BOX, 0.9);
        VideoAp.Range range = new VideoAp.Range("0.1:0.9", List.of(0.1, 0.3, 0.5, 0.7, 0.9));
        assertThat(range.of(List.of(List.of(truth)), List.of(List.of(shifted)))).isCloseTo(0.4, within(1e-6));
    }

    @Test
    void aClassWithoutTruthIsLeftOut() {
        VideoAp ap = VideoAp.of(
                0.5,
                List.of(List.of(still("v", 1, 2, BOX, Double.NaN)), List.of()),
                List.of(List.of(still("v", 1, 2, BOX, 1)), List.of(still("v", 1, 2, BOX, 1))));
        assertThat(ap.mean()).isEqualTo(1);
        assertThat(ap.classes().get(1)).isNaN();
    }

    @Test
    void theMeansOfPapersHaveTenAndNineThresholds() {
        assertThat(VideoAp.Range.USUAL)
                .extracting(range -> range.values().size())
                .containsExactly(1, 1, 1, 10, 9);
    }
}
