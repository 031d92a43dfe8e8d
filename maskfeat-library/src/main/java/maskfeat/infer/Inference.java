package maskfeat.infer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import maskfeat.augment.CenterCrop;
import maskfeat.augment.ViewCrop;
import maskfeat.data.Dataset;
import maskfeat.data.Item;
import maskfeat.data.MaskedClip;
import maskfeat.data.Seeds;
import maskfeat.data.Seeds.Purpose;
import maskfeat.data.Views;
import maskfeat.data.Windows;
import maskfeat.eval.Mean;
import maskfeat.eval.PredictionTimeline;
import maskfeat.media.Frames;
import maskfeat.media.MediaSource;
import maskfeat.media.UnreadableFile;
import maskfeat.model.Backbone;
import maskfeat.model.Classifier;
import maskfeat.model.Features;
import maskfeat.model.MaskFeat;
import maskfeat.network.Head;
import maskfeat.network.Input;
import maskfeat.network.NetworkSpec;
import maskfeat.network.OpenedWeights;
import maskfeat.network.Targets;
import maskfeat.nn.Layer;
import maskfeat.task.MaskedPrediction;
import maskfeat.task.Pixels;
import maskfeat.task.Reconstruction;
import maskfeat.torch.Devices;
import maskfeat.torch.Scopes;
import maskfeat.weights.TensorReader;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch;

/**
 * A network ready for use. Any number of threads may call it at once; what it says does not depend on how many do, but for
 * rounding.
 *
 * <pre>
 * try (Inference network = Inference.open(Path.of("runs/actions"), "auto")) {
 *     float[] scores = network.scores(Path.of("skating.mp4"));           // of a classifier
 *     float[] features = network.features(MediaSource.read("upload", in)); // of any network
 * }
 * </pre>
 *
 * <p>Images and videos come as files ({@code Path}), as bytes or streams ({@link MediaSource}) or as decoded
 * {@link Frames}. Of each the middle is looked at, unless {@link Views} say otherwise.
 */
public final class Inference implements AutoCloseable {
    /** Views of one source that go through the network together. */
    private static final int BATCH = 8;

    private final NetworkSpec spec;
    private final Path file;
    private final Layer whole;
    private final Backbone backbone;
    private final Device device;
    private final Pixels pixels;
    private final FileViews reader;
    private final ReadWriteLock use = new ReentrantReadWriteLock();
    private boolean closed;

    private Inference(NetworkSpec spec, Path file, Layer whole, Device device) {
        whole.train(false);
        this.spec = spec;
        this.file = file;
        this.whole = whole;
        this.backbone = whole instanceof Classifier classifier
                ? classifier.backbone()
                : whole instanceof MaskFeat maskFeat ? maskFeat.backbone() : (Backbone) whole;
        this.device = Scopes.keep(device);
        this.pixels = new Pixels(spec.input().normalize(), device);
        this.reader = new FileViews(spec.input().clip());
    }

    /**
     * Opens a network.
     *
     * @param from run folder, checkpoint folder or file of weights, of any origin that {@link OpenedWeights} knows
     * @param device by name, as in {@link Devices#named}
     * @return to be closed by the caller
     * @throws IllegalArgumentException if the device is not here
     * @throws IOException if there are no weights, or no network of ours can have them, naming the file
     */
    public static Inference open(Path from, String device) throws IOException {
        try (OpenedWeights weights = OpenedWeights.open(from)) {
            return of(weights, device);
        }
    }

    /** As {@link #open}, of weights that are open. They may be closed afterwards. */
    public static Inference of(OpenedWeights weights, String device) throws IOException {
        Device place = Devices.named(device);
        Layer network = weights.isClassifier()
                ? weights.classifier(device)
                : hasHead(weights) ? weights.maskFeat(device) : weights.backbone(device);
        return new Inference(weights.spec(), weights.file(), network, place);
    }

    /**
     * The same network with its first values, as if it had never been trained: what trained features must be better than.
     *
     * @param weights of which only the network that they are for is read
     * @param seed of the first values
     * @param device by name, as in {@link Devices#named}
     */
    public static Inference untrained(OpenedWeights weights, long seed, String device) {
        Device place = Devices.named(device);
        NetworkSpec spec = weights.spec();
        Layer network = weights.isClassifier() ? spec.build(seed, place) : spec.buildBackbone(seed, place);
        return new Inference(spec, weights.file(), network, place);
    }

    /** Files of pre-training may be without mask token and prediction head, or have heads that are not known here. */
    private static boolean hasHead(OpenedWeights weights) {
        TensorReader tensors = weights.tensors();
        return weights.spec().shapes().entrySet().stream().allMatch(wanted -> {
            var found = tensors.entries().get(wanted.getKey());
            return found != null && found.shape().equals(wanted.getValue());
        });
    }

