package maskfeat.infer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import maskfeat.augment.Augment;
import maskfeat.augment.Augmented;
import maskfeat.augment.BoxRule;
import maskfeat.augment.CenterCrop;
import maskfeat.augment.Rectangle;
import maskfeat.augment.ViewCrop;
import maskfeat.augment.WholeFrame;
import maskfeat.data.Dataset;
import maskfeat.data.Item;
import maskfeat.data.KeyFrameDataset;
import maskfeat.data.MaskedClip;
import maskfeat.data.Seeds;
import maskfeat.data.Seeds.Purpose;
import maskfeat.data.Views;
import maskfeat.data.Windows;
import maskfeat.eval.ActionEvaluation;
import maskfeat.eval.BoxProtocol;
import maskfeat.eval.Corners;
import maskfeat.eval.Mean;
import maskfeat.eval.PredictionTimeline;
import maskfeat.feature.TeacherTarget;
import maskfeat.media.Frames;
import maskfeat.media.MediaSource;
import maskfeat.media.UnreadableFile;
import maskfeat.model.Backbone;
import maskfeat.model.ClassTokens;
import maskfeat.model.Classifier;
import maskfeat.model.Detector;
import maskfeat.model.Features;
import maskfeat.model.MaskFeat;
import maskfeat.model.Network;
import maskfeat.network.ActionHead;
import maskfeat.network.Head;
import maskfeat.network.Input;
import maskfeat.network.NetworkSpec;
import maskfeat.network.OpenedWeights;
import maskfeat.network.Targets;
import maskfeat.nn.Layer;
import maskfeat.task.MaskedPrediction;
import maskfeat.task.Pixels;
import maskfeat.task.Reconstruction;
import maskfeat.teacher.Teacher;
import maskfeat.torch.Devices;
import maskfeat.torch.Precision;
import maskfeat.torch.Ranks;
import maskfeat.torch.Scopes;
import maskfeat.weights.TensorReader;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A trained network ready for use. Thread-safe; results depend on concurrent calls only by rounding.
 *
 * <pre>
 * try (Inference network = Inference.open(Path.of("runs/actions"), "auto")) {
 *     float[] scores = network.scores(Path.of("skating.mp4"));           // of a classifier
 *     float[] features = network.features(MediaSource.read("upload", in)); // of any network
 * }
 * </pre>
 *
 * <p>Images and videos come as files ({@code Path}), as bytes or streams ({@link MediaSource}) or as decoded
 * {@link Frames}. The middle of each is used, unless {@link Views} say otherwise.
 */
public final class Inference implements AutoCloseable {
    /** Number of views of one source that are computed together. */
    private static final int BATCH = 8;

    private final NetworkSpec spec;
    private final Path file;
    private final Layer whole;
    private final Backbone backbone;
    private final Device device;
    private final Pixels pixels;
    private final FileViews reader;
    private final ReadWriteLock use = new ReentrantReadWriteLock();
    private final Optional<BoxScores> boxScores;
    private Precision precision = Precision.FLOAT32;
    private boolean closed;

    private Inference(NetworkSpec spec, Path file, Layer whole, Device device) {
        whole.train(false);
        this.spec = spec;
        this.file = file;
        this.whole = whole;
        this.backbone = whole instanceof Network network ? network.backbone() : (Backbone) whole;
        this.device = Scopes.keep(device);
        this.pixels = new Pixels(spec.input().normalize(), device);
        this.reader = new FileViews(spec.input().clip());
        this.boxScores = whole instanceof Detector detector
                ? Optional.of(new BoxScores(spec, detector, this.device))
                : Optional.empty();
    }

    /**
     * Opens a network.
     *
     * @param from run folder, checkpoint folder or file of weights, of any origin that {@link OpenedWeights} knows
     * @param device by name, as in {@link Devices#named}
     * @return the network, to be closed by the caller
     * @throws IllegalArgumentException if the machine lacks the device
     * @throws IOException if there are no weights, or they fit no network of this library, naming the file
     */
    public static Inference open(Path from, String device) throws IOException {
        try (OpenedWeights weights = OpenedWeights.open(from)) {
            return of(weights, device);
        }
    }

    /** As {@link #open}, from opened weights. They may be closed afterwards. */
    public static Inference of(OpenedWeights weights, String device) throws IOException {
        Device place = Devices.named(device);
        Layer network = weights.isClassifier() || weights.isDetector() || hasHead(weights)
                ? weights.network(device)
                : weights.backbone(device);
        return new Inference(weights.spec(), weights.file(), network, place);
    }

