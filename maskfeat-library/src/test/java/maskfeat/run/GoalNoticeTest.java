package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import maskfeat.train.EpochLoss;
import maskfeat.train.GoalReached;
import org.junit.jupiter.api.Test;

class GoalNoticeTest {
    private final List<String> said = new ArrayList<>();
    private final GoalNotice notice = new GoalNotice(0.85, said::add);

    @Test
    void aGoalThatWasNotReachedIsSaidAtTheEnd() {
        notice.started(0, 300);
        notice.ended();
        assertThat(said).singleElement().asString().startsWith("train.until 0.85 was not reached");
    }

    @Test
    void whereTheConstantPredictionMakesNoErrorNoMoreEpochsAreAdvised() {
        notice.started(0, 300);
        notice.epochLoss(new EpochLoss(100, 1e-6, 0.0));
        notice.ended();
        assertThat(said)
                .singleElement()
                .asString()
                .contains("cannot be reached")
                .doesNotContain("more epochs");
    }

    @Test
    void aGoalThatWasReachedIsSaidOnceWithWhatFollows() {
        notice.started(0, 300);
        notice.reached(new GoalReached(12, 0.842, 14, 100));
        notice.ended();
        assertThat(said)
                .containsExactly(
                        "train.until 0.85 was reached by epoch 12, with a mean loss of 0.8420x that of the constant prediction: the"
                                + " learning rate falls to its end over 2 epochs, the last is 14 of at most 100");
    }

    /** Of three noisy steps an epoch comes down to a share that the run does not have. */
    @Test
    void aLastEpochThatIsOverTheGoalAgainIsSaidAtTheEnd() {
        notice.started(0, 300);
        notice.reached(new GoalReached(12, 0.842, 14, 100));
        notice.epochLoss(new EpochLoss(14, 0.45, 0.5));
        notice.ended();
        assertThat(said).hasSize(2);
        assertThat(said.get(1))
                .startsWith(
                        "the mean loss of epoch 14, the last, is 0.9000x that of the constant prediction, again over train.until 0.85");
    }

    @Test
    void aResumedRunThatHadReachedItGoesOnWithItsLastEpochs() {
        notice.reached(new GoalReached(12, 0.842, 14, 100));
        assertThat(said).isEmpty();
        notice.started(39, 42);
        notice.ended();
        assertThat(said)
                .containsExactly(
                        "train.until 0.85 was reached by epoch 12, with a mean loss of 0.8420x that of the constant prediction"
                                + " before the run was left: it goes on with its last epochs, to epoch 14 of at most 100");
    }

    @Test
    void aResumedRunThatWasTrainedToItsEndHasNoEpochsLeft() {
        notice.reached(new GoalReached(12, 0.842, 14, 100));
        notice.started(42, 42);
        assertThat(said).singleElement().asString().endsWith("before the run was left: its last epoch, 14, is trained");
    }

    /** Otherwise the page would say that it is reached, and that it cannot be told whether anything was learned. */
    @Test
    void aGoalThatMayHaveBeenReachedByChanceIsSaidToBe() {
        EpochLoss like = new EpochLoss(14, 0.98, 1.0, new EpochLoss.Spread(100, 0.1));
        assertThat(GoalNotice.byChance(new GoalReached(12, 0.99, 14, 100), like))
                .isEqualTo(
                        "; the mean of an epoch is known only to \u00b1 0.0196, so that it may have come under 1 by chance");
        assertThat(GoalNotice.byChance(new GoalReached(12, 0.97, 14, 100), like))
                .isEmpty();
        assertThat(GoalNotice.byChance(new GoalReached(12, 0.99, 14, 100), new EpochLoss(14, 0.98, 1.0)))
                .as("not known")
                .isEmpty();
    }
}
