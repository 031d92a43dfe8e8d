package maskfeat.sample;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletionService;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import maskfeat.data.Item;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.Doing;
import maskfeat.disk.WholeFolder;

/**
 * A generated labelled set of images and clips, for a first run, for tests and for demonstrations.
 *
 * <p>Images show textured shapes on textured grounds. The class is shape and texture together, such as
 * {@code star-waves}: each shape has two textures and each texture two shapes, so neither alone decides. Clips show
 * textured shapes in motion; the class is texture and motion together, such as {@code waves-sway}: each texture has two
 * motions and each motion two textures, and no single frame shows the motion. Colours, positions, sizes, angles, light,
 * noise, ground, smaller objects and the shapes in clips have the same distribution in all classes. The patterns are
 * regular, so masked prediction can learn to continue them into hidden parts.
 *
 * <p>Layout: {@code images/train/<class>/0000.jpg}, {@code images/val/...} (every eighth a PNG),
 * {@code clips/train/<class>/0000.mp4}, {@code clips/val/...} (25 frames per second, H.264, every eighth MPEG-4),
 * {@code scenes/train/0000.mp4}, {@code scenes/val/...} with {@code ava_train.csv}, {@code ava_val.csv},
 * {@code ava_val_predicted_boxes.csv} and {@code label_map.pbtxt}, and {@code README.txt}.
 *
 * <p>The content of a file depends only on size, seed, split, class and index, not on threads or order. A set appears
 * complete or not at all.
 */
public final class SampleSet {
    /** Increases whenever the same seed would give other files. */
    public static final int VERSION = 2;

    /** The default seed. */
    public static final long SEED = 0;

    private static final String MARKER = "COMPLETE";

    /** For how long the end of the process waits for what was made to be deleted. */
    private static final long CLEANING_SECONDS = 20;

    /**
     * The size of a set.
     *
     * @param images number and size of images; {@link Images#NONE} for none
     * @param clips number and size of clips; {@link Clips#NONE} for none
     * @param scenes number and size of clips with boxes; {@link Scenes#NONE} for none
     */
    public record Size(Images images, Clips clips, Scenes scenes) {
        /** A set large enough to show the benefit of pre-training: 2,320 images, 720 clips, 360 scenes. */
        public static final Size DEFAULT =
                new Size(new Images(192, 40, 144, 192), new Clips(40, 20, 24, 112), new Scenes(240, 120, 48, 160, 112));

        /** For tests: 80 images, 36 clips of 64 x 64 px, 12 scenes. */
        public static final Size TINY =
                new Size(new Images(6, 2, 64, 64), new Clips(2, 1, 16, 64), new Scenes(8, 4, 24, 96, 64));

        public Size {
            if (images.perClass() == 0 && clips.perClass() == 0 && scenes.count() == 0) {
                throw new IllegalArgumentException("a sample set without images, clips and scenes would be empty");
            }
        }

        /** Images and clips alone. */
        public Size(Images images, Clips clips) {
            this(images, clips, Scenes.NONE);
        }

        /** This size without clips. */
        public Size imagesOnly() {
            return new Size(images, Clips.NONE);
        }

        /** This size without images. */
        public Size clipsOnly() {
            return new Size(Images.NONE, clips);
        }

        /** The scenes of this size alone. */
        public Size scenesOnly() {
            return new Size(Images.NONE, Clips.NONE, scenes);
        }
    }

    /**
     * Number and size of images. Width and height of each are drawn from the range.
     *
     * @param train for training, of each class
     * @param val for validation, of each class
     * @param minSide in pixels
     * @param maxSide in pixels
     */
    public record Images(int train, int val, int minSide, int maxSide) {
        /** No images. */
        public static final Images NONE = new Images(0, 0, 16, 16);

        public Images {
            checkCounts("images", train, val);
            if (minSide < 16 || maxSide < minSide || maxSide > 4096) {
                throw new IllegalArgumentException(
                        "sample images need sides of 16 to 4096 px, smallest first, got " + minSide + " to " + maxSide);
            }
        }

        int perClass() {
            return train + val;
        }
    }

    /**
     * Number, length and size of clips, which are square.
     *
     * @param train for training, of each class
     * @param val for validation, of each class
     * @param frames in each clip, at 25 per second
     * @param side in pixels, even
     */
    public record Clips(int train, int val, int frames, int side) {
        /** No clips. */
        public static final Clips NONE = new Clips(0, 0, 2, 16);

