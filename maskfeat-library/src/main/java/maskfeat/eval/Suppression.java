package maskfeat.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;

/**
 * What is left of detections after non-maximum suppression: of boxes on the same thing, the best.
 *
 * @param boxes detections that are left, in the order in which they were
 * @param sentence what was suppressed, for a person; empty where the rules have no suppression
 */
public record Suppression(FrameBoxes boxes, String sentence) {
    /** A box of a frame with its rows of all classes. */
    private static final class Whole {
        final Corners box;
        final List<int[]> rows = new ArrayList<>();
        double confidence = Double.NEGATIVE_INFINITY;

        Whole(Corners box) {
            this.box = box;
        }
    }

    /** The n-th time that a class has this box in this frame. */
    private record Place(String frame, Corners box, int time) {}

    /** Leaves all as it is. */
    static Suppression none(FrameBoxes boxes) {
        return new Suppression(boxes, "");
    }

    /**
     * Removes whole boxes, whatever their classes. The confidence of a box is its highest score of any class.
     *
     * @param least confidence below which a box is removed
     * @param most overlap with a more confident box of the frame that was kept, above which a box is removed
     */
    static Suppression ofBoxes(FrameBoxes detections, double least, double most) {
        Map<String, List<Whole>> frames = wholes(detections);
        double[][] scores = scores(detections);
        int all = 0;
        int unsure = 0;
        int covered = 0;
        for (List<Whole> frame : frames.values()) {
            List<Whole> sorted = new ArrayList<>(frame);
            sorted.sort(Comparator.comparingDouble(box -> -box.confidence)); // of equal ones the earlier stays first
            List<Whole> kept = new ArrayList<>();
            for (Whole box : sorted) {
                all++;
                if (box.confidence < least) {
                    unsure++;
                } else if (kept.stream().anyMatch(better -> better.box.iou(box.box, 0) > most)) {
                    covered++;
                } else {
                    kept.add(box);
                    continue;
                }
                box.rows.forEach(row -> scores[row[0]][row[1]] = Double.NaN);
            }
        }
        return new Suppression(
                detections.rescored(scores),
                "of " + all + " boxes, non-maximum suppression removed " + covered + " that overlap a better one of"
                        + " their frame by more than " + most + ", and " + unsure + " without a score of " + least);
    }

    private static Map<String, List<Whole>> wholes(FrameBoxes detections) {
        Map<Place, Whole> places = new HashMap<>();
        Map<String, List<Whole>> frames = new LinkedHashMap<>();
        for (int c = 0; c < detections.classes(); c++) {
            Map<Place, Integer> times = new HashMap<>();
            for (int row = 0; row < detections.size(c); row++) {
                String frame = detections.frame(c, row);
                Corners box = detections.box(c, row);
                int time = times.merge(new Place(frame, box, 0), 1, Integer::sum);
                Whole whole = places.computeIfAbsent(new Place(frame, box, time), place -> {
                    Whole made = new Whole(box);
                    frames.computeIfAbsent(frame, name -> new ArrayList<>()).add(made);
                    return made;
                });
                whole.rows.add(new int[] {c, row});
                whole.confidence = Math.max(whole.confidence, detections.score(c, row));
            }
        }
        return frames;
    }

    /**
     * Lowers scores, each class by itself: a detection that overlaps a better one of its class and frame loses the share
     * of its score by which it does. Each is lowered once, and one that was lowers no other.
     *
     * @param most overlap above which a detection is lowered
     */
    static Suppression ofScores(FrameBoxes detections, double most, ToDoubleBiFunction<Corners, Corners> iou) {
        double[][] scores = scores(detections);
        long lowered = 0;
        for (int c = 0; c < detections.classes(); c++) {
            Map<String, List<Integer>> frames = new HashMap<>();
            for (int row = 0; row < detections.size(c); row++) {
                frames.computeIfAbsent(detections.frame(c, row), name -> new ArrayList<>())
                        .add(row);
            }
            double[] ofClass = scores[c].clone();
            for (List<Integer> frame : frames.values()) {
                List<Integer> sorted = new ArrayList<>(frame);
                sorted.sort(Comparator.comparingDouble(row -> -ofClass[row]));
                List<Integer> kept = new ArrayList<>();
                for (int row : sorted) {
                    double overlap = 0;
                    for (int better : kept) {
                        overlap = iou.applyAsDouble(detections.box(c, better), detections.box(c, row));
                        if (overlap > most) {
                            break;
                        }
                    }
                    if (overlap > most) {
                        scores[c][row] *= 1 - overlap;
                        lowered++;
                    } else {
                        kept.add(row);
                    }
                }
            }
        }
        return new Suppression(
                detections.rescored(scores),
                "of " + detections.size() + " detections, soft non-maximum suppression lowered " + lowered
                        + " that overlap a better one of their class and frame by more than " + most
                        + "; it removes none");
    }

    private static double[][] scores(FrameBoxes boxes) {
        double[][] scores = new double[boxes.classes()][];
        Arrays.setAll(scores, c -> {
            double[] ofClass = new double[boxes.size(c)];
            Arrays.setAll(ofClass, row -> boxes.score(c, row));
            return ofClass;
        });
        return scores;
    }
}
