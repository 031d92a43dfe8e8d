package maskfeat.ablation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import maskfeat.ablation.Claim.Kind;
import maskfeat.ablation.Claim.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClaimTest {
    private static final Measure MEASURE = Measure.FINETUNED;

    private static Figures figures(int items, double... values) {
        Figures figures = Figures.none().measuredOn(items);
        for (int seed = 0; seed < values.length; seed++) {
            figures = figures.and(MEASURE, seed, values[seed]);
        }
        return figures;
    }

    private static Verdict verdict(Kind kind, Figures upper, Figures lower) {
        return new Claim("a over b", "a", "b", MEASURE, kind).verdict(Map.of("a", upper, "b", lower));
    }

    /** Means 10 apart, deviations 3 and 4, so that the error of the difference is 5. */
    @ParameterizedTest
    @CsvSource({
        "OVER, 10, SEEN", "OVER, 5.1, SEEN", "OVER, 4.9, NOT_TOLD_APART", "OVER, -4.9, NOT_TOLD_APART",
        "OVER, -5.1, OTHERWISE", "AT_LEAST, 5.1, SEEN", "AT_LEAST, 0, NO_DIFFERENCE", "AT_LEAST, -4.9, NO_DIFFERENCE",
        "AT_LEAST, -5.1, OTHERWISE", "ALIKE, 4.9, NO_DIFFERENCE", "ALIKE, -4.9, NO_DIFFERENCE", "ALIKE, 5.1, DIFFERENT",
        "ALIKE, -5.1, DIFFERENT"
    })
    void aDifferenceCountsWhereItIsLargerThanItsError(Kind kind, double apart, Verdict expected) {
        Figures lower = figures(0, 47, 50, 53);
        Figures upper = figures(0, 46 + apart, 50 + apart, 54 + apart);
        assertThat(verdict(kind, upper, lower)).isEqualTo(expected);
    }

    @Test
    void seedsThatAgreeByChanceAreNoBetterThanTheNumberOfItems() {
        // counting 100 items at 50 % errs by 5, two such means by 7.07
        assertThat(verdict(Kind.OVER, figures(100, 57, 57), figures(100, 50, 50)))
                .isEqualTo(Verdict.NOT_TOLD_APART);
        assertThat(verdict(Kind.OVER, figures(0, 57, 57), figures(0, 50, 50))).isEqualTo(Verdict.SEEN);
        assertThat(verdict(Kind.OVER, figures(10_000, 57, 57), figures(10_000, 50, 50)))
                .isEqualTo(Verdict.SEEN);
        assertThat(MeanOfSeeds.of(List.of(50.0, 50.0), 100).error()).isEqualTo(5);
        assertThat(MeanOfSeeds.of(List.of(40.0, 60.0), 100).error()).isEqualTo(Math.sqrt(200));
    }

    @Test
    void oneSeedOrAMissingRowSaysNothing() {
        assertThat(verdict(Kind.OVER, figures(0, 90), figures(0, 10, 11))).isEqualTo(Verdict.ONE_SEED);
        assertThat(verdict(Kind.OVER, figures(0), figures(0, 10, 11))).isEqualTo(Verdict.NOT_RUN);
        Claim claim = new Claim("a over b", "a", "b", MEASURE, Kind.OVER);
        assertThat(claim.verdict(Map.of())).isEqualTo(Verdict.NOT_RUN);
        assertThat(claim.sentence(Map.of())).isEqualTo("a over b, fine-tuned: not run");
    }

    @Test
    void theSentenceHasTheFigures() {
        assertThat(new Claim("a over b", "a", "b", MEASURE, Kind.OVER)
                        .sentence(Map.of("a", figures(400, 42, 44), "b", figures(400, 10, 12))))
                .isEqualTo("a over b, fine-tuned: seen (43.0 ± 1.4 against 11.0 ± 1.4)");
    }

    @Test
    void aMeanIsThatOfItsSeeds() {
        MeanOfSeeds mean = MeanOfSeeds.of(Arrays.asList(1.0, 2.0, 6.0), 0);
        assertThat(mean.mean()).isEqualTo(3);
        assertThat(mean.deviation()).isEqualTo(Math.sqrt(7));
        assertThat(MeanOfSeeds.of(List.of(12.34), 0).text()).isEqualTo("12.3");
    }
}
