package maskfeat.media;

/**
 * When the frames of a video are shown.
 *
 * @param rate frames a second, on average over the video
 * @param seconds [frames], time of each from the first one, ascending; the first is 0
 */
@SuppressWarnings("ArrayRecordComponent") // one number a frame; nobody compares timelines with equals
public record Timeline(double rate, double[] seconds) {
    public Timeline {
        if (!(rate > 0 && rate < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("a rate of " + rate + " frames a second must be finite and above 0");
        }
        if (seconds.length == 0) {
            throw new IllegalArgumentException("a video has at least one frame");
        }
    }

    /** Frames at equal distances. */
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

    /** Length of the video in seconds, the last frame being shown as long as an average one. */
    public double duration() {
        return seconds.length / rate;
    }
}
