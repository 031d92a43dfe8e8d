package maskfeat.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import maskfeat.data.ClipSampler;
import maskfeat.data.GivenFiles;
import maskfeat.data.Item;
import maskfeat.data.Views;
import maskfeat.data.Windows;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.Fingerprint;
import maskfeat.disk.PathText;
import maskfeat.eval.Prediction;
import maskfeat.eval.PredictionFiles;
import maskfeat.eval.PredictionTimeline;
import maskfeat.infer.FileViews;
import maskfeat.infer.Inference;
import maskfeat.infer.PeopleInVideo;
import maskfeat.infer.Results;
import maskfeat.infer.VideoBoxes;
import maskfeat.media.Timeline;
import maskfeat.network.OpenedWeights;
import maskfeat.people.PeopleFinder;
import maskfeat.report.PredictionText;
import maskfeat.report.TimelineFiles;
import maskfeat.report.TimelinePicture;
import maskfeat.shard.Job;
import maskfeat.shard.Shard;
import maskfeat.shard.ShardFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code maskfeat predict}. */
@Command(
        name = "predict",
        description =
                "Classifies images or videos with a fine-tuned network, or tells with a detector what is done in boxes"
                        + " of a video. Exits with "
                        + Exit.BAD_FILES
                        + " if a file cannot be read, after the others.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  maskfeat predict runs/photos rose.jpg",
            "  maskfeat predict runs/actions film.mp4 --windows --out film"
        })
final class PredictCommand implements Callable<Integer>, MemoryAdvice {
    /** What shards call it. */
    static final String JOB = "predict";

    static final String TABLE = "predictions.csv";

