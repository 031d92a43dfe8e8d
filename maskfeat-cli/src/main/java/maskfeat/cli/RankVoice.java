package maskfeat.cli;

import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import maskfeat.torch.RankLost;
import maskfeat.torch.RankPlace;
import maskfeat.torch.Ranks;
import org.jspecify.annotations.Nullable;

/**
 * How the error that a process ends with is said. Of several that train together each says its own, marked with its rank, unless it is
 * known that another one has said the same.
 *
 * @param place among several processes; null for one that is alone
 * @param mark what stands before each error of this process
 * @param launchedHere whether one launcher has started all, and names those that die
 * @param met whether the ranks had met
 * @param saidByFirst whether rank 0 ends in the same error, known of ranks that have met
 */
record RankVoice(@Nullable RankPlace place, String mark, boolean launchedHere, boolean met, boolean saidByFirst) {
    private static final RankVoice ALONE = new RankVoice(null, "", false, false, false);

    /** Of a process that runs a command. */
    static RankVoice of(Object command, Map<String, String> environment) {
        if (!(command instanceof TrainCommand training)) {
            return ALONE;
        }
        RankPlace place;
        try {
            place = RankPlace.of(environment).orElse(null);
        } catch (IllegalArgumentException unknown) {
            return ALONE; // which is what is to be said
        }
        if (place == null) {
            return ALONE;
        }
        boolean here = LaunchCommand.isWhole(environment);
        String mark = here
                ? place.rank() == 0 ? "" : "rank " + place.rank() + ": "
                : "rank " + place.rank() + " on " + RankPlace.thisHost() + ": ";
        return new RankVoice(place, mark, here, training.hasMet(), training.isSaidByFirst());
    }

    /**
     * Says an error, or leaves that to another rank.
     *
     * @param error null for words that a command does not take
     * @param text of the error, without the mark
     * @param print prints the error and what belongs to it, behind a mark
     */
    void say(@Nullable Throwable error, int code, String text, Consumer<String> print) {
        RankPlace ours = place;
        if (ours == null || code == Exit.BUG) {
            print.accept(mark);
        } else if (error instanceof RankLost lost) {
            sayLost(lost, ours.rank(), print);
        } else if (met) {
            if (!saidByFirst) {
                print.accept(mark);
            }
        } else if (ours.rank() == 0) {
            // First of all: who started the ranks may end this one as soon as another ends.
            print.accept(mark);
            RefusalRound.answer(ours, text);
        } else {
            ask(ours, text, print);
        }
    }

    /** In full by the lowest rank that is left. */
    private void sayLost(RankLost lost, int own, Consumer<String> print) {
        if (launchedHere && !met) {
            return; // one that refused the run has said why
        }
        if (own == (lost.rank() == 0 ? 1 : 0)) {
            print.accept(mark);
        } else if (!launchedHere) {
            System.err.println(mark + "ends, for rank " + lost.rank() + (lost.failed() ? " failed" : " is gone"));
        }
    }

    private void ask(RankPlace ours, String text, Consumer<String> print) {
        AtomicBoolean open = new AtomicBoolean(true);
        Runnable once = () -> {
            if (open.getAndSet(false)) {
                print.accept(mark);
            }
        };
        Thread ended = new Thread(once, "refusal");
        Runtime.getRuntime().addShutdownHook(ended); // who started the ranks may not let this one wait for the answer
        RefusalRound.Answer answer = RefusalRound.ask(ours, text);
        if (answer == RefusalRound.Answer.SAID) {
            open.set(false);
        }
        once.run();
        if (answer == RefusalRound.Answer.STORE && !launchedHere) { // a launcher ends the others
            Ranks.refuse(ours, text);
        }
        try {
            Runtime.getRuntime().removeShutdownHook(ended);
        } catch (IllegalStateException ending) {
            return; // it has nothing left to say
        }
    }
}
