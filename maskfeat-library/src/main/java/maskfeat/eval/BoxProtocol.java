package maskfeat.eval;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * How detections are matched with the truth and what area is measured. The three in use give different figures for the same
 * boxes, so a figure is worth nothing without the name of its protocol.
 */
public enum BoxProtocol {
    /**
     * AVA's official evaluation (ActivityNet): continuous coordinates; detections are matched in the order in which they
     * stand in the file, each with the best of all boxes of the truth; degenerate detections are removed; area under the
     * envelope of the curve; mean over the classes that occur.
     */
    AVA(0) {
        @Override
        boolean keeps(Corners box) {
            return !box.isDegenerate();
        }

        /** As numpy's {@code argsort(scores)[::-1]} would with a stable sort: of equal scores, the later row first. */
        @Override
        Integer[] curveOrder(double[] scores) {
            Integer[] order = rows(scores.length);
            Arrays.sort(
                    order,
                    Comparator.<Integer>comparingDouble(row -> scores[row])
                            .thenComparingInt(row -> row)
                            .reversed());
            return order;
        }

        @Override
        Integer[] matchOrder(double[] scores) {
            return rows(scores.length);
        }
    },
    /**
     * YOWO's evaluation of JHMDB and UCF101-24 (Padilla's of Pascal VOC): pixels counted with both ends; matched by score,
     * each with the best of all boxes of the truth; area under the envelope of the curve; mean over the classes that occur.
     * What a network finds is suppressed before: boxes without a score of 0.005, and boxes that overlap a better one of
     * their frame by more than 0.4, whatever their classes.
     */
    YOWO(1) {
        @Override
        public Suppression suppress(FrameBoxes detections) {
            return Suppression.ofBoxes(detections, 0.005, 0.4);
        }
    },
    /**
     * ACT's and MOC's evaluation of JHMDB and UCF101-24: pixels counted with both ends, in float32; matched by score, each
     * with the best box of the truth that is still free; area under the curve by trapezia from precision 1, without
     * envelope; mean over all classes, one without truth and detections counting 0. What a network finds is suppressed
     * before, as MOC does: the score of a detection that overlaps a better one of its class and frame by more than 0.6 is
     * multiplied by one minus the overlap.
     */
    ACT(1) {
        @Override
        public Suppression suppress(FrameBoxes detections) {
            return Suppression.ofScores(detections, 0.6, this::iou);
        }

        @Override
        boolean onlyFree() {
            return true;
        }

        @Override
        double iou(Corners a, Corners b) {
            return inclusiveFloat(a, b);
        }

        @Override
        double area(boolean[] right, int truths) {
            return trapezia(right, truths);
        }

        @Override
        double[] curve(boolean[] right, int truths) {
            return joined(right, truths);
        }

        @Override
        double ofAbsentClass(int detections) {
            return detections == 0 ? 0 : Double.NaN;
        }
    };

    private final int extra;

    BoxProtocol(int extra) {
        this.extra = extra;
    }

    /** Whether boxes are to be given in pixels; otherwise in fractions of the frame, although pixels do as well. */
    public boolean inPixels() {
        return extra == 1;
    }

    /**
     * Non-maximum suppression, which comes before matching where a network's own detections are measured. A file of
     * detections has had it, so {@link FrameAp} does not do it.
     *
     * @param detections with a score each
     */
    public Suppression suppress(FrameBoxes detections) {
        return Suppression.none(detections);
    }

    boolean keeps(Corners box) {
        return true;
    }

    /** Whether a detection may only take a box of the truth that is still free; otherwise the best, if it is. */
    boolean onlyFree() {
        return false;
    }

    double iou(Corners a, Corners b) {
        return a.iou(b, extra);
    }

    /** The rows as they make the curve: highest score first, and of equal scores the earlier row. */
    Integer[] curveOrder(double[] scores) {
        Integer[] order = rows(scores.length);
        Arrays.sort(order, Comparator.comparingDouble(row -> -scores[row]));
        return order;
    }

    /** The rows as they are matched. */
    Integer[] matchOrder(double[] scores) {
        return curveOrder(scores);
    }

