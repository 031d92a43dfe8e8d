package maskfeat.eval;

import java.util.ArrayList;
import java.util.List;

/**
 * What a network says over the time of a long video, from windows that slide over it.
 *
 * <p>Consecutive windows with the same class of the highest score become one segment, whether or not they overlap. A
 * segment begins where its first window begins and ends where its last one ends, but where that window and its
 * neighbour of another class overlap: there both segments meet in the middle between the centres of the two windows, so
 * that each moment belongs to the window whose centre is nearest; with windows of differing lengths this middle is kept
 * within the overlap. What no window saw before, between or after windows of differing classes belongs to no segment.
 */
public final class PredictionTimeline {
    private final List<ScoredWindow> windows;
    private final float[] scores;
    private final List<Segment> segments;

    /**
     * What a network says of a part of a video.
     *
     * @param startSeconds from the beginning of the video
     * @param endSeconds from the beginning of the video, after the start
     * @param scores [classes], probabilities as {@link Prediction} has them, and copied as there
     */
    @SuppressWarnings("ArrayRecordComponent") // one number a class; nobody compares windows with equals
    public record ScoredWindow(double startSeconds, double endSeconds, float[] scores) {
        /** @throws IllegalArgumentException if the times are not finite and ascending, or the scores no probabilities */
        public ScoredWindow {
            if (!Double.isFinite(startSeconds) || !Double.isFinite(endSeconds) || startSeconds >= endSeconds) {
                throw new IllegalArgumentException(
                        "a window from " + startSeconds + " s to " + endSeconds + " s must end after it begins");
            }
            Scores.check("the window from " + startSeconds + " s to " + endSeconds + " s", scores);
            scores = scores.clone();
        }

        /** Number of the class of the highest score, the lowest such class where several share it. */
        public int top() {
            return Scores.top(scores);
        }

        double centre() {
            return startSeconds + (endSeconds - startSeconds) / 2;
        }
    }

    /**
     * A part of the video that is of one class.
     *
     * @param startSeconds from the beginning of the video
     * @param endSeconds from the beginning of the video, after the start
     * @param top number of the class
     * @param score mean score of that class over the segment's windows, each counting equally
     * @param windows how many
     */
    public record Segment(double startSeconds, double endSeconds, int top, double score, int windows) {}

    private PredictionTimeline(List<ScoredWindow> windows) {
        this.windows = windows;
        scores = Mean.of(windows.stream().map(ScoredWindow::scores).toList());
        segments = segments(windows);
    }

    /**
     * Puts windows together.
     *
     * @param windows by time: each begins after the one before it, and does not end before that
     * @throws IllegalArgumentException if there is no window, two are out of order, or two have scores of differing
     *     numbers of classes
     */
    public static PredictionTimeline of(List<ScoredWindow> windows) {
        if (windows.isEmpty()) {
            throw new IllegalArgumentException("no windows: the predictions of a video need at least one");
        }
        for (int i = 1; i < windows.size(); i++) {
            ScoredWindow before = windows.get(i - 1);
            ScoredWindow window = windows.get(i);
            if (window.startSeconds() <= before.startSeconds() || window.endSeconds() < before.endSeconds()) {
                throw new IllegalArgumentException("the window from " + window.startSeconds() + " s to "
                        + window.endSeconds() + " s comes after that from " + before.startSeconds() + " s to "
                        + before.endSeconds() + " s; each must begin after the one before it and not end before that");
            }
            if (window.scores().length != before.scores().length) {
                throw new IllegalArgumentException("the window from " + window.startSeconds() + " s has "
                        + window.scores().length + " scores and the one before it " + before.scores().length
                        + "; there must be one for each class");
            }
        }
        return new PredictionTimeline(List.copyOf(windows));
    }

    /** The windows, as given. */
    public List<ScoredWindow> windows() {
        return windows;
    }

    /**
     * The scores of the whole video: the mean over the windows, each counting equally, however they overlap.
     *
     * @return [classes], a new array
     */
    public float[] scores() {
        return scores.clone();
    }

    /** By time, at least one. Neighbours are of differing classes and do not overlap. */
    public List<Segment> segments() {
        return segments;
    }

    private static List<Segment> segments(List<ScoredWindow> windows) {
        List<Segment> segments = new ArrayList<>();
        int first = 0;
        for (int next = 1; next <= windows.size(); next++) {
            if (next == windows.size()
                    || windows.get(next).top() != windows.get(first).top()) {
                segments.add(segment(windows, first, next));
                first = next;
            }
        }
        return List.copyOf(segments);
    }

    /** @param next number of the first window that is not of the segment */
    private static Segment segment(List<ScoredWindow> windows, int first, int next) {
        ScoredWindow begin = windows.get(first);
        ScoredWindow end = windows.get(next - 1);
        double start = first > 0 && overlap(windows.get(first - 1), begin)
                ? border(windows.get(first - 1), begin)
                : begin.startSeconds();
        double stop = next < windows.size() && overlap(end, windows.get(next))
                ? border(end, windows.get(next))
                : end.endSeconds();
        double score = windows.subList(first, next).stream()
                .mapToDouble(window -> window.scores()[begin.top()])
                .average()
                .orElseThrow();
        return new Segment(start, stop, begin.top(), score, next - first);
    }

    private static boolean overlap(ScoredWindow window, ScoredWindow next) {
        return next.startSeconds() < window.endSeconds();
    }

    private static double border(ScoredWindow window, ScoredWindow next) {
        double middle = (window.centre() + next.centre()) / 2;
        return Math.max(next.startSeconds(), Math.min(window.endSeconds(), middle));
    }
}
