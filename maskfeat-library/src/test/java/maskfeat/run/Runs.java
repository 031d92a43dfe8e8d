package maskfeat.run;

import java.nio.file.Path;
import java.util.ArrayList;
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

    /**
     * The same on the data set that the recipe is for, of the CPU's arithmetic in one thread and without pictures.
     *
     * @param set folder of {@link maskfeat.sample.SampleSet}
     */
    public static Settings<Run> onSamples(Path set, String recipe, String... assignments) {
        String kind = recipe.contains("video") ? "clips" : recipe.contains("detect") ? "scenes" : "images";
        boolean labelled = recipe.contains("-ft") || recipe.contains("detect");
        Path data = labelled ? set.resolve(kind) : set.resolve(kind).resolve("train");
        List<String> all = new ArrayList<>(
                List.of("data.path=" + data, "report.pictures-every=0", "train.threads=1", "train.device=cpu"));
        all.addAll(List.of(assignments));
        return settings(recipe, all.toArray(String[]::new));
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
