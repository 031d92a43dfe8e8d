package maskfeat.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Frame average precision: how well boxes with classes were found in single frames.
 *
 * @param protocol whose rules
 * @param threshold intersection over union from which a box is found
 * @param classes each by its number
 */
public record FrameAp(BoxProtocol protocol, double threshold, List<ClassAp> classes) {
    /** Points of a curve: recalls of 0, 0.01 and so on to 1. */
    public static final int RECALLS = 101;

    /**
     * One class.
     *
     * @param ap average precision, 0 to 1; NaN where the class is left out of the mean
     * @param truths boxes to be found
     * @param detections that were judged
     * @param found detections that were right
     * @param curve [{@link #RECALLS}] precision at each recall, as the protocol measures the area: AVA and YOWO take the
     *     highest that is reached at this recall or a higher one, ACT joins points by lines. Zeros without truth
     */
    public record ClassAp(double ap, int truths, int detections, int found, List<Double> curve) {
        public ClassAp {
            curve = List.copyOf(curve);
        }

        /** Whether it counts in the mean. */
        public boolean counts() {
            return !Double.isNaN(ap);
        }
    }

    public FrameAp {
        classes = List.copyOf(classes);
    }

    /**
     * Compares detections with the truth.
     *
     * @param truth boxes of the frames that count
     * @param detections with a score each, in the order in which they stand in their file. A detection in a frame without
     *     truth is a false positive: leave out those in frames that do not count
     * @throws IllegalArgumentException if the two have not the same number of classes
     */
    public static FrameAp of(BoxProtocol protocol, double threshold, FrameBoxes truth, FrameBoxes detections) {
        if (truth.classes() != detections.classes()) {
            throw new IllegalArgumentException(
                    "the truth has " + truth.classes() + " classes and the detections have " + detections.classes());
        }
        return new FrameAp(
                protocol,
                threshold,
                IntStream.range(0, truth.classes())
                        .mapToObj(c -> ofClass(protocol, threshold, truth, detections, c))
                        .toList());
    }

    /**
     * The most that any scores can reach with these boxes: what is right before what is wrong, so that precision is 1 up to the
     * share of the truth that can be found.
     *
     * @param known a detection wherever a box overlaps a truth of the class enough; scores do not matter
     * @param reached what was measured; classes without truth count as there, so that both means are over the same
     */
    public static FrameAp atMost(
            BoxProtocol protocol, double threshold, FrameBoxes truth, FrameBoxes known, FrameAp reached) {
        FrameAp measured = of(protocol, threshold, truth, known);
        return new FrameAp(
                protocol,
                threshold,
                IntStream.range(0, truth.classes())
                        .mapToObj(c -> {
                            ClassAp each = measured.classes().get(c);
                            if (each.truths() == 0) {
                                double ap = reached.classes().get(c).ap();
                                return new ClassAp(ap, 0, each.detections(), 0, each.curve());
                            }
                            int found = protocol.onlyFree()
                                    ? mostPairs(protocol, threshold, truth, known, c)
                                    : each.found();
                            double share = (double) found / each.truths();
                            List<Double> curve = IntStream.range(0, RECALLS)
                                    .mapToObj(recall ->
                                            (long) recall * each.truths() <= 100L * found && found > 0 ? 1.0 : 0.0)
                                    .toList();
                            return new ClassAp(share, each.truths(), each.detections(), found, curve);
                        })
                        .toList());
    }

    /** How many truths of a class can have a box of their own: the order of scores decides which box takes which. */
    private static int mostPairs(
            BoxProtocol protocol, double threshold, FrameBoxes truth, FrameBoxes known, int classNumber) {
        Map<String, List<Corners>> boxes = new HashMap<>();
        for (int row = 0; row < known.size(classNumber); row++) {
            boxes.computeIfAbsent(known.frame(classNumber, row), frame -> new ArrayList<>())
                    .add(known.box(classNumber, row));
        }
        Map<String, List<Corners>> truths = new HashMap<>();
        for (int row = 0; row < truth.size(classNumber); row++) {
            truths.computeIfAbsent(truth.frame(classNumber, row), frame -> new ArrayList<>())
                    .add(truth.box(classNumber, row));
        }
        int pairs = 0;
        for (Map.Entry<String, List<Corners>> frame : truths.entrySet()) {
            List<Corners> offered = boxes.getOrDefault(frame.getKey(), List.of());
            int[] ofBox = new int[offered.size()];
            Arrays.fill(ofBox, -1);
            boolean[][] near = new boolean[frame.getValue().size()][offered.size()];
            for (int t = 0; t < near.length; t++) {
                for (int b = 0; b < ofBox.length; b++) {
                    near[t][b] = protocol.iou(frame.getValue().get(t), offered.get(b)) >= threshold;
                }
            }
            for (int t = 0; t < near.length; t++) {
                pairs += finds(t, near, ofBox, new boolean[ofBox.length]) ? 1 : 0;
            }
        }
        return pairs;
    }

