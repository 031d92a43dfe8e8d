package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import maskfeat.train.GoalReached;
import org.junit.jupiter.api.Test;

class GoalNoticeTest {
    private final List<String> said = new ArrayList<>();
    private final GoalNotice notice = new GoalNotice(0.85, said::add);

    @Test
    void aGoalThatWasNotReachedIsSaidAtTheEnd() {
        notice.ended();
        assertThat(said).singleElement().asString().startsWith("train.until 0.85 was not reached");
    }

    @Test
    void aGoalThatWasReachedIsSaidOnceWithWhatFollows() {
        notice.reached(new GoalReached(12, 0.842, 14, 100));
        notice.ended();
        assertThat(said)
                .containsExactly(
                        "loss 0.842x of the constant prediction's, at or under train.until 0.85 after epoch 12: the"
                                + " learning rate falls to its end over 2 epochs, the last is 14 of at most 100");
    }
}
