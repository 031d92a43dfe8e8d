package maskfeat.media;

/**
 * The times at which the frames of a video are shown.
 *
 * @param rate average frames per second
 * @param seconds [frames], time of each frame after the first, ascending; the first is 0
 */
@SuppressWarnings("ArrayRecordComponent") // one value per frame, never compared
public record Timeline(double rate, double[] seconds) {
    public Timeline {
        if (!(rate > 0 && rate < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("a rate of " + rate + " frames a second must be finite and above 0");
        }
        if (seconds.length == 0) {
            throw new IllegalArgumentException("a video has at least one frame");
        }
    }

    /** Frames at equal intervals. */
    public static Timeline regular(double rate, int frames) {
        double[] seconds = new double[frames];
        for (int i = 0; i < frames; i++) {
            seconds[i] = i / rate;
        }
        return new Timeline(rate, seconds);
    }

    /** Number of frames. */
    public int frames() {
        return seconds.length;
    }

    /**
     * Number of the frame that is on the screen at a time: the last that is shown by then, half a millisecond or a quarter of
     * a frame early at most, because containers round times; the first before it begins.
     */
    public int shownAt(double time) {
        double latest = time + Math.min(0.0005, 0.25 / rate);
        int low = 0;
        int high = seconds.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (seconds[middle] <= latest) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return Math.max(0, low - 1);
    }

    /** Length of the video in seconds, with an average duration for the last frame. */
    public double duration() {
        return seconds.length / rate;
    }
}
