package maskfeat.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LossGoalTest {
    private static final Schedule SCHEDULE = new Schedule(0, 5, new Schedule.Cosine(1e-3, 1e-5, 5, 100));

    private static StepResult step(double loss, double baseline) {
        return new StepResult(Map.of(StepResult.LOSS, loss, StepResult.BASELINE, baseline), 1, 0);
    }

    /** Loss and baseline of a batch rise and fall together: the share is that of their means. */
    @Test
    void isReachedByTheFirstEpochWhoseMeanLossIsAtOrBelowTheShareOfTheMeanBaseline() {
        LossGoal goal = new LossGoal(0.75, 100);
        goal.add(step(0.5, 1)); // low, but the mean is not
        goal.add(step(3.5, 4));
        assertThat(goal.epochDone(1)).isEmpty();
        goal.add(step(2.5, 3)); // the epoch before does not count
        goal.add(step(0.5, 1));
        Optional<GoalReached> reached = goal.epochDone(2);
        assertThat(reached).contains(new GoalReached(2, 0.75, 3, 100)).isEqualTo(goal.reached());
        goal.add(step(0.1, 1));
        assertThat(goal.epochDone(3)).isEmpty();
        assertThat(goal.reached()).isEqualTo(reached);
    }

    @Test
    void anEpochWithoutAFiniteStepOrWithoutABaselineDoesNotReachIt() {
        LossGoal goal = new LossGoal(0.75, 100);
        assertThat(goal.epochDone(1)).isEmpty();
        goal.add(new StepResult(Map.of(StepResult.LOSS, 0.1), 1, 0));
        assertThat(goal.epochDone(2)).isEmpty();
    }

    /** It is at its end anyway. */
    @Test
    void theLastEpochDoesNotReachIt() {
        LossGoal goal = new LossGoal(0.75, 2);
        goal.epochDone(1);
        goal.add(step(0.1, 1));
        assertThat(goal.epochDone(2)).isEmpty();
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
        goal.add(step(0.5, 1));
        goal.mark();
        assertThat(goal.epochDone(1)).isPresent();
        goal.rewind();
        assertThat(goal.reached()).isEmpty();
        goal.add(step(1.5, 1));
        assertThat(goal.epochDone(1)).isEmpty();
    }
}
