package maskfeat.run;

import java.util.Locale;
import java.util.function.Consumer;
import maskfeat.disk.Plural;
import maskfeat.train.Listener;
import maskfeat.train.StepReport;

/**
 * Says once in a run that training waits for its data, and what would help.
 *
 * <p>Decided over stretches of a minute and twenty steps at least, without the beginning, when the loader starts from nothing
 * and videos are indexed.
 */
final class WaitingAdvice implements Listener {
    private static final double TOO_MUCH = 0.2;
    private static final double SECONDS = 60;
    private static final int STEPS = 20;

    private final Run.Loading loader;
    private final int cores;
    private final boolean ownData;
    private final Consumer<String> say;
    private boolean begun;
    private boolean said;
    private long last;
    private long steps;
    private double seconds;
    private double waited;
    private double samples;

    /**
     * @param cores of the machine
     * @param ownData whether they are the user's own, of which a copy can be made
     * @param say takes the sentence
     */
    WaitingAdvice(Run.Loading loader, int cores, boolean ownData, Consumer<String> say) {
        this.loader = loader;
        this.cores = cores;
        this.ownData = ownData;
        this.say = say;
    }

    @Override
    public void started(long step, long of) {
        last = step;
    }

    @Override
    public void step(StepReport report) {
        long now = report.step() - last;
        last = report.step();
        if (said || !begun) {
            begun = true;
            return;
        }
        double lap = report.stepSeconds() * now;
        steps += now;
        seconds += lap;
        waited += lap * report.dataShare();
        samples += lap * report.samplesPerSecond();
        if (steps < STEPS || seconds < SECONDS) {
            return;
        }
        double share = waited / seconds;
        if (share > TOO_MUCH) {
            said = true;
            say.accept(advice(share, samples / seconds));
        }
        steps = 0;
        seconds = 0;
        waited = 0;
        samples = 0;
    }

    private String advice(double share, double rate) {
        int threads = loader.threadCount();
        String more = threads < cores
                ? "raise loader.threads, which is " + threads + " of " + Plural.of(cores, "core")
                : "loader.threads is " + threads + ", and there "
                        + (cores == 1 ? "is 1 core" : "are " + cores + " cores");
        return String.format(
                        Locale.ROOT,
                        "the steps waited for data %.0f %% of the last %.0f seconds: %.1f samples a second were made, and"
                                + " without waiting it would be up to %.1f; ",
                        100 * share,
                        seconds,
                        rate,
                        rate / Math.max(0.01, 1 - share))
                + more
                + (ownData ? ", or train on a copy that is read faster: maskfeat data prepare" : "");
    }
}
