package maskfeat.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import maskfeat.disk.Plural;
import maskfeat.run.MeasuredStep;
import maskfeat.run.Recipes;
import maskfeat.run.Run;
import maskfeat.run.RunData;
import maskfeat.run.Training;
import maskfeat.settings.Settings;
import maskfeat.torch.Threads;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code maskfeat bench step}. */
@Command(
        name = "step",
        description = "Measures a training step of a recipe: its time and that of its parts, its operations, and what "
                + "share it reaches of the rate of a large matrix product on this machine. Leaves no run.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Operations are those of matrix products, attention and convolutions: 2 for",
            "each multiplication and addition, and as much again backward for each factor",
            "that has a gradient. Rates are in billions of operations a second. The large",
            "product is in the precision of the step, and measured between the steps.",
            "",
            "Examples:",
            "  maskfeat bench step in1k-vit-b-pt --set train.batch=4 \\",
            "      --set train.accumulate=1",
            "  maskfeat bench step sample-video --set train.precision=bfloat16 --json"
        })
final class BenchStep implements Callable<Integer>, MemoryAdvice {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            paramLabel = "RECIPE",
            completionCandidates = RecipeNames.class,
            description = "Recipe to measure; see 'maskfeat recipes'.")
    private String recipe = "";

    @Mixin
    private SettingsOptions options = new SettingsOptions();

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Number of steps measured, of which medians are taken; two more are made before. Default: "
                    + "${DEFAULT-VALUE}.")
    private int steps = 5;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Settings<Run> beginning = Recipes.BOOK.settings(recipe);
        Settings<Run> settings = SettingsOptions.checked(beginning.value(), options.over(beginning));
        RunData data = RunData.open(settings.value());
        Run run = Training.decided(settings, data, decided -> {}).value();
        options.sayConsequences(beginning);
        try (Training training = Training.of(run, data)) {
            print(training, training.measure(steps));
        }
        Console.of(spec).next(NextSteps.ofRecipe(recipe, options.words()));
        return Exit.OK;
    }

    @Override
    public String lessMemory() {
        return "Lower train.batch: --set train.batch=N.";
    }

    private void print(Training training, MeasuredStep measured) {
        PrintWriter out = spec.commandLine().getOut();
        Run.Train train = training.run().train();
        if (json) {
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("recipe", recipe);
            all.put("batch", train.microBatch());
            all.put("accumulate", train.accumulate());
            all.put("device", training.device());
            all.put("precision", training.precision().toString());
            all.put("threads", Threads.count());
            all.put("steps", steps);
            all.putAll(measured.figures());
            out.println(JsonMapper.shared().writeValueAsString(all));
        } else {
            out.printf(
                    Locale.ROOT,
                    "%s: steps of %s on %s, %s, %s; medians of %d%n",
                    recipe,
                    Plural.ofMany(train.stepSize(), training.data().train().noun()),
                    training.device(),
                    training.arithmetic(),
                    Plural.of(Threads.count(), "thread"),
                    steps);
            measured.facts().forEach((name, value) -> out.printf(Locale.ROOT, "%-22s %s%n", name, value));
        }
        out.flush();
    }
}
