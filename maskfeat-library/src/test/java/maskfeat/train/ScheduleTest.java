package maskfeat.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What the golden schedules do not say. */
class ScheduleTest {
    private static final Schedule PUBLISHED = new Schedule(8e-6, 30, new Schedule.Cosine(1.6e-3, 8e-6, 30, 300));

    @Test
    void warmsUpInALineToThePeakAndComesDownInHalfACosine() {
        assertThat(PUBLISHED.at(0)).isEqualTo(8e-6);
        assertThat(PUBLISHED.at(15)).isCloseTo((8e-6 + 1.6e-3) / 2, within(1e-15));
        assertThat(PUBLISHED.at(30)).isEqualTo(1.6e-3);
        assertThat(PUBLISHED.at(165)).isCloseTo((8e-6 + 1.6e-3) / 2, within(1e-15));
        assertThat(PUBLISHED.at(300)).isCloseTo(8e-6, within(1e-15));
    }

    @Test
    void neverJumps() {
        double last = PUBLISHED.at(0);
        for (double epoch = 0; epoch <= 300; epoch += 1 / 64.0) {
            double now = PUBLISHED.at(epoch);
            assertThat(now).isCloseTo(last, within(2e-6)).isBetween(8e-6 - 1e-15, 1.6e-3);
            last = now;
        }
    }

    @Test
    void withoutWarmUpItBeginsAtThePeak() {
        assertThat(new Schedule(1, 0, new Schedule.Cosine(0.5, 0, 0, 10)).at(0)).isEqualTo(0.5);
    }

    @Test
    void aRunThatIsAllWarmUpEndsAtThePeak() {
        Schedule schedule = new Schedule(0, 5, new Schedule.Cosine(0.5, 0, 5, 5));
        assertThat(schedule.at(2.5)).isEqualTo(0.25);
        assertThat(schedule.at(5)).isEqualTo(0.5);
    }

    @Test
    void stepsBeginWhereTheySay() {
        Schedule schedule = new Schedule(0, 0, new Schedule.Steps(2, List.of(0.0, 4.0, 8.0), List.of(1.0, 0.5, 0.1)));
        assertThat(schedule.at(3.999)).isEqualTo(2);
        assertThat(schedule.at(4)).isEqualTo(1);
        assertThat(schedule.at(8)).isEqualTo(0.2);
        assertThat(schedule.at(1000)).isEqualTo(0.2);
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        Schedule.Cosine curve = new Schedule.Cosine(1, 0, 0, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Schedule(-1, 0, curve))
                .withMessageContaining("-1.0");
        assertThatIllegalArgumentException().isThrownBy(() -> new Schedule(0, Double.NaN, curve));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Schedule.Cosine(0, 0, 0, 1))
                .withMessageContaining("peak 0.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Schedule.Cosine(1, 0, 30, 10))
                .withMessageContaining("warm-up of 30.0 epochs does not fit into a run of 10.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Schedule.Steps(1, List.of(1.0), List.of(1.0)))
                .withMessageContaining("must begin at epoch 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Schedule.Steps(1, List.of(0.0, 1.0), List.of(1.0)))
                .withMessageContaining("one factor each");
    }
}
