package maskfeat.run;

import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import maskfeat.disk.Plural;
import maskfeat.train.EpochLoss;
import maskfeat.train.GoalReached;
import maskfeat.train.Listener;
import org.jspecify.annotations.Nullable;

/** Says when the loss has come down to {@code train.until}, and what follows, or that it never has. */
final class GoalNotice implements Listener {
    private final double until;
    private final Consumer<String> say;
    private boolean started;
    private @Nullable GoalReached reached;
    private @Nullable EpochLoss last;

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
        if (reached == null && last != null && last.baseline() != null && last.baseline() == 0) {
            say.accept("train.until " + until
                    + " cannot be reached: the best constant prediction makes no error at all, as where all pictures are of"
                    + " one colour; see what the data show");
        } else if (reached == null) {
            say.accept("train.until " + until
                    + " was not reached: all epochs are trained; more epochs, or another value, may reach it");
        } else if (last != null && last.share() > until) {
            say.accept(String.format(
                    Locale.ROOT,
                    "the mean loss of epoch %d, the last, is %.4fx that of the constant prediction, again over train.until %s:"
                            + " where epochs are short, one may come down to it by chance",
                    last.epoch(),
                    last.share(),
                    until));
        }
    }

    @Override
    public void epochLoss(EpochLoss mean) {
        last = mean;
    }

    /** A goal that is told of before was reached before the run was left. */
    @Override
    public void started(long step, long steps) {
        started = true;
        if (reached != null) {
            String what = text(reached) + " before the run was left: ";
            say.accept(what
                    + (step >= steps
                            ? "its last epoch, " + reached.last() + ", is trained"
                            : "it goes on with its last epochs, to epoch " + reached.last()
                                    + (reached.endsEarly() ? " of at most " + reached.most() : "")));
        }
    }

    @Override
    public void reached(GoalReached goal) {
        reached = goal;
        if (started) {
            say.accept(text(goal) + ": "
                    + (goal.endsEarly()
                            ? "the learning rate falls to its end over "
                                    + Plural.of(goal.last() - goal.epoch(), "epoch") + ", the last is " + goal.last()
                                    + " of at most " + goal.most()
                            : "the learning rate is about to end, so the run goes on as planned, to epoch "
                                    + goal.last()));
        }
    }

    private String text(GoalReached goal) {
        return text(until, Optional.of(goal));
    }

    /**
     * What is to be added where an epoch may have come under the constant prediction by chance, so that the verdict of the page may be
     * in doubt; empty otherwise.
     *
     * @param like another epoch of the run, which tells how far such a mean may well be off
     */
    static String byChance(GoalReached reached, EpochLoss like) {
        return reached.share() + like.margin() >= 1
                ? String.format(
                        Locale.ROOT,
                        "; the mean of an epoch is known only to \u00b1 %.4f, so that it may have come under 1 by chance",
                        like.margin())
                : "";
    }

    /** Whether it was reached, and where. */
    static String text(double until, Optional<GoalReached> goal) {
        return "train.until " + until
                + goal.map(reached -> String.format(
                                Locale.ROOT,
                                " was reached by epoch %d, with a mean loss of %.4fx that of the constant prediction",
                                reached.epoch(),
                                reached.share()))
                        .orElse(" was not reached");
    }
}