        public Clips {
            checkCounts("clips", train, val);
            if (side < 16 || side > 1024 || side % 2 != 0) {
                throw new IllegalArgumentException("sample clips need an even side of 16 to 1024 px, got " + side);
            }
            if (frames < 2 || frames > 600) {
                throw new IllegalArgumentException("sample clips need 2 to 600 frames to move in, got " + frames);
            }
        }

        int perClass() {
            return train + val;
        }
    }

    /**
     * Number, length and size of clips with boxes.
     *
     * @param train for training
     * @param val for validation
     * @param frames in each, at 25 per second
     * @param width in pixels, even
     * @param height in pixels, even
     */
    public record Scenes(int train, int val, int frames, int width, int height) {
        /** No scenes. */
        public static final Scenes NONE = new Scenes(0, 0, 2, 16, 16);

        public Scenes {
            checkCounts("scenes", train, val);
            new Clips(0, 0, frames, width); // refuses
            new Clips(0, 0, frames, height);
        }

        int count() {
            return train + val;
        }
    }

    private enum Split {
        TRAIN,
        VAL;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** One file. */
    private record Item(SampleClass type, Split split, int index) {
        Path folder(Path root) {
            return root.resolve(type.medium()).resolve(split.label()).resolve(type.label());
        }

        Path file(Path root) {
            return folder(root).resolve(type.file(index));
        }

        Random random(long seed) {
            return new Random(SampleNoise.seed(
                    seed,
                    type.medium().hashCode(),
                    type.label().hashCode(),
                    split.label().hashCode(),
                    index));
        }
    }

    private final Size size;
    private final long seed;

    private SampleSet(Size size, long seed) {
        this.size = size;
        this.seed = seed;
    }

    /** The names of the image classes, sorted: shape and texture. */
    public static List<String> imageClasses() {
        return SampleClass.ofImages().stream().map(SampleClass::label).toList();
    }

    /** The names of the clip classes, sorted: texture and motion. */
    public static List<String> clipClasses() {
        return SampleClass.ofClips().stream().map(SampleClass::label).toList();
    }

    /** The names of the actions in scenes, by number: the motions. */
    public static List<String> actions() {
        return Arrays.stream(Motion.values()).map(Motion::label).toList();
    }

    /** Writes the set of {@link #SEED}; see {@link #write(Path, Size, long)}. */
    public static void write(Path folder, Size size) throws IOException {
        write(folder, size, SEED);
    }

    /**
     * Writes a set. It is made in a temporary sibling folder and renamed when complete, so {@code folder} never holds a
     * part.
     *
     * @param folder must not exist, or be empty; missing parents are created
     * @throws FileAlreadyExistsException if {@code folder} is not empty, now or when the set is complete
     * @throws InterruptedIOException if the thread is interrupted; nothing is left behind
     * @throws IOException if a file cannot be written; nothing is left behind
     */
    public static void write(Path folder, Size size, long seed) throws IOException {
        WholeFolder whole = new WholeFolder(folder);
        if (!whole.isFree() || !new SampleSet(size, seed).fill(whole)) {
            throw new FileAlreadyExistsException(
                    folder.toString(),
                    null,
                    "a sample set is written to a new or an empty folder, and this is neither");
        }
    }

    /** Whether the folder holds this version's complete set of this size and {@link #SEED}. */
    public static boolean isComplete(Path folder, Size size) throws IOException {
        return isComplete(folder, size, SEED);
    }

    /** Whether the folder holds this version's complete set of this size and seed. */
    public static boolean isComplete(Path folder, Size size, long seed) throws IOException {
        return new SampleSet(size, seed).isIn(folder);
    }

    /** The folder of the set of {@link #SEED}; see {@link #ensure(Path, Size, long)}. */
    public static Path ensure(Path cache, Size size) throws IOException {
        return ensure(cache, size, SEED);
    }

