package maskfeat.train;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class EpochMeansTest {
    private final EpochMeans means = new EpochMeans();

    /** Without the spread, which has its own test. */
    private static Optional<EpochLoss> mean(Optional<EpochLoss> ended) {
        return ended.map(each -> new EpochLoss(each.epoch(), each.loss(), each.baseline()));
    }

    private static StepResult step(double loss, double baseline) {
        return new StepResult(Map.of(StepResult.LOSS, loss, StepResult.BASELINE, baseline, "train/other", 7.0), 1, 0);
    }

    /** Loss and baseline of a batch rise and fall together: the share is that of their means. */
    @Test
    void eachEpochHasTheMeanOfItsOwnSteps() {
        means.add(step(0.5, 1));
        means.add(step(3.5, 4));
        assertThat(mean(means.end(1, 2))).contains(new EpochLoss(1, 2, 2.5));
        means.add(step(2.5, 3));
        means.add(step(0.5, 1));
        assertThat(mean(means.last())).contains(new EpochLoss(1, 2, 2.5));
        Optional<EpochLoss> second = means.end(2, 2);
        assertThat(mean(second)).contains(new EpochLoss(2, 1.5, 2.0));
        assertThat(means.last()).isEqualTo(second);
        assertThat(new EpochLoss(2, 1.5, 2.0).share()).isEqualTo(0.75);
    }

    @Test
    void aStepThatIsNotFiniteIsNoPartOfTheMean() {
        means.add(step(Double.NaN, 1));
        means.add(step(0.5, 2));
        assertThat(mean(means.end(1, 2))).contains(new EpochLoss(1, 0.5, 2.0));
        means.add(step(Double.NaN, 1));
        means.add(step(Double.NaN, 1));
        assertThat(means.end(2, 2)).isEmpty();
    }

    @Test
    void aTaskWithoutABaselineHasItsLossAlone() {
        means.add(new StepResult(Map.of(StepResult.LOSS, 0.5), 1, 0));
        assertThat(mean(means.end(1, 1))).contains(new EpochLoss(1, 0.5, null));
        assertThat(new EpochLoss(1, 0.5, null).share()).isNaN();
    }

    @Test
    void anEpochGoesOnWhereItWasLeft() {
        means.add(step(0.5, 1));
        means.end(1, 1);
        means.add(step(2, 1));
        EpochMeans again = new EpochMeans();
        again.restore(means.progress());
        assertThat(mean(again.last())).contains(new EpochLoss(1, 0.5, 1.0));
        again.add(step(4, 3));
        assertThat(mean(again.end(2, 2))).contains(new EpochLoss(2, 3, 2.0));
    }

    /** As after a checkpoint that knows nothing of the steps before it. */
    @Test
    void anEpochThatIsInPartUnknownHasNoMean() {
        means.restore(EpochMeans.Progress.NONE);
        means.add(step(0.5, 1));
        assertThat(means.end(1, 2)).isEmpty();
        means.add(step(0.5, 1));
        means.add(step(1.5, 1));
        assertThat(mean(means.end(2, 2))).contains(new EpochLoss(2, 1, 1.0));
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
        assertThat(mean(means.end(1, 2))).contains(new EpochLoss(1, 2, 1.0));
    }

    /** Where single steps are from, over what their own baselines let expect. */
    @Test
    void anEpochKnowsHowFarItsStepsAreFromItsMean() {
        means.add(step(1.1, 1));
        means.add(step(1.6, 2));
        means.add(step(2.7, 3));
        EpochLoss mean = means.end(1, 3).orElseThrow();
        assertThat(mean.share()).isEqualTo(0.9, within(1e-12));
        double deviation = Math.sqrt((0.2 * 0.2 + 0.2 * 0.2) / 2) / 2;
        assertThat(requireNonNull(mean.spread()).steps()).isEqualTo(3);
        assertThat(mean.spread().deviation()).isEqualTo(deviation, within(1e-12));
        assertThat(mean.margin()).isEqualTo(1.96 * deviation / Math.sqrt(3), within(1e-4));
        means.add(step(1, 1));
        assertThat(means.end(2, 1).orElseThrow().spread()).as("of one step").isNull();
        for (int i = 0; i < 100; i++) {
            means.add(step(0.1 * i, 0.3 * i));
        }
        assertThat(means.end(3, 100).orElseThrow().margin())
                .as("of steps that are alike")
                .isEqualTo(0, within(1e-7));
    }

    /** An older version kept no squares. */
    @Test
    void whatAnOlderVersionBeganHasNoSpread() {
        Map<String, Double> sums = Map.of(StepResult.LOSS, 0.5, StepResult.BASELINE, 1.0);
        EpochLoss last = JsonMapper.shared().readValue("{\"epoch\":1,\"loss\":0.5,\"baseline\":1.0}", EpochLoss.class);
        means.restore(new EpochMeans.Progress(1, 1, sums, last));
        assertThat(means.last()).contains(new EpochLoss(1, 0.5, 1.0));
        means.add(step(1.5, 1));
        means.add(step(1.0, 1));
        assertThat(means.end(2, 3)).contains(new EpochLoss(2, 1, 1.0));
        means.add(step(1.5, 1));
        means.add(step(1.0, 1));
        assertThat(means.end(3, 2).orElseThrow().spread()).isNotNull();
    }
}
