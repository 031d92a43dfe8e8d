package maskfeat.recipe;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
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

    /** A file as the network sees it. */
    private record Seen(List<Frames> views, Optional<Timeline> timeline) {}

    private record Waiting(Path file, Future<Seen> seen) {}

    /** A file that is read: so many of the views that go through the network together, or why there are none. */
    private record Answered(Path file, int views, Optional<Timeline> timeline, Optional<IOException> failed) {}

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
        return Views.mean(scored(see(file, views).views));
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
        int threads = Math.min(Runtime.getRuntime().availableProcessors(), Math.max(1, files.size()));
        ExecutorService pool = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "reading");
            thread.setDaemon(true);
            return thread;
        });
        try {
            int together = Math.max(1, batch / views.count());
            Deque<Waiting> ahead = new ArrayDeque<>();
            int submitted = 0;
            for (int done = 0; done < files.size(); done += together) {
                while (submitted < files.size() && ahead.size() < together + 2 * threads) {
                    Path file = files.get(submitted++);
                    ahead.add(new Waiting(file, pool.submit(() -> see(file, views))));
                }
                List<Waiting> part = new ArrayList<>();
                while (part.size() < together && !ahead.isEmpty()) {
                    part.add(ahead.remove());
                }
                answer(part, answers);
            }
        } finally {
            pool.shutdownNow();
        }
    }

    /** Files whose views go through the network together. */
    private void answer(List<Waiting> part, Answers answers) throws IOException, InterruptedException {
        List<Frames> views = new ArrayList<>();
        List<Answered> all = new ArrayList<>();
        for (Waiting waiting : part) {
            try {
                Seen seen = waiting.seen.get();
                views.addAll(seen.views);
                all.add(new Answered(waiting.file, seen.views.size(), seen.timeline, Optional.empty()));
            } catch (ExecutionException failed) {
                if (!(failed.getCause() instanceof IOException unreadable)) {
                    throw new IllegalStateException(
                            "reading " + waiting.file + " failed: " + failed.getCause(), failed.getCause());
                }
                all.add(new Answered(waiting.file, 0, Optional.empty(), Optional.of(unreadable)));
            }
        }
        List<float[]> scores = scored(views);
        int at = 0;
        for (Answered one : all) {
            if (one.failed.isPresent()) {
                answers.unreadable(one.file, one.failed.get());
            } else {
                answers.answer(new Answer(one.file, Views.mean(scores.subList(at, at + one.views)), one.timeline));
                at += one.views;
            }
        }
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
                squares.add(crop.apply(window.frames(), 0));
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

    private Seen see(Path file, Finetune.Views views) throws IOException {
        ClassifierBlueprint.Input input = blueprint.input();
        ViewCrop crop = input.crop(views.spatial());
        List<Frames> all = new ArrayList<>();
        if (input.clip() instanceof StillImage) {
            Frames image = new ImageReader().read(file);
            for (int s = 0; s < views.spatial(); s++) {
                all.add(crop.apply(image, s));
            }
            return new Seen(all, Optional.empty());
        }
        try (Footage footage = Footage.open(file)) {
            Timeline timeline = footage.info().timeline();
            for (int t = 0; t < views.temporal(); t++) {
                Frames clip = footage.frames(input.clip().view(timeline, t, views.temporal()));
                for (int s = 0; s < views.spatial(); s++) {
                    all.add(crop.apply(clip, s));
                }
            }
            return new Seen(all, Optional.of(timeline));
        }
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