    /**
     * The same network with initial values instead of trained weights: a baseline for trained features.
     *
     * @param weights of which only the description of the network is read
     * @param seed of the initial values
     * @param device by name, as in {@link Devices#named}
     */
    public static Inference untrained(OpenedWeights weights, long seed, String device) {
        Device place = Devices.named(device);
        NetworkSpec spec = weights.spec();
        Layer network = weights.isClassifier() || weights.isDetector()
                ? spec.build(seed, place)
                : spec.buildBackbone(seed, place);
        return new Inference(spec, weights.file(), network, place);
    }

    /**
     * As {@link #of}, with features that are class tokens instead of means over the patches; after the last block behind the
     * norm, as MoCo v3 and DINO are probed.
     *
     * @throws IOException if the weights have no norm of a class token, naming the file
     */
    public static Inference ofClassTokens(OpenedWeights weights, String device) throws IOException {
        Device place = Devices.named(device);
        return new Inference(weights.spec(), weights.file(), weights.classTokens(device), place);
    }

    /** Pre-trained files may lack mask token and prediction head, or have heads of an unknown kind. */
    private static boolean hasHead(OpenedWeights weights) {
        TensorReader tensors = weights.tensors();
        return weights.spec().shapes().entrySet().stream().allMatch(wanted -> {
            var found = tensors.entries().get(wanted.getKey());
            return found != null && found.shape().equals(wanted.getValue());
        });
    }

    /**
     * Multiplies in this precision from now on; float32 unless this is called. To be called before other threads use it.
     *
     * @return this
     */
    public Inference in(Precision wanted) {
        precision = wanted.on(device);
        backbone.compute(Precision.FLOAT32, precision);
        return this;
    }

    /** What its backbone multiplies in: float32 or bfloat16. */
    public Precision precision() {
        return precision;
    }

    /** The description of the network. */
    public NetworkSpec spec() {
        return spec;
    }

    /** The input of the network. */
    public Input input() {
        return spec.input();
    }

    /** The file that describes the network. */
    public Path file() {
        return file;
    }

    /** The device it runs on. */
    public Device device() {
        return device;
    }

    /** Length of the features after the last block, C. */
    public int width() {
        return backbone.dim();
    }

    /** Number of blocks after which features can be taken. */
    public int depth() {
        return backbone.depth();
    }

    /** Whether it is a classifier, which gives scores of classes. */
    public boolean isClassifier() {
        return whole instanceof Classifier;
    }

    /** Whether it is a detector of actions, which scores what is done in boxes. */
    public boolean isDetector() {
        return whole instanceof Detector;
    }

    /**
     * Whether it predicts something for hidden tokens, so that it can {@link #reconstruct}; where it {@link #learnedFrom}
     * frozen networks, with them.
     */
    public boolean canReconstruct() {
        return whole instanceof MaskFeat;
    }

    /** What it predicts that frozen networks say, by name; empty if it needs none. */
    public List<String> learnedFrom() {
        return spec.head() instanceof Head.Prediction prediction ? prediction.learnedFrom() : List.of();
    }

    /**
     * Names of the classes, in the order of the scores.
     *
     * @throws UnsupportedOperationException if it is not a classifier
     */
    public List<String> classes() {
        if (spec.head() instanceof Head.Classes classes) {
            return classes.names();
        }
        throw new UnsupportedOperationException(file + " is not a classifier and gives no scores of classes");
    }

    // Scores.

    /**
     * Classifies an image, or the middle clip of a video.
     *
     * @return [classes], probabilities
     * @throws UnreadableFile if it cannot be read
     * @throws UnsupportedOperationException if it is not a classifier
     */
    public float[] scores(Path image) throws IOException {
        return scores(MediaSource.of(image), Views.MIDDLE);
    }

    /** As {@link #scores(Path)}, from a file or from bytes in memory. */
    public float[] scores(MediaSource source) throws IOException {
        return scores(source, Views.MIDDLE);
    }

    /**
     * Classifies several views of an image or a video.
     *
     * @param views number of clips over the video, and of crops of each @return [classes], probabilities, the mean over
     *     the views
     * @throws IllegalArgumentException if an image should have several clips @throws UnreadableFile if it cannot be
     *     read
     */
    public float[] scores(MediaSource source, Views views) throws IOException {
        return Mean.of(inParts(crops(source, views), BATCH, this::scoresOf));
    }