    /**
     * Average precision.
     *
     * @param right whether each detection is a true positive, highest score first
     * @param truths boxes to be found, at least 1
     */
    double area(boolean[] right, int truths) {
        return envelope(right, truths);
    }

    /**
     * The curve whose area {@link #area} is: precision at recalls of 0, 0.01 and so on to 1; 0 where no recall is so high.
     *
     * @param right whether each detection is a true positive, highest score first
     * @param truths boxes to be found, at least 1
     */
    double[] curve(boolean[] right, int truths) {
        return enveloped(right, truths);
    }

    /** Average precision of a class without truth; NaN if it is left out of the mean. */
    double ofAbsentClass(int detections) {
        return Double.NaN;
    }

    private static Integer[] rows(int count) {
        return IntStream.range(0, count).boxed().toArray(Integer[]::new);
    }

    /** After each detection, the highest precision that is reached with it or with more. */
    private static double[] bestFrom(boolean[] right) {
        double[] precision = new double[right.length];
        int hits = 0;
        for (int i = 0; i < right.length; i++) {
            hits += right[i] ? 1 : 0;
            precision[i] = (double) hits / (i + 1);
        }
        for (int i = right.length - 2; i >= 0; i--) {
            precision[i] = Math.max(precision[i], precision[i + 1]);
        }
        return precision;
    }

    /** How many true positives a recall in per cent needs. */
    private static int needed(int recall, int truths) {
        return (int) (((long) recall * truths + 99) / 100);
    }

    private static double[] enveloped(boolean[] right, int truths) {
        double[] precision = bestFrom(right);
        double[] curve = new double[FrameAp.RECALLS];
        int hits = 0;
        int recall = 0;
        for (int i = 0; i < right.length; i++) {
            hits += right[i] ? 1 : 0;
            while (right[i] && recall < curve.length && needed(recall, truths) <= hits) {
                curve[recall++] = precision[i];
            }
        }
        return curve;
    }

    /** The points of all numbers of detections, joined by straight lines from precision 1 at recall 0. */
    private static double[] joined(boolean[] right, int truths) {
        double[] curve = new double[FrameAp.RECALLS];
        curve[0] = 1;
        double before = 1;
        int hits = 0;
        int recall = 1;
        for (int i = 0; i < right.length; i++) {
            hits += right[i] ? 1 : 0;
            double precision = (double) hits / (i + 1);
            while (right[i] && recall < curve.length && needed(recall, truths) <= hits) {
                double part = recall / 100.0 * truths - (hits - 1);
                curve[recall++] = before + part * (precision - before);
            }
            before = precision;
        }
        return curve;
    }

    /** Area under the precision that is reached at this recall or a higher one. */
    private static double envelope(boolean[] right, int truths) {
        double[] precision = bestFrom(right);
        double area = 0;
        int hits = 0;
        for (int i = 0; i < right.length; i++) {
            if (right[i]) {
                area += ((double) (hits + 1) / truths - (double) hits / truths) * precision[i];
                hits++;
            }
        }
        return area;
    }

    /** The original keeps precision and recall in float32 and counts before dividing, so this does. */
    private static double trapezia(boolean[] right, int truths) {
        float precision = 1;
        float recall = 0;
        float area = 0;
        int hits = 0;
        for (int i = 0; i < right.length; i++) {
            hits += right[i] ? 1 : 0;
            float nextPrecision = (float) ((double) hits / (i + 1));
            float nextRecall = (float) ((double) hits / truths);
            area += (nextRecall - recall) * (nextPrecision + precision) * 0.5f;
            precision = nextPrecision;
            recall = nextRecall;
        }
        return area;
    }

    private static double inclusiveFloat(Corners a, Corners b) {
        float width = (float) Math.min(a.x2(), b.x2()) - (float) Math.max(a.x1(), b.x1()) + 1;
        float height = (float) Math.min(a.y2(), b.y2()) - (float) Math.max(a.y1(), b.y1()) + 1;
        if (width <= 0 || height <= 0) {
            return 0;
        }
        float both = width * height;
        return both / (area(a) + area(b) - both);
    }

    private static float area(Corners box) {
        return ((float) box.x2() - (float) box.x1() + 1) * ((float) box.y2() - (float) box.y1() + 1);
    }
}
