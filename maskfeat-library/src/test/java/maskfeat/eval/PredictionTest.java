package maskfeat.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PredictionTest {
    private static Prediction of(int label, float... scores) {
        return new Prediction("a.png", label, scores);
    }

    @Test
    void ordersClassesByScore() {
        Prediction prediction = of(0, 0.125f, 0.5f, 0.25f, 0.125f);
        assertThat(prediction.top()).isEqualTo(1);
        assertThat(prediction.top(3)).containsExactly(1, 2, 0);
        assertThat(prediction.rank()).isEqualTo(2);
        assertThat(prediction.confidence()).isEqualTo(0.5);
    }

    @Test
    void aNetworkThatSaysTheSameOfAllClassesIsRightOnlyAboutTheFirst() {
        assertThat(of(0, 0.25f, 0.25f, 0.25f, 0.25f).rank()).isZero();
        assertThat(of(3, 0.25f, 0.25f, 0.25f, 0.25f).rank()).isEqualTo(3);
        assertThat(of(3, 0.25f, 0.25f, 0.25f, 0.25f).top()).isZero();
        assertThat(of(3, 0.25f, 0.25f, 0.25f, 0.25f).top(2)).containsExactly(0, 1);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void topAndRankAreThoseOfASortByScoreAndThenByNumber(int seed) {
        Random random = new Random(seed);
        int classes = 1 + random.nextInt(12);
        Prediction prediction = of(random.nextInt(classes), Predictions.scores(random, classes));
        List<Integer> sorted = IntStream.range(0, classes)
                .boxed()
                .sorted(Comparator.comparing((Integer c) -> -prediction.scores()[c])
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
        for (int k = 1; k <= classes + 2; k++) {
            assertThat(prediction.top(k))
                    .containsExactly(
                            sorted.stream().limit(k).mapToInt(Integer::intValue).toArray());
        }
        assertThat(prediction.top()).isEqualTo(sorted.get(0));
        assertThat(prediction.rank()).isEqualTo(sorted.indexOf(prediction.label()));
    }

    static IntStream seeds() {
        return IntStream.range(0, 200);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void scoresThatAreNotFiniteAreTheNetworksFaultAndNotTheCallers(float score) {
        assertThatThrownBy(() -> of(0, 0.5f, score, 0.5f))
                .isInstanceOf(NotFinite.class)
                .hasMessageContaining("a.png");
    }

    @ParameterizedTest
    @ValueSource(floats = {-0.001f, -3})
    void refusesWhatIsNoProbability(float score) {
        assertThatThrownBy(() -> of(0, 0.5f, score, 0.5f))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("a.png", "" + score, "class 1", "softmax");
    }

    @Test
    void refusesLogitsAndCounts() {
        assertThatThrownBy(() -> of(0, 3, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("a.png", "4.0", "sum to 1");
        assertThatThrownBy(() -> of(0, 0.5f, 0.49f)).hasMessageContaining("0.99");
        assertThatThrownBy(() -> of(0)).hasMessageContaining("no scores");
    }

    @Test
    void roundingIsNoReasonToRefuse() {
        assertThat(of(0, 1.0005f, 0).confidence()).isEqualTo(1);
        float[] many = new float[700];
        java.util.Arrays.fill(many, 1f / 700);
        assertThat(of(0, many).top()).isZero();
    }

    @Test
    void anItemMayHaveNoLabelOrOneOfOtherClasses() {
        assertThat(of(Prediction.UNLABELLED, 1).labelled()).isFalse();
        assertThat(of(7, 1).labelled()).isTrue();
        assertThatThrownBy(() -> of(Prediction.UNLABELLED, 1).rank())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("a.png");
        assertThatThrownBy(() -> of(1, 1).rank())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("label 1", "a.png");
        assertThatThrownBy(() -> of(-2, 1)).hasMessageContainingAll("-2", "a.png", "-1 for none");
        assertThatThrownBy(() -> of(0, 1).top(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aBufferThatIsUsedAgainDoesNotChangeIt() {
        float[] buffer = {0.25f, 0.75f};
        Prediction prediction = of(0, buffer);
        buffer[0] = 1;
        assertThat(prediction.top()).isEqualTo(1);
    }
}