    /** Whether a truth gets a box, if need be one whose truth finds another (augmenting paths). */
    private static boolean finds(int truth, boolean[][] near, int[] ofBox, boolean[] asked) {
        for (int box = 0; box < ofBox.length; box++) {
            if (near[truth][box] && !asked[box]) {
                asked[box] = true;
                if (ofBox[box] < 0 || finds(ofBox[box], near, ofBox, asked)) {
                    ofBox[box] = truth;
                    return true;
                }
            }
        }
        return false;
    }

    private static ClassAp ofClass(
            BoxProtocol protocol, double threshold, FrameBoxes truth, FrameBoxes detections, int classNumber) {
        Map<String, List<Corners>> wanted = new HashMap<>();
        for (int row = 0; row < truth.size(classNumber); row++) {
            wanted.computeIfAbsent(truth.frame(classNumber, row), frame -> new ArrayList<>())
                    .add(truth.box(classNumber, row));
        }
        int[] kept = IntStream.range(0, detections.size(classNumber))
                .filter(row -> protocol.keeps(detections.box(classNumber, row)))
                .toArray();
        double[] scores = Arrays.stream(kept)
                .mapToDouble(row -> detections.score(classNumber, row))
                .toArray();
        Map<String, boolean[]> taken = new HashMap<>();
        boolean[] right = new boolean[kept.length];
        for (int i : protocol.matchOrder(scores)) {
            String frame = detections.frame(classNumber, kept[i]);
            List<Corners> boxes = wanted.getOrDefault(frame, List.of());
            boolean[] used = taken.computeIfAbsent(frame, name -> new boolean[boxes.size()]);
            int best = best(protocol, detections.box(classNumber, kept[i]), boxes, used);
            if (best >= 0
                    && !used[best]
                    && protocol.iou(boxes.get(best), detections.box(classNumber, kept[i])) >= threshold) {
                used[best] = true;
                right[i] = true;
            }
        }
        boolean[] curve = new boolean[right.length];
        Integer[] order = protocol.curveOrder(scores);
        int found = 0;
        for (int i = 0; i < curve.length; i++) {
            curve[i] = right[order[i]];
            found += curve[i] ? 1 : 0;
        }
        int truths = truth.size(classNumber);
        double ap = truths == 0 ? protocol.ofAbsentClass(kept.length) : protocol.area(curve, truths);
        double[] precision = truths == 0 ? new double[RECALLS] : protocol.curve(curve, truths);
        return new ClassAp(
                ap, truths, kept.length, found, Arrays.stream(precision).boxed().toList());
    }

    /** The first of those with the highest IoU; -1 if there is none to choose from. */
    private static int best(BoxProtocol protocol, Corners box, List<Corners> boxes, boolean[] used) {
        int best = -1;
        double highest = -1;
        for (int i = 0; i < boxes.size(); i++) {
            if (protocol.onlyFree() && used[i]) {
                continue;
            }
            double iou = protocol.iou(boxes.get(i), box);
            if (iou > highest) {
                highest = iou;
                best = i;
            }
        }
        return best;
    }

    /** The mean over the classes that count; NaN if none does. */
    public double mean() {
        return classes.stream()
                .filter(ClassAp::counts)
                .mapToDouble(ClassAp::ap)
                .average()
                .orElse(Double.NaN);
    }

    /** [{@link #RECALLS}] the mean of the curves of the classes that count; NaN if none does. */
    public List<Double> meanCurve() {
        return IntStream.range(0, RECALLS)
                .mapToObj(recall -> classes.stream()
                        .filter(ClassAp::counts)
                        .mapToDouble(each -> each.curve().get(recall))
                        .average()
                        .orElse(Double.NaN))
                .toList();
    }

    /** How many classes the mean is over. */
    public int counted() {
        return (int) classes.stream().filter(ClassAp::counts).count();
    }
}
