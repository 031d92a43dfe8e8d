package maskfeat.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ConfusionMatrixTest {
    private static final List<String> ANIMALS = List.of("cat", "dog", "fox", "owl");

    private final ConfusionMatrix matrix =
            new ConfusionMatrix(ANIMALS, new long[][] {{5, 3, 0, 0}, {3, 4, 0, 1}, {7, 3, 0, 0}, {0, 0, 0, 0}});

    @Test
    void rowsAreTheTruth() {
        assertThat(matrix.total()).isEqualTo(26);
        assertThat(matrix.correct()).isEqualTo(9);
        assertThat(matrix.ofClass(2)).isEqualTo(10);
        assertThat(matrix.takenFor(2)).isZero();
        assertThat(matrix.takenFor(0)).isEqualTo(15);
        assertThat(matrix.shares(2)).containsExactly(0.7, 0.3, 0, 0);
        assertThat(matrix.shares(3)).containsOnly(Double.NaN);
    }

    @Test
    void theWorstConfusionsAreTheMostFrequentAndTiesGoByTheTable() {
        Confusion[] worst = {
            new Confusion("fox", "cat", 7),
            new Confusion("cat", "dog", 3),
            new Confusion("dog", "cat", 3),
            new Confusion("fox", "dog", 3),
            new Confusion("dog", "owl", 1)
        };
        assertThat(matrix.worst(100)).containsExactly(worst);
        assertThat(matrix.worst(3)).containsExactly(worst[0], worst[1], worst[2]);
        assertThat(matrix.worst(0)).isEmpty();
        assertThatThrownBy(() -> matrix.worst(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void keepsItsOwnCounts() {
        long[][] counts = {{1, 0}, {0, 1}};
        ConfusionMatrix kept = new ConfusionMatrix(List.of("a", "b"), counts);
        counts[0][1] = 9;
        counts[1] = new long[] {9, 9};
        assertThat(kept.total()).isEqualTo(2);
    }

    @Test
    void refusesATableThatIsNotOfItsClasses() {
        List<String> two = List.of("a", "b");
        assertThatThrownBy(() -> new ConfusionMatrix(two, new long[3][2]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3 rows for 2 classes");
        assertThatThrownBy(() -> new ConfusionMatrix(two, new long[][] {{0, 0}, {0}}))
                .hasMessageContainingAll("row 1", "1 columns");
        assertThatThrownBy(() -> new ConfusionMatrix(two, new long[][] {{0, 0}, {0, -4}}))
                .hasMessageContainingAll("row 1", "-4");
    }
}