    /**
     * Classifies an image or a clip of any size.
     *
     * @param frames as many frames as the network reads
     * @return [classes], probabilities
     */
    public float[] scores(Frames frames) {
        return scoresOf(List.of(middle(frames))).get(0);
    }

    /**
     * Classifies views of several sources in one pass.
     *
     * @param views as {@link #views} gives them, at least one
     * @return for each, [classes], probabilities
     * @throws UnsupportedOperationException if it is not a classifier
     */
    public List<float[]> scores(List<Frames> views) {
        return scoresOf(checked(views));
    }

    /**
     * Classifies many items, which background threads read.
     *
     * @param source of the views, such as {@link FileViews} or {@code dataset::readView}
     * @param stopRequested checked between batches; true stops
     * @param results receives [classes], probabilities, for each item
     * @return whether all items were done
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

    /** Scores of square frames of the network's size. */
    private List<float[]> scoresOf(List<Frames> squares) {
        int classes = classes().size();
        float[] all = running(() -> maskfeat.torch.Arrays.floats(
                torch.softmax(((Classifier) whole).forward(pixels.of(squares)), 1))); // [B, classes]
        return IntStream.range(0, squares.size())
                .mapToObj(b -> Arrays.copyOfRange(all, b * classes, (b + 1) * classes))
                .toList();
    }

    // Actions.

    /**
     * The actions that are scored in boxes, in the order of the scores.
     *
     * @throws UnsupportedOperationException if it is no detector
     */
    public ActionHead actionHead() {
        if (spec.head() instanceof ActionHead head) {
            return head;
        }
        throw new UnsupportedOperationException(
                file + " is no detector of actions; 'maskfeat finetune --task detect'" + " makes one of it");
    }

    /**
     * Scores what is done in some boxes of a clip of any size and shape.
     *
     * @param clip as many frames as the network reads; the boxes are those of the frame after the middle
     * @param boxes in fractions of the frame
     * @return for each box, [actions], probabilities, each by itself
     */
    public List<float[]> actions(Frames clip, List<Corners> boxes) {
        actionHead(); // refuses
        Augmented seen = actionView().apply(clip, new SplittableRandom(0)); // draws nothing
        List<Rectangle> places = boxes.stream()
                .map(box -> BoxRule.EXACT.apply(KeyFrameDataset.upright(box), clip.height(), clip.width(), seen))
                .toList();
        return running(
                () -> boxScores().of(List.of(seen.frames()), List.of(places)).get(0));
    }

