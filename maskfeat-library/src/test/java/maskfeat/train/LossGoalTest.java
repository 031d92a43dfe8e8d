package maskfeat.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LossGoalTest {
    private static final Schedule SCHEDULE = new Schedule(0, 5, new Schedule.Cosine(1e-3, 1e-5, 5, 100));

    private static EpochLoss epoch(int epoch, double loss, double baseline) {
        return new EpochLoss(epoch, loss, baseline);
    }

    @Test
    void isReachedByTheFirstEpochWhoseMeanLossIsAtOrBelowTheShareOfTheMeanBaseline() {
        LossGoal goal = new LossGoal(0.75, 100);
        assertThat(goal.epochDone(epoch(1, 2, 2.5))).isEmpty();
        Optional<GoalReached> reached = goal.epochDone(epoch(2, 1.5, 2));
        assertThat(reached).contains(new GoalReached(2, 0.75, 3, 100)).isEqualTo(goal.reached());
        assertThat(goal.epochDone(epoch(3, 0.1, 1))).isEmpty();
        assertThat(goal.reached()).isEqualTo(reached);
    }

    @Test
    void anEpochWithoutABaselineDoesNotReachIt() {
        assertThat(new LossGoal(0.75, 100).epochDone(new EpochLoss(2, 0.1, null)))
                .isEmpty();
    }

    /** It is at its end anyway. */
    @Test
    void theLastEpochDoesNotReachIt() {
        assertThat(new LossGoal(0.75, 2).epochDone(epoch(2, 0.1, 1))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 2, true",
        "10, 11, true",
        "11, 13, true",
        "12, 14, true",
        "90, 99, true",
        "91, 100, false",
        "99, 100, false"
    })
    void aTenthOfTheEpochsFollowsButNeverMoreThanThePlanHas(int epoch, int last, boolean early) {
        GoalReached goal = GoalReached.after(epoch, 0.8, 100);
        assertThat(goal.last()).isEqualTo(last);
        assertThat(goal.endsEarly()).isEqualTo(early);
    }

    @Test
    void theRateFallsOnALineAndTheLastStepHasThatOfTheEnd() {
        GoalReached goal = GoalReached.after(12, 0.8, 100);
        double from = SCHEDULE.at(12);
        for (int step = 0; step < 10; step++) {
            assertThat(goal.learningRate(SCHEDULE, 60 + step, 5))
                    .isCloseTo(from + (1e-5 - from) * (step + 1) / 10, within(1e-12));
        }
        assertThat(goal.learningRate(SCHEDULE, 69, 5))
                .isEqualTo(SCHEDULE.at(100))
                .isCloseTo(1e-5, within(1e-15));
    }

    @Test
    void aRateThatIsAboutToEndStaysTheSchedules() {
        GoalReached goal = GoalReached.after(95, 0.8, 100);
        assertThat(goal.learningRate(SCHEDULE, 480, 5)).isEqualTo(SCHEDULE.at(96));
    }

    /** In warm-up it would rise otherwise. */
    @Test
    void theRateFallsFromWhereWarmUpHadComeTo() {
        GoalReached goal = GoalReached.after(2, 0.99, 100);
        assertThat(goal.learningRate(SCHEDULE, 10, 5)).isBetween(1e-5, SCHEDULE.at(2));
        assertThat(goal.learningRate(SCHEDULE, 14, 5)).isCloseTo(1e-5, within(1e-15));
    }

    /** Steps that are not finite may be taken back, and the end of an epoch with them. */
    @Test
    void goesBackToItsMark() {
        LossGoal goal = new LossGoal(0.75, 100);
        goal.mark();
        assertThat(goal.epochDone(epoch(1, 0.5, 1))).isPresent();
        goal.rewind();
        assertThat(goal.reached()).isEmpty();
        assertThat(goal.epochDone(epoch(1, 1.5, 1))).isEmpty();
    }
}
