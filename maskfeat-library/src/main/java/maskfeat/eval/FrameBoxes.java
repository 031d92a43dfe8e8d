package maskfeat.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Boxes with classes in frames of videos: the truth, or detections with scores. Rows keep the order in which they were added.
 * AVA's validation set has some six million detections, so rows are kept in arrays and frames and boxes once each.
 */
public final class FrameBoxes {
    /** The rows of one class. */
    static final class Rows {
        private int count;
        private int[] frames = new int[16];
        private int[] boxes = new int[16];
        private double[] scores = new double[16];

        private void add(int frame, int box, double score) {
            if (count == frames.length) {
                frames = Arrays.copyOf(frames, 2 * count);
                boxes = Arrays.copyOf(boxes, 2 * count);
                scores = Arrays.copyOf(scores, 2 * count);
            }
            frames[count] = frame;
            boxes[count] = box;
            scores[count++] = score;
        }

        int count() {
            return count;
        }
    }

    private final Rows[] classes;
    private final Map<String, Integer> frameNumbers = new HashMap<>();
    private final List<String> frameNames = new ArrayList<>();
    private final List<Corners> boxes = new ArrayList<>();

    /** @param classes how many there are */
    public FrameBoxes(int classes) {
        this.classes = new Rows[classes];
        Arrays.setAll(this.classes, c -> new Rows());
    }

    /** How many classes there are. */
    public int classes() {
        return classes.length;
    }

    /** A box of the truth. */
    public void add(String frame, Corners box, int classNumber) {
        add(frame, box, classNumber, Double.NaN);
    }

    /**
     * A detection.
     *
     * @param frame a name that is the same for all boxes of one frame, such as {@code video,0902}
     * @param classNumber counted from 0
     * @throws IllegalArgumentException if there is no such class
     */
    public void add(String frame, Corners box, int classNumber, double score) {
        if (classNumber < 0 || classNumber >= classes.length) {
            throw new IllegalArgumentException(
                    "class " + classNumber + " of a box in " + frame + " is none of 0 to " + (classes.length - 1));
        }
        if (boxes.isEmpty() || !boxes.get(boxes.size() - 1).equals(box)) {
            boxes.add(box);
        }
        classes[classNumber].add(number(frame), boxes.size() - 1, score);
    }

    /**
     * A box with a score for every class.
     *
     * @param scores [classes]
     */
    public void add(String frame, Corners box, float[] scores) {
        for (int c = 0; c < scores.length; c++) {
            add(frame, box, c, scores[c]);
        }
    }

    /**
     * The same rows with other scores; rows whose score is NaN are left out.
     *
     * @param scores [classes][rows]
     */
    FrameBoxes rescored(double[][] scores) {
        FrameBoxes copy = new FrameBoxes(classes.length);
        copy.frameNames.addAll(frameNames);
        copy.frameNumbers.putAll(frameNumbers);
        copy.boxes.addAll(boxes);
        for (int c = 0; c < classes.length; c++) {
            for (int row = 0; row < classes[c].count; row++) {
                if (!Double.isNaN(scores[c][row])) {
                    copy.classes[c].add(classes[c].frames[row], classes[c].boxes[row], scores[c][row]);
                }
            }
        }
        return copy;
    }

    private int number(String frame) {
        return frameNumbers.computeIfAbsent(frame, name -> {
            frameNames.add(name);
            return frameNames.size() - 1;
        });
    }

    /** Rows of all classes. */
    public long size() {
        return Arrays.stream(classes).mapToLong(Rows::count).sum();
    }

    /** Rows of one class. */
    public int size(int classNumber) {
        return classes[classNumber].count;
    }

    /** The frames that have boxes, by first appearance. */
    public List<String> frames() {
        return List.copyOf(frameNames);
    }

    /** One row, for a loop over {@link #size(int)}. */
    public String frame(int classNumber, int row) {
        return frameNames.get(classes[classNumber].frames[row]);
    }

    /** One row's box. */
    public Corners box(int classNumber, int row) {
        return boxes.get(classes[classNumber].boxes[row]);
    }

    /** One row's score; NaN in the truth. */
    public double score(int classNumber, int row) {
        return classes[classNumber].scores[row];
    }
}
