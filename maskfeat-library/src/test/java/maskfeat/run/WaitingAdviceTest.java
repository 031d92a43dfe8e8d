package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import maskfeat.train.StepReport;
import org.junit.jupiter.api.Test;

/** With given times: no clock is asked. */
class WaitingAdviceTest {
    private final List<String> said = new ArrayList<>();
    private long step;

    private WaitingAdvice advice(int threads, int cores, boolean ownData) {
        WaitingAdvice advice = new WaitingAdvice(new Run.Loading(threads, 4, false), cores, ownData, said::add);
        step = 100;
        advice.started(step, 100_000);
        return advice;
    }

    /** Ten steps of 8 samples. */
    private void tenSteps(WaitingAdvice advice, double seconds, double share) {
        step += 10;
        advice.step(new StepReport(
                step,
                100_000,
                1,
                10,
                1,
                1,
                1e-3,
                1,
                80 / seconds,
                share,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                seconds / 10,
                1,
                Map.of()));
    }

    @Test
    void saysOnceHowLongTheStepsWaitedAndWhatHelps() {
        WaitingAdvice advice = advice(1, 4, true);
        for (int i = 0; i < 20; i++) {
            tenSteps(advice, 20, 0.5);
        }
        assertThat(said)
                .containsExactly(
                        "the steps waited for data 50 % of the last 60 seconds: 4.0 samples a second were made,"
                                + " and without waiting it would be up to 8.0; raise loader.threads, which is 1 of 4 cores, or"
                                + " train on a copy that is read faster: maskfeat data prepare");
    }

    @Test
    void nothingIsSaidOfLittleWaiting() {
        WaitingAdvice advice = advice(1, 4, true);
        for (int i = 0; i < 20; i++) {
            tenSteps(advice, 20, 0.2);
        }
        assertThat(said).isEmpty();
    }

    @Test
    void theBeginningDoesNotCount() {
        WaitingAdvice advice = advice(1, 4, true);
        tenSteps(advice, 600, 1);
        tenSteps(advice, 30, 0.1);
        tenSteps(advice, 30, 0.1);
        assertThat(said).isEmpty();
    }

    @Test
    void aFewSlowStepsAreNoSensibleStretch() {
        WaitingAdvice advice = advice(1, 4, true);
        tenSteps(advice, 1, 0);
        tenSteps(advice, 600, 0.9);
        assertThat(said).isEmpty();
        tenSteps(advice, 600, 0.9);
        assertThat(said).hasSize(1);
    }

    /** What was well before does not excuse a loader that has become slow. */
    @Test
    void stretchesAreDecidedEachOnItsOwn() {
        WaitingAdvice advice = advice(2, 2, false);
        for (int i = 0; i < 100; i++) {
            tenSteps(advice, 20, 0);
        }
        for (int i = 0; i < 6; i++) {
            tenSteps(advice, 20, 0.4);
        }
        assertThat(said).hasSize(1);
        assertThat(said.get(0))
                .contains("loader.threads is 2, and there are 2 cores")
                .doesNotContain("prepare");
    }
}