    /**
     * The folder of a set, which is made now if it is missing or lacks a file.
     *
     * <p>If several processes call this at once, each makes a set, and all get the first that is complete.
     *
     * @param cache folder with one folder for each size and seed; created if missing
     * @return a folder inside {@code cache}
     * @throws InterruptedIOException if the thread is interrupted; nothing is left behind
     * @throws IOException if a file cannot be written; nothing is left behind
     */
    public static Path ensure(Path cache, Size size, long seed) throws IOException {
        SampleSet set = new SampleSet(size, seed);
        Path folder = cache.resolve(set.name());
        if (set.isIn(folder)) {
            return folder;
        }
        AtomicFile.folder(cache);
        WholeFolder whole = new WholeFolder(folder);
        whole.removeAbandoned();
        if (!whole.isFree()) {
            try {
                whole.remove();
            } catch (NoSuchFileException gone) {
                // Another process found the same damage first.
            }
        }
        if (!set.fill(whole) && !set.isIn(folder)) {
            throw new FileAlreadyExistsException(folder.toString(), null, "is in the way of the sample set");
        }
        return folder;
    }

    /** Whether {@link #ensure(Path, Size)} has nothing to make. */
    public static boolean isReady(Path cache, Size size) throws IOException {
        SampleSet set = new SampleSet(size, SEED);
        return set.isIn(cache.resolve(set.name()));
    }

    /** A signal that ends the process while this goes on leaves nothing behind either. */
    private boolean fill(WholeFolder whole) throws IOException {
        Thread maker = Thread.currentThread();
        CountDownLatch cleaned = new CountDownLatch(1);
        Thread ending = new Thread(
                () -> {
                    maker.interrupt();
                    try {
                        cleaned.await(CLEANING_SECONDS, TimeUnit.SECONDS);
                    } catch (InterruptedException given) {
                        Thread.currentThread().interrupt();
                    }
                },
                "end of sample set");
        Runtime.getRuntime().addShutdownHook(ending);
        try {
            return whole.fill(this::generate);
        } finally {
            cleaned.countDown();
            try {
                Runtime.getRuntime().removeShutdownHook(ending);
            } catch (IllegalStateException endsNow) {
                // It runs already.
            }
        }
    }

    private String kind() {
        boolean several = Stream.of(size.images.perClass(), size.clips.perClass(), size.scenes.count())
                        .filter(count -> count > 0)
                        .count()
                > 1;
        return several
                ? "the sample set"
                : size.images.perClass() > 0
                        ? "sample images"
                        : size.clips.perClass() > 0 ? "sample clips" : "sample scenes";
    }

    /** Names everything on which the files depend. */
    private String name() {
        Images images = size.images;
        Clips clips = size.clips;
        StringBuilder name = new StringBuilder(); // only characters that every file system allows
        name.append(String.format(Locale.ROOT, "samples-v%d-seed%d", VERSION, seed));
        if (images.perClass() > 0) {
            name.append(String.format(
                    Locale.ROOT, "-images%d+%d-%d..%dpx", images.train, images.val, images.minSide, images.maxSide));
        }
        if (clips.perClass() > 0) {
            name.append(String.format(
                    Locale.ROOT, "-clips%d+%d-%dx%dpx", clips.train, clips.val, clips.frames, clips.side));
        }
        if (size.scenes.count() > 0) {
            name.append(String.format(
                    Locale.ROOT,
                    "-scenes%d+%d-%dx%dx%dpx",
                    size.scenes.train,
                    size.scenes.val,
                    size.scenes.frames,
                    size.scenes.width,
                    size.scenes.height));
        }
        return name.toString();
    }

    private boolean isIn(Path folder) throws IOException {
        Path marker = folder.resolve(MARKER);
        if (!Files.isRegularFile(marker) || !Files.readString(marker).strip().equals(name())) {
            return false;
        }
        for (Item item : items()) {
            Path file = item.file(folder);
            if (!Files.isRegularFile(file) || Files.size(file) == 0) {
                return false;
            }
        }
        return true;
    }

    private List<Item> items() {
        List<Item> items = new ArrayList<>();
        for (SampleClass type : SampleClass.ofImages()) {
            add(items, type, size.images.train, size.images.val);
        }
        for (SampleClass type : SampleClass.ofClips()) {
            add(items, type, size.clips.train, size.clips.val);
        }
        add(items, new SampleClass.Acting(), size.scenes.train, size.scenes.val);
        return items;
    }

    private static void add(List<Item> items, SampleClass type, int train, int val) {
        for (int index = 0; index < train; index++) {
            items.add(new Item(type, Split.TRAIN, index));
        }
        for (int index = 0; index < val; index++) {
            items.add(new Item(type, Split.VAL, index));
        }
    }

