package maskfeat.run;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import maskfeat.settings.Origin;
import maskfeat.settings.Settings;
import maskfeat.settings.SettingsException;

/** Smaller steps for data that does not fill those of a recipe, where the user has set none. */
final class StepFit {
    /** Fewer steps an epoch than this would hardly train before the epochs of a recipe are over. */
    private static final int STEPS_PER_EPOCH = 8;

    private StepFit() {}

    /**
     * The settings with steps that the data fills at least once an epoch; unchanged where it does so already, or where somebody has
     * set how large steps are.
     *
     * @param items of the data
     * @param noun of these, such as clips
     * @param decided takes a sentence on what was chosen
     */
    static Settings<Run> fitted(Settings<Run> settings, int items, String noun, Consumer<String> decided) {
        Run run = settings.value();
        int copies = run.augment().repeat();
        int step = run.train().stepSize();
        if (step % copies != 0 || items >= step / copies || items < 1) {
            return settings;
        }
        boolean setsBatch =
                isSet(settings, "train.batch") && !run.train().batch().isAuto();
        if (setsBatch || isSet(settings, "train.accumulate")) {
            return settings;
        }
        int wanted = run.task().comparesSamples() ? items : Math.max(1, items / STEPS_PER_EPOCH);
        // From the wanted size down, then up: a task may not take the smallest.
        IntStream sizes = IntStream.concat(
                IntStream.iterate(Integer.highestOneBit(wanted), size -> size >= 1, size -> size / 2),
                IntStream.iterate(Integer.highestOneBit(wanted) * 2, size -> size <= items, size -> size * 2));
        Optional<Settings<Run>> fitted = sizes.boxed()
                .flatMap(size -> withSteps(settings, size * copies, items + " " + noun).stream())
                .findFirst();
        if (fitted.isEmpty()) {
            return settings;
        }
        Run.Train train = fitted.get().value().train();
        decided.accept(items + " " + (items == 1 ? noun.replaceFirst("s$", "") + " does" : noun + " do")
                + " not fill the recipe's step of " + step + ": steps of "
                + train.stepSize() + " are taken instead (train.batch=" + train.microBatch() + ", train.accumulate="
                + train.accumulate() + "), " + items / (train.stepSize() / copies)
                + " an epoch; the learning rate goes with them. To choose otherwise, set train.batch");
        return fitted.get();
    }

    private static Optional<Settings<Run>> withSteps(Settings<Run> settings, int step, String data) {
        int most = Math.min(step, settings.value().train().microBatch());
        String why = "fitted, " + data;
        // What fits into memory is decided later, of this step.
        String word = settings.value().train().batch().isAuto() ? "auto " : "";
        return IntStream.rangeClosed(1, most)
                .map(lower -> most + 1 - lower)
                .filter(batch -> step % batch == 0)
                .boxed()
                .flatMap(batch -> taken(settings.flag(why, "train.batch", word + batch)
                                .flag(why, "train.accumulate", Integer.toString(step / batch)))
                        .stream())
                .findFirst();
    }

    private static Optional<Settings<Run>> taken(Settings<Run> settings) {
        try {
            settings.value();
            return Optional.of(settings);
        } catch (SettingsException refused) {
            return Optional.empty();
        }
    }

    private static boolean isSet(Settings<Run> settings, String key) {
        Origin origin = settings.origins().get(key);
        return !(origin instanceof Origin.Recipe || origin instanceof Origin.Defaults);
    }
}
