package maskfeat.run;

import java.io.IOException;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.Consumer;
import maskfeat.disk.Plural;
import maskfeat.train.Listener;

/**
 * Says once, as soon as steps have been made, how long one takes, when the run will end, what would shorten it, and how much memory
 * it takes.
 */
final class Outlook implements Listener {
    /** The first step is slower than others: data are opened, and Java has not warmed up. In a long one that evens out. */
    private static final double LONG_SECONDS = 60;

    /** Of steps, before any is believed. */
    private static final double ENOUGH_SECONDS = 10;

    private static final double SHORT_RUN_SECONDS = 20;
    private static final double MUCH_WAITING = 0.3;

    private final boolean validated;
    private final boolean mayEndEarly;
    private final boolean ownData;
    private final Consumer<String> say;
    private long begun;
    private double all;
    private double seconds;
    private double waited;
    private int steps;
    private boolean said;

    /**
     * @param validated whether validation takes time beside
     * @param mayEndEarly whether the run may have fewer epochs than it says
     * @param ownData whether the data are the user's own, of which a copy can be made
     * @param say takes the sentence
     */
    Outlook(boolean validated, boolean mayEndEarly, boolean ownData, Consumer<String> say) {
        this.validated = validated;
        this.mayEndEarly = mayEndEarly;
        this.ownData = ownData;
        this.say = say;
    }

    @Override
    public void started(long step, long of) {
        begun = step;
    }

    @Override
    public void stepMade(long step, long of, double took, double ofWaiting) {
        if (said) {
            return;
        }
        boolean first = all == 0;
        all += took;
        if (!first || took > LONG_SECONDS) {
            steps++;
            seconds += took;
            waited += ofWaiting;
        }
        if (steps == 0 || all < ENOUGH_SECONDS) {
            return;
        }
        said = true;
        double each = seconds / steps;
        double left = each * (of - step);
        if (left < SHORT_RUN_SECONDS) {
            return;
        }
        String text = "a step takes " + seconds(each) + ": the " + Plural.of(of - step, "step")
                + (validated ? " that are left take, without validation, " : " that are left take ")
                + (mayEndEarly ? "at most about " : "about ") + duration(left) + ", until " + clock(left) + "; "
                + advice(left);
        say.accept(text + memory());
    }

    private String advice(double left) {
        double share = waited / seconds;
        if (share > MUCH_WAITING) {
            return String.format(Locale.ROOT, "%.0f %% of that is waiting for data: ", 100 * share)
                    + (ownData
                            ? "a copy that is read faster shortens it (maskfeat data prepare)"
                            : "more loader.threads may shorten it");
        }
        return begun > 0
                ? "it may be stopped before (Ctrl-C) and goes on with --resume"
                : String.format(
                        Locale.ROOT,
                        "shorter by fewer epochs (--epochs), by --minutes %d, or by a smaller recipe",
                        Math.max(1, Math.round(left / 60 / 2)));
    }

    private static String memory() {
        try {
            MachineMemory now = MachineMemory.now();
            return Double.isNaN(now.used())
                    ? ""
                    : "; " + MachineMemory.text(now.used()) + " of memory now, " + MachineMemory.text(now.peak())
                            + " at most so far";
        } catch (IOException notTold) {
            return ""; // a line of the log must not end a run
        }
    }

    /** The time of day here after some seconds, such as "14:32"; with the day where that is not today, and the year with it. */
    static String clock(double seconds) {
        return clock(LocalDateTime.now(ZoneId.systemDefault()), seconds);
    }

    static String clock(LocalDateTime now, double seconds) {
        LocalDateTime then = now.plusSeconds(Math.round(seconds));
        boolean today = then.toLocalDate().equals(now.toLocalDate());
        boolean thisYear = then.getYear() == now.getYear();
        return then.format(DateTimeFormatter.ofPattern(
                today ? "HH:mm" : thisYear ? "d MMM HH:mm" : "d MMM yyyy HH:mm", Locale.ROOT));
    }

    /** Such as "45 s", "41 min", "3 h 20 min", "2 days 4 h". */
    static String duration(double seconds) {
        if (seconds < 100) {
            return String.format(Locale.ROOT, seconds < 10 ? "%.1f s" : "%.0f s", seconds);
        }
        long minutes = Math.round(seconds / 60);
        if (minutes < 100) {
            return minutes + " min";
        }
        if (minutes < 24 * 60) {
            return minutes / 60 + " h " + minutes % 60 + " min";
        }
        long hours = Math.round(seconds / 3600);
        return Plural.of(hours / 24, "day") + " " + hours % 24 + " h";
    }

    private static String seconds(double seconds) {
        return seconds < 1
                ? String.format(Locale.ROOT, "%.0f ms", seconds * 1000)
                : String.format(Locale.ROOT, "%.1f s", seconds);
    }
}
