package maskfeat.serve;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import maskfeat.data.KeyFrameDataset.At;
import maskfeat.data.Views;
import maskfeat.data.Windows;
import maskfeat.disk.Plural;
import maskfeat.eval.Corners;
import maskfeat.infer.ActionSeries;
import maskfeat.infer.Inference;
import maskfeat.media.Frames;
import maskfeat.media.MediaSource;
import maskfeat.media.VideoInfo;

/** A network under a name, with the thread that runs it. Closing it closes the network. */
final class ServedModel implements AutoCloseable {
    private final String name;
    private final Inference inference;
    private final Views views;
    private final Batcher batcher;

    ServedModel(
            String name,
            Inference inference,
            ServeOptions options,
            ServiceMetrics metrics,
            UnaryOperator<Batcher.Network> around) {
        options.views().check(inference.input().clip());
        this.name = name;
        this.inference = inference;
        this.views = options.views();
        this.batcher = new Batcher(
                name,
                around.apply(network(inference)),
                options.batch(),
                options.maxDelay().toNanos(),
                options.threads(),
                size -> metrics.computed(name, size));
        metrics.queue(name, batcher::length);
    }

    private static Batcher.Network network(Inference inference) {
        return new Batcher.Network() {
            @Override
            public List<float[]> scores(List<Frames> views) {
                return inference.scores(views);
            }

            @Override
            public List<float[]> features(List<Frames> views) {
                return inference.features(views);
            }

            @Override
            public List<float[]> actions(Frames clip, List<Corners> boxes) {
                return inference.actions(clip, boxes);
            }
        };
    }

    String name() {
        return name;
    }

    boolean isClassifier() {
        return inference.isClassifier();
    }

    boolean isDetector() {
        return inference.isDetector();
    }

    /** Names of the actions; none if it is no detector. */
    private List<String> actions() {
        return isDetector() ? inference.actionHead().names() : List.of();
    }

    /** Names of the classes; none if it is no classifier. */
    List<String> classes() {
        return isClassifier() ? inference.classes() : List.of();
    }

    boolean ofImages() {
        return inference.input().ofImages();
    }

    /** Frames that it looks at together; 1 of images. */
    int frames() {
        return inference.input().clip().frames();
    }

    /** Width and height of what it looks at, in pixels. */
    int side() {
        return inference.input().side();
    }

    /** Length of the features. */
    int width() {
        return inference.width();
    }

    /** Reads what the network looks at. */
    List<Frames> read(MediaSource source) throws IOException {
        return inference.views(source, views);
    }

    /**
     * Opens a video to be looked at in windows.
     *
     * @param memory bytes of the frames that are decoded together; of one window at least
     * @throws IllegalArgumentException if windows do not go with what the network reads, or are less than a frame apart
     */
    Windows open(MediaSource video, Windows.Sliding sliding, long memory) throws IOException {
        return Windows.open(video, inference.input().clip(), sliding, memory);
    }

    /** Reads the next windows, as the network looks at them; none at the end. */
    List<Windows.WindowClip> read(Windows windows, int most) throws IOException {
        return inference.read(windows, most);
    }

    /** @throws IllegalArgumentException if windows do not go with what the network reads */
    void check(Windows.Sliding sliding) {
        sliding.check(inference.input().clip());
    }

    CompletableFuture<Batcher.Outputs> submit(List<Frames> views, boolean scores, boolean features) {
        return batcher.submit(views, scores, features);
    }

    CompletableFuture<List<float[]>> submit(Frames clip, List<Corners> boxes) {
        return batcher.submit(clip, boxes);
    }

    /**
     * Numbers that it gave, the same list.
     *
     * @throws Refusal if one is not finite
     */
    List<float[]> finite(List<float[]> numbers) throws Refusal {
        for (float[] row : numbers) {
            for (float number : row) {
                if (!Float.isFinite(number)) {
                    throw new Refusal(
                            Refusal.FAILED,
                            "model '" + name + "' gives numbers that are not finite; its weights are damaged");
                }
            }
        }
        return numbers;
    }

    /** Scores boxes of a video, clip by clip. */
    <E extends Exception> ActionSeries series(
            VideoInfo video, Map<At, List<ActionSeries.Given>> boxes, ActionSeries.Looking<E> looking) throws E {
        return ActionSeries.of(inference, video, boxes, looking, (done, of) -> {});
    }

    /** What it is, in a line. */
    String describe() {
        int frames = frames();
        int side = side();
        return name + ": "
                + (isClassifier() ? "classifier of " + Plural.of(classes().size(), "class", "classes") + ", " : "")
                + (isDetector() ? "detector of " + Plural.of(actions().size(), "action") + ", " : "")
                + "features of " + width() + " numbers, of "
                + (ofImages() ? "images" : "videos, clips of " + Plural.of(frames, "frame"))
                + String.format(Locale.ROOT, " of %d x %d px", side, side);
    }

    /**
     * As the page and other simple clients want to know it.
     *
     * @param findsPeople whether detectors get boxes by themselves
     */
    Map<String, Object> facts(boolean findsPeople) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("name", name);
        facts.put("reads", ofImages() ? "images" : "videos");
        facts.put("frames", frames());
        facts.put("side", side());
        facts.put("classes", classes());
        facts.put("features", width());
        facts.put("detects", isDetector());
        facts.put("actions", actions());
        facts.put("findsPeople", isDetector() && findsPeople);
        return facts;
    }

    @Override
    public void close() {
        batcher.close();
        inference.close();
    }
}
