package maskfeat.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import maskfeat.data.Splits;
import maskfeat.recipe.Finetune;
import maskfeat.recipe.FinetuneRecipes;
import maskfeat.recipe.Finetuning;
import maskfeat.report.EventFile;
import maskfeat.report.MetricsFile;
import maskfeat.report.ProgressLine;
import maskfeat.report.Terminal;
import maskfeat.sample.SampleSet;
import maskfeat.settings.Settings;
import maskfeat.train.RunFolder;
import maskfeat.train.Trainer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** Fine-tuning of the smallest kind, as the command does it but in this process, and commands to be run on it. */
final class TinyRuns {
    private TinyRuns() {}

    /** A command that was run. */
    record Ran(int code, String out, String err) {}

    static Ran run(Object... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Commands.line();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        String[] words = new String[args.length];
        for (int i = 0; i < args.length; i++) {
            words[i] = args[i].toString();
        }
        int code = line.execute(words);
        return new Ran(code, out.toString(), err.toString());
    }

    /** Pictures, 60 for training and 20 for validation in 10 classes. */
    static Path images(Path folder) throws IOException, InterruptedException {
        SampleSet.write(folder, SampleSet.Size.TINY.imagesOnly());
        return folder.resolve("images");
    }

    static Settings<Finetune> settings(String... assignments) {
        Settings<Finetune> settings = Settings.of(
                Finetune.class,
                "tiny-image-ft",
                SettingsOptions.recipe(FinetuneRecipes.byName(), "tiny-image-ft")
                        .run());
        for (String assignment : assignments) {
            settings = settings.set(assignment);
        }
        return settings;
    }

    private static Finetuning finetuning(Finetune run, Splits splits, BadFilesLog bad) throws IOException {
        return Finetuning.of(run, splits, null, List.of(), bad, bad::leftOut);
    }

    /**
     * Trains from scratch and writes the report.
     *
     * @param data folder or list
     * @param stopAfter asks for a stop when it has been asked so often; null for never
     */
    static Trainer.Ending finetune(Path out, Path data, Settings<Finetune> settings, @Nullable Integer stopAfter)
            throws IOException, InterruptedException {
        Finetune run = settings.value();
        Splits splits = Splits.open(
                data,
                null,
                run.data().clip(),
                new Splits.Options(run.data().perClass(), run.data().holdOut(), run.seed(), null));
        int[] asked = {0};
        try (RunFolder folder = RunFolder.create(out);
                MetricsFile metrics = new MetricsFile(folder.metrics());
                EventFile events = new EventFile(folder.root());
                Finetuning finetuning = finetuning(run, splits, new BadFilesLog(folder.badFiles()))) {
            TrainCommand.write(folder.settings(), settings.yaml());
            PrintStream nowhere = new PrintStream(new ByteArrayOutputStream(), false);
            TrainCommand.Job<Finetune, Splits> job = new TrainCommand.Job<>(
                    folder,
                    settings,
                    splits,
                    false,
                    Map.of("machine", "a test's"),
                    new BadFilesLog(folder.badFiles()),
                    metrics,
                    events,
                    new ProgressLine(nowhere, new Terminal(false, 80), ProgressLine.PLAIN_EVERY, System::nanoTime));
            Trainer.Ending ending = finetuning.train(
                    folder,
                    Optional.empty(),
                    List.of(metrics, events, new AugmentedSamples(finetuning, folder.pictures(), events)),
                    () -> stopAfter != null && asked[0]++ >= stopAfter,
                    notice -> {});
            metrics.close();
            FinetuneReport.write(job, finetuning, ending, () -> false);
            return ending;
        }
    }
}
