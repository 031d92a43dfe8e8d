package maskfeat.infer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import maskfeat.eval.Corners;
import org.junit.jupiter.api.Test;

class BoxTracksTest {
    private static Corners at(double x) {
        return new Corners(x, 0.2, x + 0.2, 0.8);
    }

    @Test
    void peopleKeepTheirNumbersWhateverTheOrderOfBoxes() {
        List<int[]> who = BoxTracks.USUAL.people(
                List.of(List.of(at(0.1), at(0.6)), List.of(at(0.63), at(0.13)), List.of(at(0.15), at(0.66))));
        assertThat(who).containsExactly(new int[] {1, 2}, new int[] {2, 1}, new int[] {1, 2});
    }

    @Test
    void whoIsAwayForAMomentComesBackAndALaterOneIsSomebodyElse() {
        List<int[]> who = BoxTracks.USUAL.people(List.of(
                List.of(at(0.1)), List.of(), List.of(at(0.12)), List.of(), List.of(), List.of(), List.of(at(0.12))));
        assertThat(who.get(2)).containsExactly(1);
        assertThat(who.get(6)).containsExactly(2);
    }
}
