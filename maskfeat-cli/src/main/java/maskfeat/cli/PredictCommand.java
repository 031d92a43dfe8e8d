package maskfeat.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.Stack;
import java.util.concurrent.Callable;
import maskfeat.data.ClipSampler;
import maskfeat.data.Item;
import maskfeat.data.Windows;
import maskfeat.eval.Prediction;
import maskfeat.eval.PredictionFiles;
import maskfeat.eval.PredictionTimeline;
import maskfeat.media.Timeline;
import maskfeat.recipe.Blueprint;
import maskfeat.recipe.Finetune;
import maskfeat.recipe.Predictor;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code maskfeat predict}. */
@Command(
        name = "predict",
        description = "Says what a fine-tuned classifier sees in images or videos. Exits with "
                + Exit.BAD_FILES
                + " if a file cannot be read, after the others.",
        mixinStandardHelpOptions = true)
final class PredictCommand implements Callable<Integer>, MemoryAdvice {
    /** Of a video as long as this many clips, looking at one in the middle may mislead. */
    private static final int LONG = 3;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            index = "0",
            paramLabel = "CHECKPOINT",
            description = "Run folder, checkpoint folder or model.safetensors of fine-tuning.")
    private Path checkpoint = Path.of("");

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "FILE",
            description = "Images or videos, whichever the network reads, or folders of them.")
    private List<Path> files = new ArrayList<>();

    @Option(names = "--top", paramLabel = "K", description = "Classes to name. Default: ${DEFAULT-VALUE}.")
    private int top = 5;

    @Option(
            names = "--views",
            paramLabel = "TxS",
            description = "Clips that cover a video, times crops, whose scores are averaged, such as 10x3. Default: "
                    + "1x1, the middle.")
    private @Nullable String views;

    @Option(
            names = "--windows",
            arity = "0..1",
            paramLabel = "SECONDS",
            parameterConsumer = Stride.class,
            description = "Look at all of each video, a clip every so many seconds, and say what it is when. Default: "
                    + "half the length of a clip.")
    private @Nullable OptionalDouble windows;

    @Option(
            names = "--window",
            paramLabel = "SECONDS",
            description = "Length of a window, for networks that read whole videos as one clip. Default: "
                    + Windows.USUAL_SECONDS + ".")
    private @Nullable Double window;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Write predictions.csv and predictions.json with all scores, and of windows a picture and a "
                    + "table of each video.")
    private @Nullable Path out;

    @Option(names = "--json", description = "One JSON object a file, and nothing else.")
    private boolean json;

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    private final List<Prediction> predictions = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private boolean unreadable;
    private int longVideos;

    /** The word after {@code --windows} is its number only if it is a number: else it is a file. */
    static final class Stride implements CommandLine.IParameterConsumer {
        @Override
        @SuppressWarnings("JdkObsolete") // picocli's interface
        public void consumeParameters(Stack<String> args, ArgSpec option, CommandSpec command) {
            boolean number = !args.isEmpty() && args.peek().matches("\\d{1,9}|\\d{0,9}\\.\\d{1,9}");
            option.setValue(number ? OptionalDouble.of(Double.parseDouble(args.pop())) : OptionalDouble.empty());
        }
    }

    @Override
    public String lessMemory() {
        return SMALLER_BATCH;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        check();
        compute.check();
        compute.useThreads();
        Windows.Sliding sliding = new Windows.Sliding(
                windows == null ? OptionalDouble.empty() : windows,
                window == null ? OptionalDouble.empty() : OptionalDouble.of(window));
        Finetune.Views wanted = views == null ? Predictor.MIDDLE : Finetune.Views.parse(views);
        ForeignWeights.announce(
                Blueprint.weights(checkpoint), spec.commandLine().getErr());
        try (Predictor predictor = Predictor.load(checkpoint, compute.device, compute.batch)) {
            ClipSampler clip = predictor.blueprint().input().clip();
            List<Path> all =
                    new GivenFiles(files).items(clip).stream().map(Item::file).toList();
            PredictionText text = new PredictionText(spec.commandLine().getOut(), predictor.classes(), top, json);
            if (out != null) {
                Files.createDirectories(out);
            }
            if (windows == null) {
                whole(predictor, all, wanted, text);
            } else {
                sliding.check(clip);
                for (Path file : all) {
                    slide(predictor, file, sliding, text);
                }
            }
            if (out != null) {
                write(out, predictor.classes());
            }
        }
        spec.commandLine().getOut().flush();
        return unreadable ? Exit.BAD_FILES : Exit.OK;
    }

    private void check() {
        if (top < 1) {
            throw new IllegalArgumentException("--top " + top + " must be at least 1");
        }
        if (windows != null && views != null) {
            throw new IllegalArgumentException(
                    "--views would do nothing beside --windows, which look at all of a video; leave one out");
        }
        if (windows == null && window != null) {
            throw new IllegalArgumentException("--window would do nothing without --windows");
        }
    }

    private void whole(Predictor predictor, List<Path> all, Finetune.Views wanted, PredictionText text)
            throws IOException, InterruptedException {
        ClipSampler clip = predictor.blueprint().input().clip();
        predictor.scores(all, wanted, new Predictor.Answers() {
            @Override
            public void answer(Predictor.Answer answer) {
                Prediction prediction =
                        new Prediction(answer.file().toString(), Prediction.UNLABELLED, answer.scores());
                predictions.add(prediction);
                text.print(prediction);
                if (wanted.temporal() == 1) {
                    answer.timeline().ifPresent(timeline -> hint(answer.file(), timeline, clip));
                }
            }

            @Override
            public void unreadable(Path file, IOException reason) {
                refuse(file, reason, text);
            }
        });
        if (longVideos > 1) {
            warn("hint: of " + longVideos + " long videos only the middle was looked at");
        }
    }

    /** Says once that a clip in the middle is not all there is. */
    private void hint(Path file, Timeline timeline, ClipSampler clip) {
        OptionalDouble length = clip.length(timeline);
        if (length.isPresent() && timeline.frames() > LONG * length.getAsDouble() && longVideos++ == 0) {
            warn(String.format(
                    Locale.ROOT,
                    "hint: %s is %s long, and only %.1f s in the middle were looked at; --windows looks at all of it,"
                            + " --views 10x1 at 10 clips",
                    file,
                    PredictionText.clock(timeline.duration()),
                    length.getAsDouble() / timeline.rate()));
        }
    }

    private void slide(Predictor predictor, Path file, Windows.Sliding sliding, PredictionText text)
            throws IOException {
        TimelineFiles.Thumbnails thumbnails;
        PredictionTimeline timeline;
        double seconds;
        ScoringLine progress = ScoringLine.passingOnStderr("windows of " + file.getFileName());
        try (Windows open = Windows.open(file, predictor.blueprint().input().clip(), sliding)) {
            thumbnails = new TimelineFiles.Thumbnails(open.count());
            seconds = open.seconds();
            int[] seen = {0};
            timeline = predictor.timeline(open, window -> {
                thumbnails.accept(window);
                progress.at(++seen[0], open.count());
            });
        } catch (IOException reason) {
            progress.clear();
            refuse(file, reason, text);
            return;
        }
        Prediction prediction = new Prediction(file.toString(), Prediction.UNLABELLED, timeline.scores());
        predictions.add(prediction);
        text.print(prediction, timeline, seconds);
        if (out != null) {
            new TimelineFiles(timeline, predictor.classes()).write(out, name(file), thumbnails.taken());
        }
    }

    /** Of files of one name, from several folders, the later ones get a number. */
    private String name(Path file) {
        String name = file.getFileName().toString();
        String own = name;
        for (int number = 2; !names.add(own); number++) {
            own = number + "-" + name;
        }
        return own;
    }

    private void refuse(Path file, IOException reason, PredictionText text) {
        unreadable = true;
        String message = String.valueOf(reason.getMessage());
        warn(message.contains(file.toString()) ? message : file + ": " + message);
        text.printUnreadable(file, message);
    }

    private void warn(String line) {
        spec.commandLine().getOut().flush();
        PrintWriter err = spec.commandLine().getErr();
        err.println(line);
        err.flush();
    }

    private void write(Path folder, List<String> classes) throws IOException {
        // Not a PrintWriter, which swallows that the disk is full.
        try (Writer csv = Files.newBufferedWriter(folder.resolve("predictions.csv"));
                Writer all = Files.newBufferedWriter(folder.resolve("predictions.json"))) {
            PredictionFiles.csv(predictions, classes, csv);
            PredictionFiles.json(predictions, classes, all);
        }
    }
}
