package maskfeat.run;

import java.io.IOException;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.Consumer;
import maskfeat.disk.Plural;
import maskfeat.train.Listener;
import maskfeat.train.StepReport;

/** Says once, when the first steps have been measured, how long a run has to go and how much memory it takes. */
final class Outlook implements Listener {
    /** The first report is of the beginning too, when the loader starts from nothing; over long steps that evens out. */
    private static final double LONG_SECONDS = 60;

    private static final double SHORT_RUN_SECONDS = 60;

    private final boolean validated;
    private final boolean mayEndEarly;
    private final Consumer<String> say;
    private long last;
    private boolean begun;
    private boolean said;

    /**
     * @param validated whether validation takes time beside
     * @param mayEndEarly whether the run may have fewer epochs than it says
     */
    Outlook(boolean validated, boolean mayEndEarly, Consumer<String> say) {
        this.validated = validated;
        this.mayEndEarly = mayEndEarly;
        this.say = say;
    }

    @Override
    public void started(long step, long steps) {
        last = step;
    }

    @Override
    public void step(StepReport report) {
        boolean measured = begun || report.stepSeconds() * (report.step() - last) > LONG_SECONDS;
        begun = true;
        last = report.step();
        if (said || !measured || report.secondsLeft() < SHORT_RUN_SECONDS) {
            return;
        }
        said = true;
        double stepsPerEpoch = report.step() / report.epoch();
        String text = String.format(
                Locale.ROOT,
                "%s %s to go%s, until %s: %s of %s, %s an epoch",
                mayEndEarly ? "at most about" : "about",
                duration(report.secondsLeft()),
                validated ? " without validation" : "",
                clock(report.secondsLeft()),
                Plural.of(report.steps() - report.step(), "step"),
                seconds(report.stepSeconds()),
                duration(report.stepSeconds() * stepsPerEpoch));
        say.accept(text + memory());
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