    private void generate(Path root) throws IOException {
        List<Item> items = items();
        for (Item item : items) {
            AtomicFile.folder(item.folder(root));
        }
        ExecutorService threads =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        try (Doing doing = Doing.begin("generating " + kind())) {
            CompletionService<Void> written = new ExecutorCompletionService<>(threads);
            for (Item item : items) {
                written.submit(() -> {
                    item.type.write(item.file(root), item.index, item.random(seed), size);
                    return null;
                });
            }
            for (int i = 0; i < items.size(); i++) {
                written.take().get();
                doing.at(i + 1L, items.size());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            InterruptedIOException stopped =
                    new InterruptedIOException("stopped while generating the sample set, of which nothing is left");
            stopped.initCause(interrupted);
            throw stopped;
        } catch (ExecutionException failed) {
            throw new IOException("cannot write the sample set: " + failed.getCause(), failed.getCause());
        } finally {
            stop(threads);
        }
        if (size.scenes.count() > 0) {
            SceneBoxes.write(
                    root.resolve("scenes"),
                    size.scenes,
                    (training, index) ->
                            new Item(new SampleClass.Acting(), training ? Split.TRAIN : Split.VAL, index).random(seed));
        }
        AtomicFile.writeText(root.resolve("README.txt"), readme());
        AtomicFile.writeText(root.resolve(MARKER), name() + "\n");
    }

    private static void checkCounts(String medium, int train, int val) {
        if (train < 0 || val < 0 || train > 10_000 || val > 10_000) {
            throw new IllegalArgumentException("sample " + medium
                    + " of each class: 0 to 10000 for training and for validation, got " + train + " and " + val);
        }
    }

    // Waits for writers to finish their file before the folder may be deleted.
    private static void stop(ExecutorService threads) {
        threads.shutdownNow();
        boolean interrupted = false;
        boolean stopped = false;
        while (!stopped) {
            try {
                stopped = threads.awaitTermination(1, TimeUnit.MINUTES);
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private String readme() {
        StringBuilder text = new StringBuilder();
        text.append("Sample set of MaskFeat for the JVM, version ").append(VERSION);
        text.append(", seed ").append(seed).append(".\n\n");
        text.append("Generated: it contains no data of other people, and the same version, size and seed\n");
        text.append("make it again. The folder's name for it: ").append(name()).append("\n");
        if (size.images.perClass() > 0) {
            text.append("\nimages/<split>/<class>/: a large textured shape before a textured ground.\n");
            text.append(
                    "The class is shape and texture together; neither alone decides. Colours, place, size, angle,\n");
            text.append("light, noise, ground and the smaller shapes have the same distribution in all classes.\n");
            counts(text, size.images.train, size.images.val, imageClasses());
        }
        if (size.clips.perClass() > 0) {
            text.append("\nclips/<split>/<class>/: a textured shape in motion, ")
                    .append(size.clips.frames);
            text.append(" frames at ").append(SampleScene.FRAME_RATE).append(" a second.\n");
            text.append(
                    "The class is texture and kind of motion together; neither alone decides, nor does one frame.\n");
            counts(text, size.clips.train, size.clips.val, clipClasses());
        }
        if (size.scenes.count() > 0) {
            text.append("\nscenes/<split>/: one to three objects, each with a motion of its own, ")
                    .append(size.scenes.frames);
            text.append(" frames at ").append(SampleScene.FRAME_RATE).append(" a second.\n");
            text.append("scenes/ava_<split>.csv: boxes and actions in AVA's form, the time in decimal seconds.\n");
            text.append(
                    "scenes/ava_val_predicted_boxes.csv: the boxes of a made-up detector, shifted and with false\n");
            text.append("ones among them. scenes/label_map.pbtxt: the actions, which are the motions.\n");
            text.append("train: ")
                    .append(size.scenes.train)
                    .append(", val: ")
                    .append(size.scenes.val)
                    .append("\n");
        }
        return text.toString();
    }

    private static void counts(StringBuilder text, int train, int val, List<String> classes) {
        text.append("train: ")
                .append(train)
                .append(" of each class, val: ")
                .append(val)
                .append(" of each class\n");
        text.append("classes (").append(classes.size()).append("):\n");
        for (String label : classes) {
            text.append("  ").append(label).append('\n');
        }
    }
}
