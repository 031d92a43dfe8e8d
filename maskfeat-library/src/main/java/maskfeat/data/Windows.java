package maskfeat.data;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.SortedSet;
import java.util.TreeSet;
import maskfeat.media.Frames;
import maskfeat.media.MediaSource;
import maskfeat.media.Timeline;
import maskfeat.media.VideoInfo;

/**
 * Clips that slide over a long video, from its beginning to its end.
 *
 * <p>A window is as long as a clip of the {@link ClipSampler}, and its frames are those that the sampler takes of that
 * part of the video. Clips without a length of their own are given one, {@value #USUAL_SECONDS} s unless told. Windows
 * begin at equal distances, the first with the video; the last one ends with it, so that it begins sooner after the one
 * before. A video no longer than a window, give or take half a frame, is one
 * window: the clip in its middle.
 *
 * <p>Time counts from the first frame at the video's average rate, also where frames come at uneven distances: frame n is
 * at {@code n / rate}, and the video ends at {@code frames / rate}.
 *
 * <p>Each frame is decoded once, several windows at a time, and frames of as many windows as fit in some 100 MB are in
 * memory, however long the video is. The frames are the same bytes as those of each window read by itself. For one
 * thread.
 */
public final class Windows implements Closeable {
    /** Length of the windows of clips without a length of their own, in seconds. */
    public static final double USUAL_SECONDS = 4;

    private static final long MEMORY = 100L << 20;

    // Starts nearer to the last one than this, in frames, would give the same frames again.
    private static final double SAME_FRAME = 0.5;

    /**
     * How windows lie.
     *
     * @param stride seconds from the beginning of each window to that of the next; empty for half a window
     * @param length of a window in seconds, for clips without a length of their own alone; empty for {@value #USUAL_SECONDS}
     */
    public record Sliding(OptionalDouble stride, OptionalDouble length) {
        /** Windows that overlap by half. */
        public static final Sliding BY_HALVES = new Sliding(OptionalDouble.empty(), OptionalDouble.empty());

        public Sliding {
            check("a stride", stride);
            check("a window", length);
        }

        /** Windows at a distance. */
        public static Sliding every(double strideSeconds) {
            return new Sliding(OptionalDouble.of(strideSeconds), OptionalDouble.empty());
        }

        private static void check(String what, OptionalDouble seconds) {
            if (seconds.isPresent() && !(seconds.getAsDouble() > 0 && Double.isFinite(seconds.getAsDouble()))) {
                throw new IllegalArgumentException(
                        what + " of " + seconds.getAsDouble() + " s must be longer than nothing, and finite");
            }
        }

        /**
         * Refuses what does not go with a sampler.
         *
         * @throws IllegalArgumentException if it reads images, or has a length of its own and one is given
         */
        public void check(ClipSampler clip) {
            if (clip instanceof StillImage) {
                throw new IllegalArgumentException("windows slide over videos, and this network reads images");
            }
            if (length.isPresent() && !(clip instanceof SegmentClip)) {
                throw new IllegalArgumentException("a window of " + length.getAsDouble()
                        + " s would do nothing: the clips of this network have a length of their own, " + words(clip));
            }
        }

        private static String words(ClipSampler clip) {
            if (clip instanceof TimedClip timed) {
                return String.format(
                        Locale.ROOT,
                        "%d frames over %.4g s",
                        timed.frames(),
                        (double) timed.frames() * timed.stride() / timed.rate());
            }
            return clip instanceof StridedClip strided
                    ? strided.frames() + " frames, each " + strided.stride() + " after the one before"
                    : clip.frames() + " frames";
        }
    }

    /**
     * A part of a video.
     *
     * @param startSeconds from the beginning of the video
     * @param endSeconds from the beginning of the video, after the start
     * @param frames [T, H, W, 3], upright RGB, those that the sampler takes
     */
    public record WindowClip(double startSeconds, double endSeconds, Frames frames) {}

    /** Where a frame lies in memory. */
    private record Place(Frames frames, int index) {}

    private final Footage footage;
    private final ClipSampler clip;
    private final Timeline timeline;
    private final double length;
    private final double stride;
    private final double last;
    private final int count;
    private final int framesTogether;
    private Map<Integer, Place> decoded = new HashMap<>();
    private int decodedWindows;
    private int given;

    private Windows(Footage footage, ClipSampler clip, Sliding sliding, long memory) {
        this.footage = footage;
        this.clip = clip;
        timeline = footage.info().timeline();
        double rate = timeline.rate();
        length = clip.length(timeline).orElse(Math.max(1, sliding.length.orElse(USUAL_SECONDS) * rate));
        stride = sliding.stride.isPresent() ? sliding.stride.getAsDouble() * rate : length / 2;
        last = Math.max(0, timeline.frames() - length);
        if (stride < SAME_FRAME) {
            throw new IllegalArgumentException(
                    "a stride of " + stride / rate + " s is less than a frame: the video has " + rate + " a second");
        }
        count = (int) Math.max(0, Math.ceil((last - SAME_FRAME) / stride)) + 1;
        framesTogether = (int) Math.min(Integer.MAX_VALUE, Math.max(1, memory / frameBytes(footage.info())));
    }

