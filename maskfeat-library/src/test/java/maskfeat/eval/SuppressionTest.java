package maskfeat.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import maskfeat.golden.GoldenDir;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Non-maximum suppression against its definition, and what it does to figures. */
class SuppressionTest {
    private static final int CLASSES = 3;

    private record Box(String frame, Corners corners, float[] scores) {}

    private static List<Box> made(long seed) {
        Random random = new Random(seed);
        List<Box> boxes = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            double x = 30 * random.nextDouble();
            double y = 30 * random.nextDouble();
            float[] scores = new float[CLASSES];
            for (int c = 0; c < CLASSES; c++) {
                scores[c] = random.nextInt(8) == 0 ? 0.001f : random.nextFloat() * (i % 10 == 0 ? 0.004f : 1);
            }
            boxes.add(new Box(
                    "v," + random.nextInt(5),
                    new Corners(x, y, x + 20 + 10 * random.nextDouble(), y + 20 + 10 * random.nextDouble()),
                    scores));
        }
        return boxes;
    }

    private static FrameBoxes gathered(List<Box> boxes) {
        FrameBoxes gathered = new FrameBoxes(CLASSES);
        boxes.forEach(box -> gathered.add(box.frame(), box.corners(), box.scores()));
        return gathered;
    }

    private static double confidence(Box box) {
        return Math.max(box.scores()[0], Math.max(box.scores()[1], box.scores()[2]));
    }

    /** A box stays if no box that stays is better and overlaps it: asked again and again of the best that is undecided. */
    @Test
    void yowoRemovesBoxesOfAllClassesWithinTheirFrame() {
        for (long seed = 0; seed < 20; seed++) {
            List<Box> boxes = made(seed);
            List<Box> undecided = new ArrayList<>(boxes);
            undecided.removeIf(box -> confidence(box) < 0.005);
            List<Box> kept = new ArrayList<>();
            while (!undecided.isEmpty()) {
                Box best = undecided.get(0);
                for (Box box : undecided) {
                    best = confidence(box) > confidence(best) ? box : best;
                }
                Box winner = best;
                kept.add(winner);
                undecided.removeIf(box -> box == winner
                        || (box.frame().equals(winner.frame()) && box.corners().iou(winner.corners(), 0) > 0.4));
            }
            kept.sort((a, b) -> Integer.compare(boxes.indexOf(a), boxes.indexOf(b)));
            Suppression suppressed = BoxProtocol.YOWO.suppress(gathered(boxes));
            assertSame(suppressed.boxes(), gathered(kept));
            long unsure = boxes.stream().filter(box -> confidence(box) < 0.005).count();
            assertThat(unsure).isPositive();
            assertThat(suppressed.sentence())
                    .contains("of 60 boxes")
                    .contains("removed " + (60 - kept.size() - unsure) + " that")
                    .contains("and " + unsure + " without a score of 0.005");
        }
    }

    /** The best takes from each that overlaps it, once and for all; then the best of the others, and so on. */
    @Test
    void actLowersScoresOfEachClassByItself() {
        for (long seed = 0; seed < 20; seed++) {
            List<Box> boxes = made(seed);
            Suppression suppressed = BoxProtocol.ACT.suppress(gathered(boxes));
            int lowered = 0;
            for (int c = 0; c < CLASSES; c++) {
                int number = c;
                double[] expected = new double[boxes.size()];
                List<Integer> left = new ArrayList<>();
                for (int i = 0; i < expected.length; i++) {
                    expected[i] = boxes.get(i).scores()[c];
                    left.add(i);
                }
                while (!left.isEmpty()) {
                    int best = left.stream()
                            .max((a, b) -> Float.compare(
                                    boxes.get(a).scores()[number], boxes.get(b).scores()[number]))
                            .orElseThrow();
                    left.remove(Integer.valueOf(best));
                    for (int other : List.copyOf(left)) {
                        double iou =
                                boxes.get(best).corners().iou(boxes.get(other).corners(), 1);
                        if (boxes.get(best).frame().equals(boxes.get(other).frame()) && iou > 0.6) {
                            expected[other] *= 1 - iou;
                            left.remove(Integer.valueOf(other));
                            lowered++;
                        }
                    }
                }
                assertThat(suppressed.boxes().size(c)).isEqualTo(boxes.size());
                for (int i = 0; i < expected.length; i++) {
                    assertThat(suppressed.boxes().score(c, i)).isCloseTo(expected[i], within(1e-6)); // float32 overlaps
                }
            }
            assertThat(lowered).isPositive();
            assertThat(suppressed.sentence()).contains("of 180 detections").contains("lowered " + lowered + " that");
        }
    }

    @Test
    void avaSuppressesNothing() {
        FrameBoxes boxes = gathered(made(1));
        assertThat(BoxProtocol.AVA.suppress(boxes).boxes()).isSameAs(boxes);
        assertThat(BoxProtocol.AVA.suppress(boxes).sentence()).isEmpty();
    }

    @Test
    void theSameBoxGivenTwiceStaysOnce() {
        Corners corners = new Corners(0, 0, 10, 10);
        List<Box> twice = List.of(
                new Box("v,1", corners, new float[] {0.5f, 0.1f, 0.2f}),
                new Box("v,1", corners, new float[] {0.6f, 0.1f, 0.1f}),
                new Box("v,2", corners, new float[] {0.1f, 0.1f, 0.1f}));
        assertSame(BoxProtocol.YOWO.suppress(gathered(twice)).boxes(), gathered(twice.subList(1, 3)));
    }

    /** A duplicate is a false positive unless it is suppressed, so the figure rises by what the rules say. */
    @Test
    void anEvaluationMeasuresWhatIsLeft() {
        for (BoxProtocol protocol : BoxProtocol.values()) {
            ActionEvaluation.Gathering gathering =
                    new ActionEvaluation.Gathering(List.of("run"), List.of(0), protocol, 0.5);
            Corners box = new Corners(0, 0, 40, 40);
            Corners beside = new Corners(0, 0, 38, 40);
            gathering.add(
                    "v,1",
                    List.of(scored(box, 0.9f), scored(beside, 0.8f)),
                    List.of(new ActionEvaluation.Gathering.True(box, List.of(0))),
                    List.of(new float[] {0.9f}));
            gathering.add(
                    "v,2",
                    List.of(scored(box, 0.5f)),
                    List.of(new ActionEvaluation.Gathering.True(box, List.of(0))),
                    List.of(new float[] {0.9f}));
            gathering.add("v,3", List.of(), List.of(), List.of());
            assertThat(gathering.evaluate().withoutBox()).isZero();
            ActionEvaluation evaluation = gathering.evaluate();
            double expected = switch (protocol) {
                case AVA -> 0.5 + 0.5 * 2 / 3; // right, wrong, right
                case YOWO, ACT -> 1; // the wrong one is gone, or last
            };
            assertThat(evaluation.ap().mean()).isCloseTo(expected, within(1e-9));
            assertThat(evaluation.ap().classes().get(0).detections()).isEqualTo(protocol == BoxProtocol.YOWO ? 2 : 3);
            assertThat(evaluation.bound().mean()).isLessThanOrEqualTo(1);
            assertThat(evaluation.suppressed().isEmpty()).isEqualTo(protocol == BoxProtocol.AVA);
            gathering.add(
                    "v,4",
                    List.of(),
                    List.of(new ActionEvaluation.Gathering.True(box, List.of(0))),
                    List.of(new float[] {0.9f}));
            assertThat(gathering.evaluate().withoutBox()).isOne();
            assertThat(gathering.evaluate().ap().mean()).isLessThan(expected);
        }
    }

    /** Two people on nearly one place: whatever the scores are, no figure is above what the boxes allow. */
    @Test
    void noScoresReachMoreThanTheBoxesAllow() {
        Random random = new Random(3);
        for (BoxProtocol protocol : BoxProtocol.values()) {
            for (int round = 0; round < 200; round++) {
                ActionEvaluation.Gathering gathering =
                        new ActionEvaluation.Gathering(List.of("sit", "run"), List.of(0, 1), protocol, 0.5);
                List<ActionEvaluation.Gathering.Scored> given = new ArrayList<>();
                List<ActionEvaluation.Gathering.True> truth = new ArrayList<>();
                List<float[]> ofTruth = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    Corners box = new Corners(6 * random.nextInt(3), 0, 40 + 6 * random.nextInt(3), 40);
                    truth.add(new ActionEvaluation.Gathering.True(box, List.of(random.nextInt(2))));
                    ofTruth.add(new float[] {random.nextFloat(), random.nextFloat()});
                    given.add(new ActionEvaluation.Gathering.Scored(
                            new Corners(6 * random.nextInt(5), 0, 40 + 6 * random.nextInt(3), 40),
                            new float[] {random.nextFloat(), random.nextFloat()}));
                }
                gathering.add("v,1", given, truth, ofTruth);
                ActionEvaluation evaluation = gathering.evaluate();
                assertThat(evaluation.bound().counted())
                        .isEqualTo(evaluation.ap().counted());
                assertThat(evaluation.ap().mean())
                        .isLessThanOrEqualTo(evaluation.bound().mean() + 1e-6);
                for (int c = 0; c < 2; c++) {
                    FrameAp.ClassAp reached = evaluation.ap().classes().get(c);
                    FrameAp.ClassAp most = evaluation.bound().classes().get(c);
                    if (reached.truths() > 0) {
                        assertThat(reached.ap()).isLessThanOrEqualTo(most.ap() + 1e-6); // ACT's area is of float32
                        assertThat(reached.found()).isLessThanOrEqualTo(most.found());
                    }
                }
            }
        }
    }

    private static ActionEvaluation.Gathering.Scored scored(Corners box, float score) {
        return new ActionEvaluation.Gathering.Scored(box, new float[] {score});
    }

    /** The official figures are of a file that is measured as it is; suppressed, its boxes are another set. */
    @Test
    @Tag("golden")
    void officialDetectionsKeepTheirOrderAndLoseOnlyWhatOverlaps() throws IOException {
        List<String> lines = Files.readAllLines(GoldenDir.path().resolve("detection/frame_map/detections.csv"));
        FrameBoxes boxes = new FrameBoxes(30);
        for (String line : lines) {
            String[] row = line.split(",", -1);
            if (row.length == 8) {
                boxes.add(
                        row[0] + "," + row[1],
                        new Corners(at(row, 4), at(row, 5), at(row, 6), at(row, 7)),
                        Integer.parseInt(row[2]),
                        at(row, 3));
            }
        }
        assertThat(boxes.size()).isPositive();
        FrameBoxes left = BoxProtocol.YOWO.suppress(boxes).boxes();
        assertThat(left.size()).isBetween(1L, boxes.size());
        for (int c = 0; c < 30; c++) {
            int next = 0;
            for (int row = 0; row < boxes.size(c) && next < left.size(c); row++) {
                if (left.score(c, next) == boxes.score(c, row)
                        && left.frame(c, next).equals(boxes.frame(c, row))) {
                    next++;
                }
            }
            assertThat(next).isEqualTo(left.size(c));
        }
        assertSame(BoxProtocol.YOWO.suppress(left).boxes(), left);
    }

    private static double at(String[] row, int column) {
        return Double.parseDouble(row[column]);
    }

    private static void assertSame(FrameBoxes actual, FrameBoxes expected) {
        for (int c = 0; c < expected.classes(); c++) {
            assertThat(actual.size(c)).isEqualTo(expected.size(c));
            for (int row = 0; row < expected.size(c); row++) {
                assertThat(actual.frame(c, row)).isEqualTo(expected.frame(c, row));
                assertThat(actual.box(c, row)).isEqualTo(expected.box(c, row));
                assertThat(actual.score(c, row)).isEqualTo(expected.score(c, row));
            }
        }
    }
}
