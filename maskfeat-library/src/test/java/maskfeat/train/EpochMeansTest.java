package maskfeat.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class EpochMeansTest {
    private final EpochMeans means = new EpochMeans();

    private static StepResult step(double loss, double baseline) {
        return new StepResult(Map.of(StepResult.LOSS, loss, StepResult.BASELINE, baseline, "train/other", 7.0), 1, 0);
    }

    /** Loss and baseline of a batch rise and fall together: the share is that of their means. */
    @Test
    void eachEpochHasTheMeanOfItsOwnSteps() {
        means.add(step(0.5, 1));
        means.add(step(3.5, 4));
        assertThat(means.end(1, 2)).contains(new EpochLoss(1, 2, 2.5));
        means.add(step(2.5, 3));
        means.add(step(0.5, 1));
        assertThat(means.last()).contains(new EpochLoss(1, 2, 2.5));
        assertThat(means.end(2, 2)).contains(new EpochLoss(2, 1.5, 2.0)).isEqualTo(means.last());
        assertThat(new EpochLoss(2, 1.5, 2.0).share()).isEqualTo(0.75);
    }

    @Test
    void aStepThatIsNotFiniteIsNoPartOfTheMean() {
        means.add(step(Double.NaN, 1));
        means.add(step(0.5, 2));
        assertThat(means.end(1, 2)).contains(new EpochLoss(1, 0.5, 2.0));
        means.add(step(Double.NaN, 1));
        means.add(step(Double.NaN, 1));
        assertThat(means.end(2, 2)).isEmpty();
    }

    @Test
    void aTaskWithoutABaselineHasItsLossAlone() {
        means.add(new StepResult(Map.of(StepResult.LOSS, 0.5), 1, 0));
        assertThat(means.end(1, 1)).contains(new EpochLoss(1, 0.5, null));
        assertThat(new EpochLoss(1, 0.5, null).share()).isNaN();
    }

    @Test
    void anEpochGoesOnWhereItWasLeft() {
        means.add(step(0.5, 1));
        means.end(1, 1);
        means.add(step(2, 1));
        EpochMeans again = new EpochMeans();
        again.restore(means.progress());
        assertThat(again.last()).contains(new EpochLoss(1, 0.5, 1.0));
        again.add(step(4, 3));
        assertThat(again.end(2, 2)).contains(new EpochLoss(2, 3, 2.0));
    }

    /** As after a checkpoint that knows nothing of the steps before it. */
    @Test
    void anEpochThatIsInPartUnknownHasNoMean() {
        means.restore(EpochMeans.Progress.NONE);
        means.add(step(0.5, 1));
        assertThat(means.end(1, 2)).isEmpty();
        means.add(step(0.5, 1));
        means.add(step(1.5, 1));
        assertThat(means.end(2, 2)).contains(new EpochLoss(2, 1, 1.0));
    }

    /** Steps that are not finite may be taken back, and the end of an epoch with them. */
    @Test
    void goesBackToItsMark() {
        means.add(step(1, 1));
        means.mark();
        means.add(step(Double.NaN, 1));
        means.end(1, 2);
        means.rewind();
        assertThat(means.last()).isEmpty();
        means.add(step(3, 1));
        assertThat(means.end(1, 2)).contains(new EpochLoss(1, 2, 1.0));
    }
}
