package maskfeat.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MeanTest {
    @Test
    void theMeanIsThatOfEachClass() {
        assertThat(Mean.of(List.of(new float[] {1, 0, 0}, new float[] {0.25f, 0.5f, 0.25f})))
                .containsExactly(0.625f, 0.25f, 0.125f);
        assertThat(Mean.of(List.of(new float[] {0.25f, 0.75f}))).containsExactly(0.25f, 0.75f);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void theOrderOfTheViewsDoesNotMatterAndTheMeanIsADistribution(int seed) {
        Random random = new Random(seed);
        List<float[]> views = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            views.add(Predictions.scores(random, 17));
        }
        float[] mean = Mean.of(views);
        Collections.shuffle(views, random);
        // Sums in double differ far below a float's last digit: the float next to it at most.
        assertThat(Mean.of(views)).containsExactly(mean, within(6e-8f));
        double sum = 0;
        for (float score : mean) {
            sum += score;
        }
        assertThat(sum).isCloseTo(1, within(1e-6));
    }

    @Test
    void manyViewsLoseNoPrecision() {
        List<float[]> views = Collections.nCopies(100_000, new float[] {0.1f, 0.9f});
        // A sum in single precision is off by 1 % of 0.1 here.
        assertThat(Mean.of(views)).containsExactly(0.1f, 0.9f);
    }

    @Test
    void refusesNoViewsAndViewsOfOtherClasses() {
        assertThatThrownBy(() -> Mean.of(List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least one");
        assertThatThrownBy(() -> Mean.of(List.of(new float[3], new float[3], new float[4])))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("view 2", "4", "3");
    }
}
