package maskfeat.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import maskfeat.network.OpenedWeights;
import maskfeat.run.Recipes;
import maskfeat.run.TaskConfig;

/** What to do with a result that several commands have: words behind the name of the program, for {@link Console#next}. */
final class NextSteps {
    private NextSteps() {}

    /** With the folder of a run that has ended. */
    static Object[] ofRun(TaskConfig task, Path folder) {
        return of(task.command().equals(FinetuneCommand.NAME), task.kind().equals(FinetuneCommand.DETECT), folder, "");
    }

    /**
     * With weights.
     *
     * @param from what they were opened by
     * @param told options that they need, as words
     */
    static Object[] ofWeights(OpenedWeights weights, Path from, String told) {
        return of(weights.isClassifier() || weights.isDetector(), weights.isDetector(), from, told);
    }

    /**
     * With a file that may hold anything; none if no network of ours is in it.
     *
     * @param facts of the file, which is not opened again for this
     */
    static Optional<Object[]> ofFacts(Map<String, Object> facts, Path from, String options) {
        if (!facts.containsKey("prepared")) { // what only networks have that can be trained here
            return Optional.empty();
        }
        String network = String.valueOf(facts.get("network"));
        boolean detects = network.matches(".*\\d actions?\\b.*");
        return Optional.of(of(detects || network.matches(".*\\d class(es)?\\b.*"), detects, from, options));
    }

    private static Object[] of(boolean finetuned, boolean detects, Path from, String told) {
        if (!finetuned) {
            return new Object[] {"finetune --from", from, told, "--data LABELLED"};
        }
        return new Object[] {"predict", from, told, detects ? "VIDEO --boxes BOXES.csv" : "FILE"};
    }

    /**
     * A run of a recipe, with changes of it.
     *
     * @param changes options as words
     */
    static Object[] ofRecipe(String recipe, List<String> changes) {
        String command = Recipes.named(recipe).task().command();
        List<Object> words = new ArrayList<>(List.of(command, recipe));
        if (command.equals(FinetuneCommand.NAME)) {
            words.add("--from CHECKPOINT");
        }
        changes.forEach(change -> words.add(new Launcher.Word(change)));
        return words.toArray();
    }

    /**
     * Pre-training on data.
     *
     * @param images whether it is on images rather than on videos
     */
    static Object[] pretraining(boolean images, Path data) {
        return new Object[] {PretrainCommand.NAME, images ? "small-image" : "small-video", "--data", data};
    }

    /** The line that reads a file of features. */
    static String ofFeatures(Path file) {
        String name = file.toString().toLowerCase(Locale.ROOT);
        String word = Launcher.word(file);
        if (name.endsWith(".npy")) {
            return "python3 -c 'import numpy, sys; print(numpy.load(sys.argv[1]).shape)' " + word;
        }
        return name.endsWith(".csv") ? "head -n 3 " + word : Launcher.name() + " weights inspect " + word;
    }
}
