package maskfeat.recipe;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import maskfeat.augment.ViewCrop;
import maskfeat.data.Footage;
import maskfeat.data.StillImage;
import maskfeat.data.Windows;
import maskfeat.eval.PredictionTimeline;
import maskfeat.eval.Views;
import maskfeat.media.Frames;
import maskfeat.media.ImageReader;
import maskfeat.media.Timeline;
import maskfeat.model.Classifier;
import maskfeat.task.Classification;
import org.jspecify.annotations.Nullable;

/**
 * A fine-tuned classifier, ready to say what is seen in files. For one thread.
 *
 * <pre>
 * try (Predictor predictor = Predictor.load(Path.of("runs/actions"), "cpu")) {
 *     float[] scores = predictor.scores(Path.of("skating.mp4"));
 * }
 * </pre>
 */
public final class Predictor implements AutoCloseable {
    /** The middle of a file. */
    public static final Finetune.Views MIDDLE = new Finetune.Views(1, 1);

    /** How many views go through the network together, unless told. */
    public static final int USUAL_BATCH = 8;

    /**
     * What is said of a file.
     *
     * @param scores [classes], probabilities, the mean over the views
     * @param timeline of a video; empty for an image
     */
    @SuppressWarnings("ArrayRecordComponent") // one number a class; nobody compares answers with equals
    public record Answer(Path file, float[] scores, Optional<Timeline> timeline) {}

    /** Takes what is said of many files, in their order, on the caller's thread. */
    public interface Answers {
        void answer(Answer answer) throws IOException;

        /**
         * A file that cannot be read; the others go on.
         *
         * @param reason names the file
         */
        void unreadable(Path file, IOException reason) throws IOException;
    }

    /** A file that is asked about; of a video the thread that reads its first clip notes what it is like. */
    private record Asked(Path file, AtomicReference<@Nullable Timeline> timeline) {
        Asked(Path file) {
            this(file, new AtomicReference<>());
        }
    }

    private final ClassifierBlueprint blueprint;
    private final Classifier model;
    private final Classification scorer;
    private final int batch;

    private Predictor(ClassifierBlueprint blueprint, Classifier model, Classification scorer, int batch) {
        this.blueprint = blueprint;
        this.model = model;
        this.scorer = scorer;
        this.batch = batch;
    }

    /**
     * Loads a classifier.
     *
     * @param checkpoint run folder, checkpoint folder or file of weights, of fine-tuning
     * @param device by name: cpu, cuda, cuda:N or auto
     * @return to be closed by the caller
     * @throws IllegalArgumentException if the device is not here
     * @throws IOException if there are no weights, or they are no classifier's
     */
    public static Predictor load(Path checkpoint, String device) throws IOException {
        return load(checkpoint, device, USUAL_BATCH);
    }

    /**
     * As above.
     *
     * @param batch views or windows that go through the network together; changes scores by rounding at most
     */
    public static Predictor load(Path checkpoint, String device, int batch) throws IOException {
        if (batch < 1) {
            throw new IllegalArgumentException("a batch of " + batch + " views must have at least 1");
        }
        Path weights = Blueprint.weights(checkpoint);
        ClassifierBlueprint blueprint = ClassifierBlueprint.read(weights);
        Classifier model = blueprint.load(weights, device);
        return new Predictor(blueprint, model, blueprint.scorer(model, device), batch);
    }

    /** What the network reads and knows. */
    public ClassifierBlueprint blueprint() {
        return blueprint;
    }

    /** Names of the classes, in the order of the scores. */
    public List<String> classes() {
        return blueprint.classes();
    }

    /**
     * Looks at an image, or at the middle clip of a video.
     *
     * @return [classes], probabilities
     * @throws IOException naming the file, if it cannot be read
     */
    public float[] scores(Path file) throws IOException {
        return scores(file, MIDDLE);
    }

    /**
     * Looks at a file several times.
     *
     * @param views clips that together cover a video, and squares of each
     * @return [classes], probabilities, the mean over the views
     * @throws IllegalArgumentException if an image is to have several clips
     * @throws IOException naming the file, if it cannot be read
     */
    public float[] scores(Path file, Finetune.Views views) throws IOException {
        views.check(blueprint.input().clip());
        List<Frames> all = new ArrayList<>();
        for (int t = 0; t < views.temporal(); t++) {
            all.addAll(see(new Asked(file), t, views));
        }
        return Views.mean(scored(all));
    }