    /** What network it is. */
    public NetworkSpec spec() {
        return spec;
    }

    /** What it reads. */
    public Input input() {
        return spec.input();
    }

    /** The file that says what network it is. */
    public Path file() {
        return file;
    }

    /** What it runs on. */
    public Device device() {
        return device;
    }

    /** How many blocks features can be taken after. */
    public int depth() {
        return backbone.depth();
    }

    /** Whether it gives scores of classes. */
    public boolean isClassifier() {
        return whole instanceof Classifier;
    }

    /** Whether it predicts features of hidden tokens, so that it can {@link #reconstruct}. */
    public boolean canReconstruct() {
        return whole instanceof MaskFeat;
    }

    /**
     * Names of the classes, in the order of the scores.
     *
     * @throws UnsupportedOperationException if it is no classifier
     */
    public List<String> classes() {
        if (spec.head() instanceof Head.Classes classes) {
            return classes.names();
        }
        throw new UnsupportedOperationException(file + " is no classifier and gives no scores of classes");
    }

    // Scores.

    /**
     * Looks at an image, or at the middle clip of a video.
     *
     * @return [classes], probabilities
     * @throws UnreadableFile if it cannot be read
     * @throws UnsupportedOperationException if it is no classifier
     */
    public float[] scores(Path image) throws IOException {
        return scores(MediaSource.of(image), Views.MIDDLE);
    }

    /** As {@link #scores(Path)}, of a file or of bytes in memory. */
    public float[] scores(MediaSource source) throws IOException {
        return scores(source, Views.MIDDLE);
    }

    /**
     * Looks at an image or a video several times.
     *
     * @param views clips that together cover a video, and squares of each
     * @return [classes], probabilities, the mean over the views
     * @throws IllegalArgumentException if an image is to have several clips
     * @throws UnreadableFile if it cannot be read
     */
    public float[] scores(MediaSource source, Views views) throws IOException {
        return Mean.of(inParts(crops(source, views), BATCH, this::scoresOf));
    }

    /**
     * Looks at an image or a clip of any size.
     *
     * @param frames as many as the network reads
     * @return [classes], probabilities
     */
    public float[] scores(Frames frames) {
        return scoresOf(List.of(middle(frames))).get(0);
    }

    /**
     * Looks at many items, read on threads of their own.
     *
     * @param source of the views, such as {@link FileViews} or {@code dataset::readView}
     * @param stopRequested asked between batches; true gives up
     * @param results takes for each [classes], probabilities
     * @return whether all were gone through
     */
    public boolean scores(
            List<Item> items,
            ViewSource source,
            Batching batching,
            BooleanSupplier stopRequested,
            Results<float[]> results)
            throws IOException, InterruptedException {
        return ReadAhead.ofViews(items, source, input(), batching)
                .through(
                        this::scoresOf,
                        (item, ofViews) -> results.take(item, Mean.of(ofViews)),
                        results::unreadable,
                        stopRequested);
    }

    /** Scores of all items of a data set. */
    public Scoring scoring(Dataset dataset, Batching batching) {
        return new Scoring(dataset, this::scoresOf, input(), batching);
    }

    /** Of squares of the size that the network reads. */
    private List<float[]> scoresOf(List<Frames> squares) {
        int classes = classes().size();
        float[] all = running(() -> maskfeat.torch.Arrays.floats(
                torch.softmax(((Classifier) whole).forward(pixels.of(squares)), 1))); // [B, classes]
        return IntStream.range(0, squares.size())
                .mapToObj(b -> Arrays.copyOfRange(all, b * classes, (b + 1) * classes))
                .toList();
    }

    // Features: the mean over the patch tokens after a block, nothing hidden. It is what the official fine-tuning pools
    // before its norm.

    /**
     * Features of an image, or of the middle clip of a video, after the last block.
     *
     * @return [C]
     * @throws UnreadableFile if it cannot be read
     */
    public float[] features(Path image) throws IOException {
        return features(MediaSource.of(image));
    }

    /** As {@link #features(Path)}, of a file or of bytes in memory. */
    public float[] features(MediaSource source) throws IOException {
        return features(source, last(), Views.MIDDLE)[0];
    }

    /**
     * Features of an image or a video.
     *
     * @param blocks after which features are taken, counted from 0, ascending
     * @param views clips that together cover a video, and squares of each
     * @return [blocks][C], the mean over the views
     * @throws IllegalArgumentException if there is no such block, or an image is to have several clips
     * @throws UnreadableFile if it cannot be read
     */
    public float[][] features(MediaSource source, List<Integer> blocks, Views views) throws IOException {
        check(blocks);
        return mean(inParts(crops(source, views), BATCH, squares -> featuresOf(squares, blocks)));
    }

    /**
     * Features of an image or a clip of any size, after the last block.
     *
     * @param frames as many as the network reads
     * @return [C]
     */
    public float[] features(Frames frames) {
        return features(frames, last())[0];
    }

