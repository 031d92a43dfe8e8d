package maskfeat.run;

import maskfeat.settings.Origin;
import maskfeat.settings.Settings;

/**
 * Fewer items whose features are measured where so many would take more than a small share of a short run. A number that somebody has
 * set stays. Decided when a run begins, from what its settings and data say alone, so that the same items are measured whenever it goes
 * on, and in all ranks.
 */
final class FeatureFit {
    /** Of the items that go through the network: to train on one takes twice as long as to measure one, or longer. */
    private static final double SHARE = 0.06;

    /** Fewer would tell nothing. */
    private static final int LEAST = 32;

    private FeatureFit() {}

    /** The settings with as many items as are to be measured; unchanged where that is what they say. */
    static Settings<Run> fitted(Settings<Run> settings, RunData data) {
        Run run = settings.value();
        int every = run.report().featuresEvery();
        Origin origin = settings.origins().get("report.features");
        boolean isSet = !(origin instanceof Origin.Recipe || origin instanceof Origin.Defaults);
        if (every == 0 || !run.task().metrics().isEmpty() || isSet) {
            return settings;
        }
        int epochs = run.train().epochs();
        int times = 1 + epochs / every + (epochs % every == 0 ? 0 : 1);
        double trained = (double) data.train().size() * run.augment().repeat() * epochs;
        int sets = FeatureItems.of(data, 2).known().isPresent() ? 2 : 1;
        int fitting = (int) Math.max(LEAST, Math.min(Integer.MAX_VALUE, SHARE * trained / times / sets));
        return fitting >= run.report().features()
                ? settings
                : settings.flag("at most 3 % of the run", "report.features", Integer.toString(fitting));
    }
}
