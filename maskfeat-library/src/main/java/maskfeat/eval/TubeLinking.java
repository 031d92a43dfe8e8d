package maskfeat.eval;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * Links the boxes of one class in the frames of a video to tubes, as ACT does with boxes of single frames (Kalogeiton et al.
 * 2017): in each frame the tube with the highest mean score chooses first, and takes the box with the highest score of those
 * that overlap its last one enough.
 *
 * @param overlap intersection over union with a tube's last box from which a box continues it
 * @param patience frames in a row without a box after which a tube ends; frames without one before are filled in
 *     linearly
 * @param most boxes of a frame that may begin or continue tubes, those with the highest scores
 * @param suppression intersection over union with a better box of the frame from which a box is left out
 */
public record TubeLinking(double overlap, int patience, int most, double suppression) {
    /** ACT's values, but for its confidence threshold: every tube is kept, and ranked by its mean score. */
    public static final TubeLinking ACT = new TubeLinking(0.5, 5, 10, 0.3);

    /**
     * A box of a frame.
     *
     * @param box in pixels
     * @param score of the class
     */
    public record Scored(Corners box, double score) {}

    private static final class Growing {
        final List<Integer> frames = new ArrayList<>();
        final List<Corners> boxes = new ArrayList<>();
        double sum;
        int taken;
        int missed;

        Growing(int frame, Scored first) {
            take(frame, first);
        }

        void take(int frame, Scored next) {
            if (!frames.isEmpty()) {
                fill(frame, next.box);
            }
            frames.add(frame);
            boxes.add(next.box);
            sum += next.score;
            taken++;
            missed = 0;
        }

        private void fill(int until, Corners to) {
            int before = frames.get(frames.size() - 1);
            Corners from = last();
            for (int frame = before + 1; frame < until; frame++) {
                double part = (double) (frame - before) / (until - before);
                frames.add(frame);
                boxes.add(new Corners(
                        between(from.x1(), to.x1(), part),
                        between(from.y1(), to.y1(), part),
                        between(from.x2(), to.x2(), part),
                        between(from.y2(), to.y2(), part)));
            }
        }

        private static double between(double from, double to, double part) {
            return from + part * (to - from);
        }

        Corners last() {
            return boxes.get(boxes.size() - 1);
        }

        double score() {
            return sum / taken;
        }
    }

    /**
     * Links one class of one video.
     *
     * @param video its name
     * @param detections boxes by frame number
     * @return tubes, highest score first
     */
    public List<Tube> link(String video, SortedMap<Integer, List<Scored>> detections) {
        List<Growing> alive = new ArrayList<>();
        List<Growing> ended = new ArrayList<>();
        int before = 0;
        for (Map.Entry<Integer, List<Scored>> frame : detections.entrySet()) {
            int passed = alive.isEmpty() ? 1 : frame.getKey() - before;
            before = frame.getKey();
            List<Scored> left = best(frame.getValue());
            alive.sort(Comparator.comparingDouble(Growing::score).reversed());
            for (Growing tube : alive) {
                tube.missed += passed;
                Scored next = null;
                for (Scored candidate : left) {
                    if (tube.missed <= patience + 1
                            && candidate.box.iou(tube.last(), 1) >= overlap
                            && (next == null || candidate.score > next.score)) {
                        next = candidate;
                    }
                }
                if (next != null) {
                    tube.take(frame.getKey(), next);
                    left.remove(next);
                }
            }
            for (Growing tube : List.copyOf(alive)) {
                if (tube.missed > patience) {
                    alive.remove(tube);
                    ended.add(tube);
                }
            }
            left.forEach(first -> alive.add(new Growing(frame.getKey(), first)));
        }
        ended.addAll(alive);
        ended.sort(Comparator.comparingDouble(Growing::score).reversed());
        return ended.stream()
                .map(tube -> new Tube(video, tube.frames, tube.boxes, tube.score()))
                .toList();
    }

    /** The best boxes of a frame that do not overlap a better one. */
    private List<Scored> best(List<Scored> boxes) {
        List<Scored> sorted = new ArrayList<>(boxes);
        sorted.sort(Collections.reverseOrder(Comparator.comparingDouble(Scored::score)));
        List<Scored> kept = new ArrayList<>();
        for (Scored box : sorted) {
            if (kept.size() < most && kept.stream().noneMatch(better -> better.box.iou(box.box, 1) > suppression)) {
                kept.add(box);
            }
        }
        return kept;
    }
}