    /**
     * Features of an image or a clip of any size.
     *
     * @param frames as many as the network reads
     * @param blocks after which features are taken, counted from 0, ascending
     * @return [blocks][C]
     * @throws IllegalArgumentException if there is no such block
     */
    public float[][] features(Frames frames, List<Integer> blocks) {
        check(blocks);
        return featuresOf(List.of(middle(frames)), blocks).get(0);
    }

    /**
     * Features of many items, read on threads of their own.
     *
     * @param source of the views, such as {@link FileViews} or {@code dataset::readView}
     * @param blocks after which features are taken, counted from 0, ascending
     * @param stopRequested asked between batches; true gives up
     * @param results takes for each [blocks][C]
     * @return whether all were gone through
     * @throws IllegalArgumentException if there is no such block, or images are to have several clips
     */
    public boolean features(
            List<Item> items,
            ViewSource source,
            List<Integer> blocks,
            Batching batching,
            BooleanSupplier stopRequested,
            Results<float[][]> results)
            throws IOException, InterruptedException {
        check(blocks);
        return ReadAhead.ofViews(items, source, input(), batching)
                .through(
                        squares -> featuresOf(squares, blocks),
                        (item, ofViews) -> results.take(item, mean(ofViews)),
                        results::unreadable,
                        stopRequested);
    }

    /**
     * Features of all items of a data set. One that cannot be read is an error that names it: a measure over the rest would
     * be another measure.
     *
     * @param blocks after which features are taken, counted from 0, ascending
     * @param stopRequested asked between batches; true gives up
     * @return for each block [N][C], in the order of the data set; empty if it was given up
     */
    public Optional<List<float[][]>> features(
            Dataset dataset, List<Integer> blocks, Batching batching, BooleanSupplier stopRequested, Progress progress)
            throws IOException, InterruptedException {
        List<float[][]> all = new ArrayList<>();
        blocks.forEach(block -> all.add(new float[dataset.size()][]));
        Results<float[][]> results = new Results<>() {
            private int done;

            @Override
            public void take(Item item, float[][] features) {
                for (int b = 0; b < features.length; b++) {
                    all.get(b)[done] = features[b];
                }
                progress.at(++done, dataset.size());
            }

            @Override
            public void unreadable(Item item, IOException why) throws IOException {
                throw why;
            }
        };
        return features(dataset.items(), dataset::readView, blocks, batching, stopRequested, results)
                ? Optional.of(all)
                : Optional.empty();
    }

    /** Of squares of the size that the network reads: for each [blocks][C]. */
    private List<float[][]> featuresOf(List<Frames> squares, List<Integer> blocks) {
        return running(() -> {
            float[][][] all = new float[squares.size()][blocks.size()][];
            List<Features> after = backbone.encode(backbone.embed(pixels.of(squares)), blocks);
            for (int b = 0; b < blocks.size(); b++) {
                float[] rows = maskfeat.torch.Arrays.floats(after.get(b).patchMean()); // [B, C]
                int dim = rows.length / squares.size();
                for (int i = 0; i < all.length; i++) {
                    all[i][b] = Arrays.copyOfRange(rows, i * dim, (i + 1) * dim);
                }
            }
            return List.of(all);
        });
    }

    private List<Integer> last() {
        return List.of(depth() - 1);
    }

    private void check(List<Integer> blocks) {
        int before = -1;
        for (int block : blocks) {
            if (block <= before || block >= depth()) {
                throw new IllegalArgumentException(
                        "blocks " + blocks + " must be from 0 to " + (depth() - 1) + ", each once, ascending");
            }
            before = block;
        }
        if (blocks.isEmpty()) {
            throw new IllegalArgumentException(
                    "features of no block: give one from 0 to " + (depth() - 1) + " at least");
        }
    }

    private static float[][] mean(List<float[][]> ofViews) {
        return IntStream.range(0, ofViews.get(0).length)
                .mapToObj(block ->
                        Mean.of(ofViews.stream().map(view -> view[block]).toList()))
                .toArray(float[][]::new);
    }

    // Windows of a long video.

    /**
     * Slides over a long video.
     *
     * @param sliding how the windows lie
     * @throws IllegalArgumentException if the network reads images, or the windows do not go with its clips
     * @throws UnreadableFile if it cannot be read
     */
    public PredictionTimeline timeline(MediaSource video, Windows.Sliding sliding) throws IOException {
        try (Windows windows = Windows.open(video, input().clip(), sliding)) {
            return timeline(windows, BATCH, window -> {});
        }
    }

