package maskfeat.run;

import java.util.List;
import maskfeat.model.Classifier;
import maskfeat.network.Head;
import maskfeat.network.NetworkSpec;
import maskfeat.network.Targets;
import maskfeat.settings.Settings;

/** Runs of recipes, changed a little. */
public final class Runs {
    private Runs() {}

    /** The settings of a recipe with some of them set, each as {@code key=value}. */
    public static Settings<Run> settings(String recipe, String... assignments) {
        Settings<Run> settings = Recipes.BOOK.settings(recipe);
        for (String assignment : assignments) {
            settings = settings.set(assignment);
        }
        return settings;
    }

    /** The run that {@link #settings} are of. */
    public static Run run(String recipe, String... assignments) {
        return settings(recipe, assignments).value();
    }

    /** The network of a run that needs no labels. */
    public static NetworkSpec spec(Run run) {
        return new NetworkSpec(run.data().input(), run.model(), head(run));
    }

    /** The network of a run that tells these classes apart. */
    public static NetworkSpec spec(Run run, List<String> classes) {
        Classifier.Head head = ((ClassifyConfig) run.task()).head();
        return new NetworkSpec(
                run.data().input(), run.model(), new Head.Classes(head.pooling(), head.dropout(), classes));
    }

    /** What a run of pre-training predicts. */
    public static Targets targets(Run run) {
        return head(run).targets(run.data().input(), run.model());
    }

    private static Head.Prediction head(Run run) {
        MaskedConfig task = (MaskedConfig) run.task();
        return new Head.Prediction(task.depths(), task.mask(), task.target());
    }
}