    /**
     * Measures it on key frames.
     *
     * @param frame what it sees of a clip
     * @param rule where that takes boxes
     * @param into gathers what is found
     * @param share of the key frames, 0 to 1, that may be unreadable and are then left out
     * @param report receives each that is left out, and the reason
     */
    public void measure(
            KeyFrameDataset dataset,
            Augment frame,
            BoxRule rule,
            BoxProtocol protocol,
            ActionEvaluation.Gathering into,
            Batching batching,
            double share,
            BiConsumer<Path, String> report,
            Progress progress)
            throws IOException, InterruptedException {
        actionHead(); // refuses
        DetectionScoring scoring =
                new DetectionScoring(dataset, frame, rule, protocol, batching.batch(), batching.threads(), Ranks.ALONE);
        use.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("the network of " + file + " is closed");
            }
            scoring.run(boxScores(), share, report, into, () -> false, progress);
        } finally {
            use.readLock().unlock();
        }
    }

    private Augment actionView() {
        return new WholeFrame(input().side(), spec.backbone().patch(), input().resize());
    }

    private BoxScores boxScores() {
        return boxScores.orElseThrow();
    }

    // Features: the mean over the patch tokens after a block, with nothing hidden, as the official fine-tuning pools
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

    /** As {@link #features(Path)}, from a file or from bytes in memory. */
    public float[] features(MediaSource source) throws IOException {
        return features(source, last(), Views.MIDDLE)[0];
    }

    /**
     * Features of an image or a video.
     *
     * @param blocks after which to take features, counted from 0, ascending
     * @param views number of clips over the video, and of crops of each @return [blocks][C], the mean over the views
     * @throws IllegalArgumentException if there is no such block, or an image should have several clips
     * @throws UnreadableFile if it cannot be read
     */
    public float[][] features(MediaSource source, List<Integer> blocks, Views views) throws IOException {
        check(blocks);
        return mean(inParts(crops(source, views), BATCH, squares -> featuresOf(squares, blocks)));
    }

    /**
     * Features of an image or a clip of any size, after the last block.
     *
     * @param frames as many frames as the network reads
     * @return [C]
     */
    public float[] features(Frames frames) {
        return features(frames, last())[0];
    }

    /**
     * Features of an image or a clip of any size.
     *
     * @param frames as many frames as the network reads
     * @param blocks after which to take features, counted from 0, ascending
     * @return [blocks][C]
     * @throws IllegalArgumentException if there is no such block
     */
    public float[][] features(Frames frames, List<Integer> blocks) {
        check(blocks);
        return featuresOf(List.of(middle(frames)), blocks).get(0);
    }

    /**
     * Features of views of several sources in one pass, after the last block.
     *
     * @param views as {@link #views} gives them, at least one
     * @return for each, [C]
     */
    public List<float[]> features(List<Frames> views) {
        return featuresOf(checked(views), last()).stream()
                .map(blocks -> blocks[0])
                .toList();
    }

    /**
     * As {@link #features(List)}, after one block.
     *
     * @param block counted from 0
     * @throws IllegalArgumentException if there is no such block
     */
    public List<float[]> features(List<Frames> views, int block) {
        check(List.of(block));
        return featuresOf(checked(views), List.of(block)).stream()
                .map(blocks -> blocks[0])
                .toList();
    }

    /**
     * Features of many items, which background threads read.
     *
     * @param source of the views, such as {@link FileViews} or {@code dataset::readView}
     * @param blocks after which to take features, counted from 0, ascending
     * @param stopRequested checked between batches; true stops
     * @param results receives [blocks][C] for each item
     * @return whether all items were done
     * @throws IllegalArgumentException if there is no such block, or images should have several clips
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
     * Features of all items of a data set. An unreadable item is an error that names it, because results over the
     * others would not be comparable.
     *
     * @param blocks after which to take features, counted from 0, ascending
     * @param stopRequested checked between batches; true stops
     * @return for each block [N][C], in the order of the data set; empty if stopped
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

    /** Features of square frames of the network's size: for each [blocks][C]. */
    private List<float[][]> featuresOf(List<Frames> squares, List<Integer> blocks) {
        return running(() -> {
            float[][][] all = new float[squares.size()][blocks.size()][];
            List<Features> after = backbone.encode(backbone.embed(pixels.of(squares)), blocks);
            for (int b = 0; b < blocks.size(); b++) {
                float[] rows = maskfeat.torch.Arrays.floats(feature(after.get(b), blocks.get(b))); // [B, C]
                int dim = rows.length / squares.size();
                for (int i = 0; i < all.length; i++) {
                    all[i][b] = Arrays.copyOfRange(rows, i * dim, (i + 1) * dim);
                }
            }
            return List.of(all);
        });
    }

    private Tensor feature(Features after, int block) {
        return whole instanceof ClassTokens tokens ? tokens.of(after, block) : after.patchMean();
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
            throw new IllegalArgumentException("features of no block: give at least one from 0 to " + (depth() - 1));
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
     * Classifies the windows of a long video.
     *
     * @param sliding length and distance of the windows
     * @throws IllegalArgumentException if the network reads images, or the windows do not fit its clips
     * @throws UnreadableFile if it cannot be read
     */
    public PredictionTimeline timeline(MediaSource video, Windows.Sliding sliding) throws IOException {
        try (Windows windows = Windows.open(video, input().clip(), sliding)) {
            return timeline(windows, BATCH, window -> {});
        }
    }

    /**
     * Classifies the windows of an opened video.
     *
     * @param windows of this network's clips; read to the end but not closed
     * @param batch number of windows computed together
     * @param seen receives each window when it is read
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
     * Features of each window of an opened video.
     *
     * @param windows of this network's clips; read to the end but not closed
     * @param blocks after which to take features, counted from 0, ascending
     * @param batch number of windows computed together
     * @param seen receives each window when it is read
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
            List<Windows.WindowClip> part = read(windows, batch, seen);
            List<R> results =
                    network.apply(part.stream().map(Windows.WindowClip::frames).toList());
            for (int i = 0; i < part.size(); i++) {
                taker.accept(part.get(i), results.get(i));
            }
        }
    }

    /**
     * The next windows of a video, cut to what the network looks at, for {@link #scores(List)} and {@link #features(List)}.
     *
     * @param windows of this network's clips
     * @param most how many, if there are so many
     * @return by time, with frames [T, S, S, 3]; none at the end
     * @throws IOException naming the file, if it cannot be read
     */
    public List<Windows.WindowClip> read(Windows windows, int most) throws IOException {
        return read(windows, most, window -> {});
    }

    private List<Windows.WindowClip> read(Windows windows, int most, Consumer<Windows.WindowClip> seen)
            throws IOException {
        List<Windows.WindowClip> part = new ArrayList<>();
        while (part.size() < most && windows.hasNext()) {
            Windows.WindowClip window = windows.next();
            seen.accept(window);
            part.add(new Windows.WindowClip(window.startSeconds(), window.endSeconds(), middle(window.frames())));
        }
        return part;
    }

    // What pre-training predicts.

    /**
     * Hides part of an image, or of the middle clip of a video, and predicts its features.
     *
     * @param seed of the masks
     * @param number index of the mask among those of the seed, from 0
     * @return one of each target of the last block, in the order of the settings
     * @throws UnsupportedOperationException unless it {@link #canReconstruct} without frozen networks
     * @throws UnreadableFile if it cannot be read
     */
    public List<Reconstruction> reconstruct(MediaSource source, long seed, int number) throws IOException {
        return reconstruct(source, seed, number, Map.of());
    }

    /**
     * As {@link #reconstruct(MediaSource, long, int)}, also where frozen networks say what is predicted.
     *
     * @param teachers of all targets that need one, on the same device; not closed with this
     */
    public List<Reconstruction> reconstruct(
            MediaSource source, long seed, int number, Map<TeacherTarget, Teacher> teachers) throws IOException {
        if (!(whole instanceof MaskFeat maskFeat && spec.head() instanceof Head.Prediction prediction)) {
            throw new UnsupportedOperationException(
                    file + " has no mask token and prediction head, so it cannot reconstruct");
        }
        Targets targets = prediction.targets(input(), spec.backbone());
        if (targets.depths().stream()
                .anyMatch(depth -> depth.target() instanceof TeacherTarget target && !target.hasNetwork())) {
            throw new UnsupportedOperationException(file + " learned from files of maps, which other pictures have none"
                    + " of, and cannot reconstruct without");
        }
        if (!teachers.keySet().containsAll(targets.teachers())) {
            throw new UnsupportedOperationException(file + " predicts what a frozen network says ("
                    + String.join(", ", learnedFrom()) + "), and cannot reconstruct without it");
        }
        Seeds seeds = new Seeds(seed);
        Frames decoded = reader.read(source, 0, 1);
        Augmented seen = new CenterCrop(input().shortSide(), input().side(), input().resize())
                .apply(decoded, seeds.of(Purpose.AUGMENT, 0, number));
        Frames frames = seen.frames();
        boolean[] hidden = prediction.mask().draw(targets.maskGrid(), seeds.of(Purpose.MASK, 0, number));
        MaskedClip clip =
                new MaskedClip(frames, hidden, targets.of(frames, hidden), targets.views(decoded, seen), List.of());
        MaskedPrediction task = new MaskedPrediction(maskFeat, input().normalize(), targets, teachers, device);
        return running(() -> Reconstruction.of(task, List.of(clip)).get(0));
    }

    // Shared parts.

    /**
     * Reads what the network looks at of an image or a video, for code that batches by itself.
     *
     * @param views number of clips over the video, and of crops of each
     * @return squares of the network's size, {@link Views#count} of them
     * @throws IllegalArgumentException if an image should have several clips
     * @throws UnreadableFile if it cannot be read
     */
    public List<Frames> views(MediaSource source, Views views) throws IOException {
        return crops(source, views);
    }

    private List<Frames> checked(List<Frames> views) {
        if (views.isEmpty()) {
            throw new IllegalArgumentException("a batch of no views: there must be at least one");
        }
        for (Frames view : views) {
            if (view.height() != input().side()
                    || view.width() != input().side()
                    || view.count() != input().clip().frames()) {
                throw new IllegalArgumentException("a view of " + view.count() + " frames of " + view.height() + " x "
                        + view.width() + " px: " + file + " takes "
                        + input().clip().frames() + " of " + input().side()
                        + " x " + input().side() + ", as views(source, views) gives them");
            }
        }
        return views;
    }

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

    /** Runs code that uses the network. Several threads may do so at once; closing waits for them. */
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

    /** Frees the network once no thread uses it. */
    @Override
    public void close() {
        use.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                boxScores.ifPresent(BoxScores::close);
                whole.close();
                Scopes.release(device);
            }
        } finally {
            use.writeLock().unlock();
        }
    }
}