    /**
     * Slides over a video that is open.
     *
     * @param windows of this network's clips; read to their end, and not closed
     * @param batch windows that go through the network together
     * @param seen takes each window as it is read
     * @throws IOException naming the file, if it cannot be read
     */
    public PredictionTimeline timeline(Windows windows, int batch, Consumer<Windows.WindowClip> seen)
            throws IOException {
        List<PredictionTimeline.ScoredWindow> scored = new ArrayList<>();
        slide(
                windows,
                batch,
                seen,
                this::scoresOf,
                (window, scores) -> scored.add(
                        new PredictionTimeline.ScoredWindow(window.startSeconds(), window.endSeconds(), scores)));
        return PredictionTimeline.of(scored);
    }

    /**
     * Features of each window of a video that is open.
     *
     * @param windows of this network's clips; read to their end, and not closed
     * @param blocks after which features are taken, counted from 0, ascending
     * @param batch windows that go through the network together
     * @param seen takes each window as it is read
     * @throws IOException naming the file, if it cannot be read
     */
    public List<WindowFeatures> features(
            Windows windows, List<Integer> blocks, int batch, Consumer<Windows.WindowClip> seen) throws IOException {
        check(blocks);
        List<WindowFeatures> all = new ArrayList<>();
        slide(
                windows,
                batch,
                seen,
                squares -> featuresOf(squares, blocks),
                (window, features) ->
                        all.add(new WindowFeatures(window.startSeconds(), window.endSeconds(), features)));
        return all;
    }

    private <R> void slide(
            Windows windows,
            int batch,
            Consumer<Windows.WindowClip> seen,
            Function<List<Frames>, List<R>> network,
            BiConsumer<Windows.WindowClip, R> taker)
            throws IOException {
        while (windows.hasNext()) {
            List<Windows.WindowClip> part = new ArrayList<>();
            List<Frames> squares = new ArrayList<>();
            while (part.size() < batch && windows.hasNext()) {
                Windows.WindowClip window = windows.next();
                seen.accept(window);
                squares.add(middle(window.frames()));
                part.add(window);
            }
            List<R> results = network.apply(squares);
            for (int i = 0; i < part.size(); i++) {
                taker.accept(part.get(i), results.get(i));
            }
        }
    }

    // What pre-training predicts.

    /**
     * Hides a part of an image, or of the middle clip of a video, and predicts its features.
     *
     * @param seed of the masks
     * @param number of the mask among those of the seed, from 0
     * @throws UnsupportedOperationException unless it {@link #canReconstruct}
     * @throws UnreadableFile if it cannot be read
     */
    public Reconstruction reconstruct(MediaSource source, long seed, int number) throws IOException {
        if (!(whole instanceof MaskFeat maskFeat && spec.head() instanceof Head.Prediction prediction)) {
            throw new UnsupportedOperationException(
                    file + " has no mask token and prediction head, so that it reconstructs nothing");
        }
        Seeds seeds = new Seeds(seed);
        Frames frames = new CenterCrop(input().shortSide(), input().side(), input().resize())
                .apply(reader.read(source, 0, 1), seeds.of(Purpose.AUGMENT, 0, number))
                .frames();
        Targets targets = prediction.targets(input(), spec.backbone());
        boolean[] hidden = prediction.mask().draw(targets.maskGrid(), seeds.of(Purpose.MASK, 0, number));
        MaskedClip clip = new MaskedClip(frames, hidden, targets.of(frames, hidden));
        MaskedPrediction task = new MaskedPrediction(maskFeat, input().normalize(), targets, device);
        return running(() -> Reconstruction.of(task, List.of(clip)).get(0));
    }

    // What all have in common.

    private Frames middle(Frames frames) {
        return input().crop(1).apply(frames, 0).frames();
    }

    private List<Frames> crops(MediaSource source, Views views) throws IOException {
        views.check(input().clip());
        ViewCrop crop = input().crop(views.spatial());
        List<Frames> crops = new ArrayList<>();
        for (int t = 0; t < views.temporal(); t++) {
            Frames clip = reader.read(source, t, views.temporal());
            for (int s = 0; s < views.spatial(); s++) {
                crops.add(crop.apply(clip, s).frames());
            }
        }
        return crops;
    }

    private static <R> List<R> inParts(List<Frames> squares, int batch, Function<List<Frames>, List<R>> network) {
        List<R> results = new ArrayList<>();
        for (int from = 0; from < squares.size(); from += batch) {
            results.addAll(network.apply(squares.subList(from, Math.min(from + batch, squares.size()))));
        }
        return results;
    }

    /** Several threads may be in here at once; closing waits for them. */
    private <T> T running(Supplier<T> body) {
        use.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("the network of " + file + " is closed");
            }
            return Scopes.withoutGradients(body);
        } finally {
            use.readLock().unlock();
        }
    }

    /** Frees the network when no thread uses it any more. */
    @Override
    public void close() {
        use.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                whole.close();
                Scopes.release(device);
            }
        } finally {
            use.writeLock().unlock();
        }
    }
}
