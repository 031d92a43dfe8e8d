package maskfeat.run;

import java.util.Locale;
import java.util.function.Consumer;
import maskfeat.disk.Plural;
import maskfeat.train.GoalReached;
import maskfeat.train.Listener;

/** Says when the loss has come down to {@code train.until}, and what follows, or that it never has. */
final class GoalNotice implements Listener {
    private final double until;
    private final Consumer<String> say;
    private boolean reached;

    /**
     * @param until the setting
     * @param say takes the sentence
     */
    GoalNotice(double until, Consumer<String> say) {
        this.until = until;
        this.say = say;
    }

    /** The run has come to its end. */
    void ended() {
        if (!reached) {
            say.accept("train.until " + until
                    + " was not reached: all epochs are trained; more epochs, or another value, may" + " reach it");
        }
    }

    @Override
    public void reached(GoalReached goal) {
        reached = true;
        String what = String.format(
                Locale.ROOT,
                "loss %.3fx of the constant prediction's, at or under train.until %s after epoch %d: ",
                goal.share(),
                until,
                goal.epoch());
        say.accept(what
                + (goal.endsEarly()
                        ? "the learning rate falls to its end over "
                                + Plural.of(goal.last() - goal.epoch(), "epoch") + ", the last is " + goal.last()
                                + " of at most " + goal.most()
                        : "the learning rate is about to end, so the run goes on as planned, to epoch " + goal.last()));
    }
}