    /**
     * Looks at many files, reading them on several threads. One that cannot be read does not keep the others.
     *
     * @param files images, videos or folders of frames
     * @throws IllegalArgumentException if an image is to have several clips
     * @throws IOException as {@code answers} does
     */
    public void scores(List<Path> files, Finetune.Views views, Answers answers)
            throws IOException, InterruptedException {
        views.check(blueprint.input().clip());
        int parts = Math.max(1, files.size() * views.temporal());
        int threads = Math.min(Runtime.getRuntime().availableProcessors(), parts);
        new ReadAhead<>(
                        files.stream().map(Asked::new).toList(),
                        (asked, t) -> see(asked, t, views),
                        views.temporal(),
                        views.spatial(),
                        batch,
                        threads)
                .through(
                        scorer::scores,
                        (asked, scores) -> answers.answer(
                                new Answer(asked.file, Views.mean(scores), Optional.ofNullable(asked.timeline.get()))),
                        (asked, why) -> answers.unreadable(asked.file, why),
                        () -> false);
    }

    /**
     * Slides over a long video.
     *
     * @param strideSeconds from the beginning of each window, as long as a clip, to that of the next
     * @throws IllegalArgumentException if the network reads images, or the stride is no time or less than a frame
     * @throws IOException naming the file, if it cannot be read
     */
    public PredictionTimeline timeline(Path video, double strideSeconds) throws IOException {
        return timeline(video, Windows.Sliding.every(strideSeconds));
    }

    /** As above, with windows of a length for networks that read whole videos. */
    public PredictionTimeline timeline(Path video, Windows.Sliding sliding) throws IOException {
        try (Windows windows = Windows.open(video, blueprint.input().clip(), sliding)) {
            return timeline(windows, window -> {});
        }
    }

    /**
     * Slides over a video that is open.
     *
     * @param windows of this network's clips; read to their end, and not closed
     * @param seen takes each as it is read, as pictures of it are wanted too
     * @throws IOException naming the file, if it cannot be read
     */
    public PredictionTimeline timeline(Windows windows, Consumer<Windows.Window> seen) throws IOException {
        ViewCrop crop = blueprint.input().crop(1);
        List<PredictionTimeline.Window> scored = new ArrayList<>();
        while (windows.hasNext()) {
            List<Windows.Window> part = new ArrayList<>();
            List<Frames> squares = new ArrayList<>();
            while (part.size() < batch && windows.hasNext()) {
                Windows.Window window = windows.next();
                seen.accept(window);
                squares.add(crop.apply(window.frames(), 0).frames());
                part.add(window);
            }
            List<float[]> scores = scorer.scores(squares);
            for (int i = 0; i < part.size(); i++) {
                scored.add(new PredictionTimeline.Window(
                        part.get(i).startSeconds(), part.get(i).endSeconds(), scores.get(i)));
            }
        }
        return PredictionTimeline.of(scored);
    }

    /** The squares of the image, or of one of the clips. */
    private List<Frames> see(Asked asked, int t, Finetune.Views views) throws IOException {
        ClassifierBlueprint.Input input = blueprint.input();
        Frames seen;
        if (input.clip() instanceof StillImage) {
            seen = new ImageReader().read(asked.file);
        } else {
            try (Footage footage = Footage.open(asked.file)) {
                Timeline timeline = footage.info().timeline();
                if (t == 0) {
                    asked.timeline.set(timeline);
                }
                seen = footage.frames(input.clip().view(timeline, t, views.temporal()));
            }
        }
        ViewCrop crop = input.crop(views.spatial());
        return IntStream.range(0, views.spatial())
                .mapToObj(s -> crop.apply(seen, s).frames())
                .toList();
    }

    private List<float[]> scored(List<Frames> views) {
        List<float[]> scores = new ArrayList<>();
        for (int from = 0; from < views.size(); from += batch) {
            scores.addAll(scorer.scores(views.subList(from, Math.min(from + batch, views.size()))));
        }
        return scores;
    }

    @Override
    public void close() {
        model.close();
    }
}
