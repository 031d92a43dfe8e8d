package maskfeat.data;

import java.util.Locale;

/**
 * Views of an item whose scores or features are averaged.
 *
 * @param temporal clips spread evenly over a video
 * @param spatial crops of each: 1, the middle, or 3 along the longer side
 */
public record Views(int temporal, int spatial) {
    /** One view: the middle of the image, or of the middle clip of a video. */
    public static final Views MIDDLE = new Views(1, 1);

    public Views {
        if (temporal < 1 || spatial != 1 && spatial != 3) {
            throw new IllegalArgumentException("views " + temporal + "x" + spatial
                    + " must be clips x crops, at least 1 clip, and 1 or 3 crops, such as 10x1 or 4x3");
        }
    }

    /** Reads what {@link #toString} writes. */
    public static Views parse(String text) {
        if (!text.strip().toLowerCase(Locale.ROOT).matches("\\d{1,4}x\\d{1,4}")) {
            throw new IllegalArgumentException("views '" + text + "' must be clips x crops, such as 1x1, 10x1 or 4x3");
        }
        String[] parts = text.strip().toLowerCase(Locale.ROOT).split("x");
        return new Views(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
    }

    /** Number of views of an item. */
    public int count() {
        return temporal * spatial;
    }

    /**
     * Checks that a network which reads such clips can be shown them.
     *
     * @throws IllegalArgumentException if it reads images and there are several clips
     */
    public void check(ClipSampler clip) {
        if (clip instanceof StillImage && temporal > 1) {
            throw new IllegalArgumentException("views " + this + ": an image has one moment; take 1x" + spatial);
        }
    }

    @Override
    public String toString() {
        return temporal + "x" + spatial;
    }
}
