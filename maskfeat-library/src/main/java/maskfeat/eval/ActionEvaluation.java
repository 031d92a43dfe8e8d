package maskfeat.eval;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How well actions were found in the key frames of a data set.
 *
 * @param classes names of all actions by number
 * @param counted numbers of the actions that count, in the order of the figures' classes
 * @param ap with the boxes that were given
 * @param ofTrueBoxes with the annotated boxes in their place
 * @param bound with the boxes that were given, if every action in them were known
 * @param trueBoxes number of annotated boxes, each once however many actions it has
 * @param hit how many of them a given box overlaps enough
 * @param givenBoxes number of boxes that were given
 * @param keyFrames number of key frames that were measured
 * @param withoutBox key frames that have a true box and no given one, so that nothing can be found there
 * @param suppressed what non-maximum suppression did to the detections in given boxes, in words; empty where the rules have
 *     none
 */
public record ActionEvaluation(
        List<String> classes,
        List<Integer> counted,
        FrameAp ap,
        FrameAp ofTrueBoxes,
        FrameAp bound,
        int trueBoxes,
        int hit,
        int givenBoxes,
        int keyFrames,
        int withoutBox,
        String suppressed) {
    public ActionEvaluation {
        classes = List.copyOf(classes);
        counted = List.copyOf(counted);
    }

    /** The name of a class that counts. */
    public String name(int number) {
        return classes.get(counted.get(number));
    }

    /** Share of the true boxes that a given box overlaps enough, 0 to 1; NaN if there is no true box. */
    public double recall() {
        return trueBoxes == 0 ? Double.NaN : (double) hit / trueBoxes;
    }

    /** Figures by tag, in per cent; those that are no number are left out. */
    public Map<String, Double> figures() {
        Map<String, Double> figures = new LinkedHashMap<>();
        put(figures, ActionMetrics.FRAME_MAP, ap.mean());
        put(figures, ActionMetrics.TRUE_BOX_MAP, ofTrueBoxes.mean());
        put(figures, ActionMetrics.BOUND, bound.mean());
        put(figures, ActionMetrics.RECALL, recall());
        return figures;
    }

    private static void put(Map<String, Double> figures, Metric metric, double share) {
        if (!Double.isNaN(share)) {
            figures.put(metric.tag(), 100 * share);
        }
    }

    /** Gathers key frames, one after the other, and evaluates them. */
    public static final class Gathering {
        private final List<String> classes;
        private final List<Integer> counted;
        private final BoxProtocol protocol;
        private final double threshold;
        private final Map<Integer, Integer> numbers = new HashMap<>();
        private final FrameBoxes truth;
        private final FrameBoxes detections;
        private final FrameBoxes ofTrueBoxes;
        private final FrameBoxes known;
        private int trueBoxes;
        private int hit;
        private int givenBoxes;
        private int keyFrames;
        private int withoutBox;

        /**
         * Begins without key frames.
         *
         * @param classes names of all actions by number
         * @param counted numbers of those that count
         * @param threshold intersection over union from which a box is found
         */
        public Gathering(List<String> classes, List<Integer> counted, BoxProtocol protocol, double threshold) {
            this.classes = classes;
            this.counted = counted;
            this.protocol = protocol;
            this.threshold = threshold;
            counted.forEach(action -> numbers.put(action, numbers.size()));
            truth = new FrameBoxes(counted.size());
            detections = new FrameBoxes(counted.size());
            ofTrueBoxes = new FrameBoxes(counted.size());
            known = new FrameBoxes(counted.size());
        }

        /**
         * A box with what was found in it.
         *
         * @param box in the coordinates of the protocol
         * @param scores [classes]
         */
        @SuppressWarnings("ArrayRecordComponent") // on its way; nobody compares these with equals
        public record Scored(Corners box, float[] scores) {}

        /**
         * A box with what is done in it.
         *
         * @param box in the coordinates of the protocol
         * @param actions numbers; the same may come twice, as in the annotations
         */
        public record True(Corners box, List<Integer> actions) {}

        /**
         * Adds a key frame.
         *
         * @param name its name, which no other has
         * @param given boxes that were given, in the order of their file
         * @param trueBoxScores what was found in each of {@code annotated}
         */
        public void add(String name, List<Scored> given, List<True> annotated, List<float[]> trueBoxScores) {
            keyFrames++;
            givenBoxes += given.size();
            withoutBox += given.isEmpty() && !annotated.isEmpty() ? 1 : 0;
            for (int i = 0; i < annotated.size(); i++) {
                True each = annotated.get(i);
                for (int action : each.actions()) {
                    Integer number = numbers.get(action);
                    if (number != null) {
                        truth.add(name, each.box(), number);
                    }
                }
                add(ofTrueBoxes, name, each.box(), trueBoxScores.get(i));
            }
            for (Scored each : given) {
                add(detections, name, each.box(), each.scores());
                for (int number : actionsIn(each.box(), annotated)) {
                    known.add(name, each.box(), number, 1);
                }
            }
            for (Corners box :
                    new LinkedHashSet<>(annotated.stream().map(True::box).toList())) {
                trueBoxes++;
                hit += given.stream().anyMatch(each -> protocol.iou(box, each.box()) >= threshold) ? 1 : 0;
            }
        }

        private void add(FrameBoxes to, String name, Corners box, float[] scores) {
            for (int number = 0; number < counted.size(); number++) {
                to.add(name, box, number, scores[counted.get(number)]);
            }
        }

        private Set<Integer> actionsIn(Corners box, List<True> annotated) {
            Set<Integer> found = new LinkedHashSet<>();
            for (True each : annotated) {
                if (protocol.iou(each.box(), box) >= threshold) {
                    each.actions().stream()
                            .filter(numbers::containsKey)
                            .map(numbers::get)
                            .forEach(found::add);
                }
            }
            return found;
        }

        /**
         * What all of them come to. What was found is suppressed by the rules before it is measured; the most that the
         * boxes allow is that of all of them.
         */
        public ActionEvaluation evaluate() {
            Suppression given = protocol.suppress(detections);
            FrameAp ap = FrameAp.of(protocol, threshold, truth, given.boxes());
            return new ActionEvaluation(
                    classes,
                    counted,
                    ap,
                    FrameAp.of(
                            protocol,
                            threshold,
                            truth,
                            protocol.suppress(ofTrueBoxes).boxes()),
                    FrameAp.atMost(protocol, threshold, truth, known, ap),
                    trueBoxes,
                    hit,
                    givenBoxes,
                    keyFrames,
                    withoutBox,
                    given.sentence());
        }

        /** The annotated boxes so far, of the classes that count. */
        public FrameBoxes truth() {
            return truth;
        }

        /** What was found so far in the boxes that were given, of the classes that count, before any suppression. */
        public FrameBoxes detections() {
            return detections;
        }
    }
}
