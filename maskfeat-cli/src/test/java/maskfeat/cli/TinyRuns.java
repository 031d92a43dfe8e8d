package maskfeat.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.PathText;
import maskfeat.network.Head;
import maskfeat.network.NetworkSpec;
import maskfeat.nn.Layer;
import maskfeat.run.MaskedConfig;
import maskfeat.run.Recipes;
import maskfeat.run.Run;
import maskfeat.run.RunJob;
import maskfeat.sample.SampleSet;
import maskfeat.settings.Settings;
import maskfeat.train.RunFolder;
import maskfeat.train.Trainer;
import maskfeat.weights.TensorFile;
import org.bytedeco.pytorch.Device;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** The smallest runs, in this process, and commands to be run on them. */
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

    /** Images, 60 for training and 20 for validation in 10 classes. */
    static Path images(Path folder) throws IOException, InterruptedException {
        SampleSet.write(folder, SampleSet.Size.TINY.imagesOnly());
        return folder.resolve("images");
    }

    static Settings<Run> settings(String... assignments) {
        return settingsOf("tiny-image-ft", assignments);
    }

    static Settings<Run> settingsOf(String recipe, String... assignments) {
        Settings<Run> settings = Recipes.BOOK.settings(recipe);
        for (String assignment : assignments) {
            settings = settings.set(assignment);
        }
        return settings;
    }

    /** Weights of a run of pre-training that never trained: first values of seed 5. */
    static Path weights(Path file, Run run) throws IOException {
        MaskedConfig task = (MaskedConfig) run.task();
        Head head = new Head.Prediction(task.depths(), task.mask(), task.target());
        NetworkSpec spec = new NetworkSpec(run.data().input(), run.model(), head);
        try (Layer network = spec.build(5, new Device("cpu"))) {
            AtomicFile.write(file, TensorFile.content(spec.metadata(), network.parameters()));
        }
        return file;
    }

    /**
     * Trains from scratch and writes the report.
     *
     * @param data folder or list
     * @param stopAfter asks for a stop when it has been asked so often; null for never
     */
    static Trainer.Ending train(Path out, Path data, Settings<Run> settings, @Nullable Integer stopAfter)
            throws IOException, InterruptedException {
        int[] asked = {0};
        RunJob job = RunJob.begin(out, settings.flag("--data", "data.path", PathText.of(data)));
        try (RunFolder folder = job.folder()) {
            RunJob.Watch watch = new RunJob.Watch(
                    List.of(), () -> stopAfter != null && asked[0]++ >= stopAfter, (done, of) -> {}, "a test");
            return job.run(folder, watch).ending();
        }
    }
}