    /** Of a video as long as this many clips, looking at one in the middle may mislead. */
    private static final int LONG = 3;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            index = "0",
            paramLabel = "CHECKPOINT",
            description = "Run folder, checkpoint folder or model.safetensors of fine-tuning.")
    private Path checkpoint = Path.of("");

    @Mixin
    private WeightsOptions loading = new WeightsOptions();

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "FILE",
            description = "Images or videos, depending on the network, or folders or archives of them.")
    private List<Path> files = new ArrayList<>();

    @Option(names = "--top", paramLabel = "K", description = "Number of classes to print. Default: ${DEFAULT-VALUE}.")
    private int top = 5;

    @Mixin
    private WindowOptions looking = new WindowOptions();

    @Option(
            names = "--out",
            converter = PlaceConverter.OnDisk.class,
            paramLabel = "DIR",
            description = "Write predictions.csv and predictions.json with all scores; with --windows also a "
                    + "picture and a table of each video.")
    private @Nullable Path out;

    @Option(
            names = "--boxes",
            paramLabel = "FILE",
            description =
                    "Of a detector of actions: where people are, in any form that is read for training; rows need no"
                            + " class. With --out also a film and a table of each video.")
    private @Nullable Path boxes;

    @Option(
            names = "--threshold",
            paramLabel = "SCORE",
            description = "Score from which a box of --boxes or --detector is used. Default: ${DEFAULT-VALUE}.")
    private double threshold = 0.5;

    @Mixin
    private DetectorOptions finding = new DetectorOptions();

    @Mixin
    private ShardOption sharding = new ShardOption();

    @Option(names = "--json", description = "Print only one JSON object per file.")
    private boolean json;

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    private final List<Prediction> predictions = new ArrayList<>();
    private boolean unreadable;
    private int longVideos;

    @Override
    public String lessMemory() {
        return SMALLER_BATCH;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (top < 1) {
            throw new IllegalArgumentException("--top " + top + " must be at least 1");
        }
        Optional<Shard> shard = sharding.shard();
        if (shard.isPresent()) {
            IdleOptions.refuse(
                    spec,
                    "a shard writes all scores into a file for 'merge' and prints none",
                    List.of("--top", "--json"));
        }
        looking.check();
        finding.check(boxes != null);
        compute.use();
        try (OpenedWeights weights = loading.open(checkpoint)) {
            Console.of(spec).sayNotes(weights);
            if (weights.isDetector()) {
                IdleOptions.refuse(
                        spec,
                        "a detector looks around each moment that has boxes",
                        List.of("--windows", "--window", "--views"));
                return actions(weights, shard);
            }
            if (boxes != null || finding.given()) {
                throw new IllegalArgumentException(weights.file() + " is no detector of actions, and "
                        + (boxes != null ? "--boxes" : "--detector") + " is for those;"
                        + " make one of it: maskfeat finetune --task detect --from " + checkpoint);
            }
            IdleOptions.refuse(
                    spec, weights.file() + " is a classifier, which looks at no boxes", List.of("--threshold"));
            weights.classes(); // refuses what is no classifier
            try (Inference network = compute.over(Inference.of(weights, compute.device()), Console.of(spec))) {
                if (shard.isPresent()) {
                    shard(network, weights, shard.get());
                } else {
                    predict(network);
                }
            }
        }
        spec.commandLine().getOut().flush();
        if (!unreadable && shard.isEmpty()) {
            sayNext();
        }
        return unreadable ? Exit.BAD_FILES : Exit.OK;
    }

    private void sayNext() {
        Console.of(spec).next("serve", checkpoint, loading.words());
    }

    private Integer actions(OpenedWeights weights, Optional<Shard> shard) throws IOException, InterruptedException {
        Console console = Console.of(spec);
        try (PeopleFinder finder = finding.open().orElse(null)) {
            PredictActions.Boxes places = finder == null ? givenBoxes(weights, console) : foundBoxes(finder, console);
            PredictActions actions =
                    new PredictActions(console, spec.commandLine().getOut(), top, json, out);
            Path folder = shard.isPresent() ? folder(shard.get()) : Path.of("");
            try (Inference network = compute.over(Inference.of(weights, compute.device()), Console.of(spec))) {
                List<Item> items = new GivenFiles(files).items(network.input().clip());
                boolean all;
                if (shard.isPresent()) {
                    Map<String, String> options = finding.said();
                    options.put(
                            "--boxes",
                            boxes == null ? "none" : Fingerprint.of(boxes).sha256());
                    options.put("--threshold", Double.toString(threshold));
                    options.put("--precision", network.precision().toString());
                    Job job = Job.of(PredictActions.JOB, weights.identity(), options, List.of());
                    all = actions.shard(folder, shard.get(), job, network, items, places);
                } else {
                    all = actions.predict(network, items, places);
                }
                spec.commandLine().getOut().flush();
                if (all && shard.isEmpty()) {
                    sayNext();
                }
                return all ? Exit.OK : Exit.BAD_FILES;
            }
        }
    }

    private PredictActions.Boxes givenBoxes(OpenedWeights weights, Console console) throws IOException {
        if (boxes == null) {
            throw new IllegalArgumentException("--boxes FILE or --detector MODEL.onnx is missing: " + weights.file()
                    + " tells what is done in boxes, and finds none itself; docs/detection.md says how to make such a file,"
                    + " and where detectors of people come from");
        }
        VideoBoxes given = VideoBoxes.read(boxes, threshold, notice -> console.say("warning: " + notice));
        return (video, footage) ->
                given.of(PathText.of(video.getFileName()), notice -> console.say("warning: " + notice));
    }

    private PredictActions.Boxes foundBoxes(PeopleFinder finder, Console console) {
        console.say("people are found by " + finder);
        return (video, footage) -> {
            ScoringLine progress = ScoringLine.passingOnStderr("people in " + video.getFileName());
            return PeopleInVideo.of(finder, footage, finding.every(), threshold, progress);
        };
    }

    private void predict(Inference network) throws IOException, InterruptedException {
        List<Item> items = new GivenFiles(files).items(network.input().clip());
        PredictionText text = new PredictionText(spec.commandLine().getOut(), network.classes(), top, json);
        if (out != null) {
            AtomicFile.folder(out);
        }
        Optional<Windows.Sliding> sliding = looking.sliding(network.input().clip());
        if (sliding.isPresent()) {
            FilesBeside names = new FilesBeside(items);
            for (Item item : items) {
                Slid seen;
                try {
                    seen = slide(network, item.file(), sliding.get());
                } catch (IOException why) {
                    leaveOut(item.file(), why, text);
                    continue;
                }
                predictions.add(seen.prediction());
                text.print(seen.prediction(), seen.timeline(), seen.seconds());
                if (out != null) {
                    seen.write(network, out, names.name(item.file()));
                }
            }
        } else {
            whole(network, items, text);
        }
        if (out != null) {
            write(out, predictions, network.classes());
        }
    }

    /** The folder for the results of a shard, made where it is not there. */
    private Path folder(Shard shard) throws IOException {
        if (out == null) {
            throw new IllegalArgumentException(
                    "--shard " + shard + " needs --out DIR, the folder that the results are written into");
        }
        return AtomicFile.folder(out);
    }

    private void shard(Inference network, OpenedWeights weights, Shard shard) throws IOException, InterruptedException {
        Path folder = folder(shard);
        ClipSampler clip = network.input().clip();
        Optional<Windows.Sliding> sliding = looking.sliding(clip);
        List<Item> items = new GivenFiles(files).items(clip);
        Map<String, String> options = new HashMap<>(looking.said());
        options.put("--precision", network.precision().toString());
        Job job = Job.of(JOB, weights.identity(), options, network.classes());
        Console console = Console.of(spec);
        Path table = folder.resolve(TABLE);
        if (sliding.isPresent()) {
            FilesBeside names = new FilesBeside(items);
            ShardOption.run(
                    console,
                    table,
                    folder,
                    shard,
                    job,
                    items,
                    (item, result) -> FilesBeside.stand(folder, TimelineFiles.names(names.name(item.file())), result),
                    results -> slide(network, sliding.get(), folder, names, results));
            return;
        }
        ShardOption.run(console, table, folder, shard, job, items, (item, result) -> true, results -> {
            ScoringLine progress = ScoringLine.onStderr("files");
            int[] done = {0};
            FileViews source = new FileViews(clip);
            List<Item> rest = results.rest();
            network.scores(rest, source, compute.batching(looking.views()), () -> false, new Results<>() {
                @Override
                public void take(Item item, float[] scores) throws IOException {
                    results.add(
                            item,
                            ShardRows.scores(new Prediction(PathText.of(item.file()), Prediction.UNLABELLED, scores)));
                    progress.at(++done[0], rest.size());
                }

                @Override
                public void unreadable(Item item, IOException why) throws IOException {
                    unreadable = true;
                    console.sayUnreadable("", item.file(), why);
                    results.unreadable(item, why);
                    progress.at(++done[0], rest.size());
                }
            });
        });
    }

    private void whole(Inference network, List<Item> items, PredictionText text)
            throws IOException, InterruptedException {
        Views views = looking.views();
        FileViews source = new FileViews(network.input().clip());
        network.scores(items, source, compute.batching(views), () -> false, new Results<>() {
            @Override
            public void take(Item item, float[] scores) {
                Prediction prediction = new Prediction(PathText.of(item.file()), Prediction.UNLABELLED, scores);
                predictions.add(prediction);
                text.print(prediction);
                if (views.temporal() == 1) {
                    source.timeline(item.file())
                            .ifPresent(timeline ->
                                    hint(item.file(), timeline, network.input().clip()));
                }
            }

            @Override
            public void unreadable(Item item, IOException why) {
                leaveOut(item.file(), why, text);
            }
        });
        if (longVideos > 1) {
            Console.of(spec).say("hint: of " + longVideos + " long videos only the middle was looked at");
        }
    }

    /** Says once that a clip in the middle is not all there is. */
    private void hint(Path file, Timeline timeline, ClipSampler clip) {
        OptionalDouble length = clip.length(timeline);
        if (length.isPresent() && timeline.frames() > LONG * length.getAsDouble() && longVideos++ == 0) {
            Console.of(spec)
                    .say(String.format(
                            Locale.ROOT,
                            "hint: %s is %s long, and only %.1f s in the middle were looked at; --windows looks at all"
                                    + " of it, --views 10x1 at 10 clips",
                            file,
                            PredictionText.clock(timeline.duration()),
                            length.getAsDouble() / timeline.rate()));
        }
    }

    /** What was seen of a video in windows. */
    private record Slid(
            Prediction prediction,
            PredictionTimeline timeline,
            double seconds,
            List<TimelinePicture.Thumbnail> thumbnails) {
        void write(Inference network, Path folder, String name) throws IOException {
            new TimelineFiles(timeline, network.classes()).write(folder, name, thumbnails);
        }
    }

    /** @throws IOException if the video cannot be read to its end */
    private Slid slide(Inference network, Path file, Windows.Sliding sliding) throws IOException {
        ScoringLine progress = ScoringLine.passingOnStderr("windows of " + file.getFileName());
        try (Windows open = Windows.open(file, network.input().clip(), sliding)) {
            TimelineFiles.Thumbnails thumbnails = new TimelineFiles.Thumbnails(open.count());
            int[] seen = {0};
            PredictionTimeline timeline = network.timeline(open, compute.batch(), window -> {
                thumbnails.accept(window);
                progress.at(++seen[0], open.count());
            });
            return new Slid(
                    new Prediction(PathText.of(file), Prediction.UNLABELLED, timeline.scores()),
                    timeline,
                    open.seconds(),
                    thumbnails.taken());
        } catch (IOException why) {
            progress.clear();
            throw why;
        }
    }

    /** Does what is left of a shard. */
    private void slide(Inference network, Windows.Sliding sliding, Path folder, FilesBeside names, ShardFile results)
            throws IOException {
        for (Item item : results.rest()) {
            Slid seen;
            try {
                seen = slide(network, item.file(), sliding);
            } catch (IOException why) {
                unreadable = true;
                Console.of(spec).sayUnreadable("", item.file(), why);
                results.unreadable(item, why);
                continue;
            }
            String name = names.name(item.file());
            seen.write(network, folder, name);
            Map<String, Object> result = new LinkedHashMap<>(ShardRows.scores(seen.prediction()));
            result.putAll(FilesBeside.result(folder, TimelineFiles.names(name)));
            results.add(item, result);
        }
    }

    private void leaveOut(Path file, IOException why, PredictionText text) {
        unreadable = true;
        Console.of(spec).sayUnreadable("", file, why);
        text.printUnreadable(file, String.valueOf(why.getMessage()));
    }

    /** Writes predictions.csv and predictions.json. */
    static void write(Path folder, List<Prediction> predictions, List<String> classes) throws IOException {
        AtomicFile.writeText(folder.resolve(TABLE), out -> PredictionFiles.csv(predictions, classes, out));
        AtomicFile.writeText(
                folder.resolve("predictions.json"), out -> PredictionFiles.json(predictions, classes, out));
    }
}