    private static long frameBytes(VideoInfo info) {
        double scale = Math.min(1, (double) VideoDataset.SHORT_SIDE / Math.min(info.width(), info.height()));
        return (long) Math.ceil(scale * info.width() * scale * info.height() * Frames.CHANNELS);
    }

    /**
     * Opens a video, or a folder of frames.
     *
     * @return to be closed by the caller
     * @throws IllegalArgumentException if the windows do not go with the sampler, or are less than a frame apart
     * @throws IOException naming the file, if it cannot be used
     */
    public static Windows open(Path video, ClipSampler clip, Sliding sliding) throws IOException {
        return open(MediaSource.of(video), clip, sliding);
    }

    /** As above, of a file or of bytes in memory. */
    public static Windows open(MediaSource video, ClipSampler clip, Sliding sliding) throws IOException {
        return open(video, clip, sliding, MEMORY);
    }

    /**
     * As above, where less memory is to be had.
     *
     * @param memory bytes of the frames that are decoded together; of one window at least
     */
    public static Windows open(MediaSource video, ClipSampler clip, Sliding sliding, long memory) throws IOException {
        sliding.check(clip);
        Footage footage = Footage.open(video);
        try {
            return new Windows(footage, clip, sliding, memory);
        } catch (RuntimeException refused) {
            footage.close();
            throw refused;
        }
    }

    /** What is known of the video. */
    public VideoInfo info() {
        return footage.info();
    }

    /** How many windows there are in all, at least 1. */
    public int count() {
        return count;
    }

    /** Length of a window in seconds; that of the video where it is shorter. */
    public double seconds() {
        return Math.min(length, timeline.frames()) / timeline.rate();
    }

    /** Whether there is another. */
    public boolean hasNext() {
        return given < count;
    }

    /**
     * The next window, by time.
     *
     * @throws NoSuchElementException if there is none
     * @throws IOException naming the file, if it cannot be decoded
     */
    public WindowClip next() throws IOException {
        if (!hasNext()) {
            throw new NoSuchElementException("there are only " + count + " windows");
        }
        if (given == decodedWindows) {
            decodeSome();
        }
        double start = start(given);
        double end = Math.min(start + length, timeline.frames());
        Frames frames = together(numbers(given));
        given++;
        return new WindowClip(start / timeline.rate(), end / timeline.rate(), frames);
    }

    /** First frame of a window, not always whole. */
    private double start(int window) {
        return window == count - 1 ? last : window * stride;
    }

    private int[] numbers(int window) {
        return count == 1 ? clip.view(timeline, 0, 1) : clip.part(timeline, start(window), length);
    }

    private void decodeSome() throws IOException {
        TreeSet<Integer> wanted = new TreeSet<>();
        int end = decodedWindows;
        do {
            for (int number : numbers(end)) {
                wanted.add(number);
            }
            end++;
        } while (end < count && wanted.size() + clip.frames() <= framesTogether);
        decode(wanted);
        decodedWindows = end;
    }

    /** Of the frames decoded before, those wanted again are kept. */
    private void decode(SortedSet<Integer> wanted) throws IOException {
        Map<Integer, Place> there = new HashMap<>();
        for (int number : wanted) {
            Place before = decoded.get(number);
            if (before != null) {
                there.put(number, before);
            }
        }
        int[] missing = wanted.stream()
                .filter(number -> !there.containsKey(number))
                .mapToInt(Integer::intValue)
                .toArray();
        decoded = there;
        if (missing.length > 0) {
            Frames frames = footage.frames(missing);
            for (int i = 0; i < missing.length; i++) {
                there.put(missing[i], new Place(frames, i));
            }
        }
    }

    private Frames together(int[] numbers) {
        Frames one = place(numbers[0]).frames;
        int bytes = one.height() * one.width() * Frames.CHANNELS;
        byte[] rgb = new byte[Math.multiplyExact(numbers.length, bytes)];
        for (int i = 0; i < numbers.length; i++) {
            Place place = place(numbers[i]);
            System.arraycopy(place.frames.rgb(), place.index * bytes, rgb, i * bytes, bytes);
        }
        return new Frames(numbers.length, one.height(), one.width(), rgb);
    }

    private Place place(int number) {
        return Objects.requireNonNull(decoded.get(number));
    }

    @Override
    public void close() throws IOException {
        footage.close();
    }
}
