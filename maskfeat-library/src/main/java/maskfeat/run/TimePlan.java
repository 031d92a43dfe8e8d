package maskfeat.run;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;
import maskfeat.data.Dataset;
import maskfeat.data.Views;
import maskfeat.disk.Doing;
import maskfeat.disk.Plural;
import maskfeat.settings.Origin;
import maskfeat.settings.Settings;
import maskfeat.torch.Threads;
import maskfeat.train.TimedSteps;
import maskfeat.train.TimedSteps.Times;

/** As many epochs as fit into a time, by the time of some steps that are made before in no folder. */
final class TimePlan {
    /** Left for checkpoints, pictures and the report. */
    private static final double MARGIN = 0.05;

    private static final int FEW = 3;
    private static final double ENOUGH_SECONDS = 6;
    private static final int MOST = 200;

    private TimePlan() {}

    /**
     * The settings with {@code train.epochs} for the time, and {@code optim.warmup-epochs} of the same share of them as before
     * unless somebody has set it.
     *
     * @param option as the user wrote it, such as {@code --minutes 60}
     * @param time for training and validation, counted from now
     * @param said takes a sentence on what was measured and chosen
     * @throws IllegalArgumentException if one epoch takes longer
     */
    static Settings<Run> planned(
            Settings<Run> settings, RunData data, String option, Duration time, Consumer<String> said)
            throws IOException, InterruptedException {
        return planned(settings, data, option, time, ENOUGH_SECONDS, said);
    }

    /** @param enough seconds of steps that are measured */
    static Settings<Run> planned(
            Settings<Run> settings, RunData data, String option, Duration time, double enough, Consumer<String> said)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        Run run = settings.value();
        said.accept(option + ": measuring some steps");
        double epoch;
        try (Doing doing = Doing.begin("measuring some steps")) {
            epoch = epochSeconds(run, data, measured(run, data, enough));
        }
        double left = time.toNanos() * 1e-9 - (System.nanoTime() - start) * 1e-9;
        int steps = stepsPerEpoch(run, data);
        String costs = String.format(
                Locale.ROOT, "an epoch of %s takes about %s here", Plural.of(steps, "step"), Outlook.duration(epoch));
        int epochs = (int) Math.min(Integer.MAX_VALUE, Math.floor((1 - MARGIN) * left / epoch));
        if (epochs < 1) {
            throw new IllegalArgumentException(option + " is too short: " + costs
                    + "; give more time, take a smaller network (maskfeat recipes) or fewer data, or take --epochs 1");
        }
        said.accept(option + ": " + costs + ", so train.epochs is " + epochs + "; done about "
                + Outlook.clock(epoch * epochs)
                + (run.train().until() == null ? "" : " at the latest, or earlier by train.until"));
        Settings<Run> planned = settings.flag(option, "train.epochs", Integer.toString(epochs));
        Origin warmup = settings.origins().get("optim.warmup-epochs");
        if (warmup instanceof Origin.Recipe) {
            double share = run.optim().warmupEpochs() / run.train().epochs();
            planned = planned.flag(
                    option, "optim.warmup-epochs", Double.toString(Math.round(100 * share * epochs) / 100.0));
        }
        planned.value(); // refuses here rather than later
        return planned;
    }

    private static int stepsPerEpoch(Run run, RunData data) {
        return data.train().size() / (run.train().stepSize() / run.augment().repeat());
    }

    /** Of micro-batches, each as a step of its own: a whole step may take minutes. */
    private static TimedSteps measured(Run run, RunData data, double enough) throws IOException, InterruptedException {
        try (Training training = Training.of(run.ofOneMicroBatch(), data)) {
            TimedSteps all = measured(training, enough);
            if (!training.choosesThreads()) {
                return all;
            }
            // On a busy machine one thread may be many times as fast, and training will find that out.
            int threads = Threads.count();
            Threads.use(1);
            try {
                TimedSteps one = measured(training, enough);
                return one.median(Times::step) < all.median(Times::step) ? one : all;
            } finally {
                Threads.use(threads);
            }
        }
    }

    private static TimedSteps measured(Training training, double enough) throws IOException, InterruptedException {
        TimedSteps first = training.timedAsItIs((int) Math.min(FEW, mostSteps(training)));
        // The first steps of a small network are those of a Java that has not warmed up.
        int more = (int) Math.ceil(enough / first.median(Times::step));
        return more <= FEW ? first : training.timedAsItIs((int) Math.min(Math.min(MOST, more), mostSteps(training)));
    }

    private static long mostSteps(Training training) {
        return Math.max(1, training.schedule().steps() - Training.WARM_UP);
    }

    private static double epochSeconds(Run run, RunData data, TimedSteps micro) {
        double step = run.train().accumulate() * (micro.median(Times::step) - micro.median(Times::optimizer))
                + micro.median(Times::optimizer);
        return stepsPerEpoch(run, data) * step + validationSeconds(run, data, micro);
    }

    private static double validationSeconds(Run run, RunData data, TimedSteps micro) {
        Run.Validate validate = run.validate();
        if (validate == null) {
            return 0;
        }
        Views views = Views.parse(validate.views());
        double sample = (micro.median(Times::forward) + micro.median(Times::data))
                / run.train().microBatch();
        int items = data.validation().map(Dataset::size).orElse(0);
        return sample * views.temporal() * views.spatial() * items / validate.everyEpochs();
    }
}
