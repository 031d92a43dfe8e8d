package maskfeat.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The curves against their definition, point by point. */
class PrecisionRecallTest {
    private static final int FRAMES = 40;
    private static final int CLASSES = 4;

    private FrameBoxes truth = new FrameBoxes(CLASSES);
    private FrameBoxes detections = new FrameBoxes(CLASSES);

    private record Row(String frame, Corners box, int classNumber, double score) {}

    private void fill(long seed) {
        truth = new FrameBoxes(CLASSES);
        detections = new FrameBoxes(CLASSES);
        List<Row> rows = new ArrayList<>();
        Random random = new Random(seed);
        for (int frame = 0; frame < FRAMES; frame++) {
            for (int c = 0; c < CLASSES - 1; c++) {
                Corners box = box(random);
                if (random.nextDouble() < 0.8) {
                    truth.add("v," + frame, box, c);
                }
                if (random.nextDouble() < 0.7) {
                    rows.add(new Row("v," + frame, box, c, random.nextDouble()));
                }
                if (random.nextDouble() < 0.5) {
                    rows.add(new Row("v," + frame, box(random), c, random.nextDouble()));
                }
            }
        }
        // AVA matches in the order of the file: by score, a threshold changes nothing above it.
        rows.sort(Comparator.comparingDouble(row -> -row.score()));
        rows.forEach(row -> detections.add(row.frame(), row.box(), row.classNumber(), row.score()));
    }

    private static Corners box(Random random) {
        double x = 60 * random.nextDouble();
        double y = 60 * random.nextDouble();
        return new Corners(x, y, x + 20, y + 20);
    }

    /** Those whose score is at least the threshold are all there is: their precision and recall, for each threshold. */
    private List<double[]> points(BoxProtocol protocol, int classNumber) {
        List<double[]> points = new ArrayList<>();
        for (int cut = 0; cut < detections.size(classNumber); cut++) {
            double least = detections.score(classNumber, cut);
            FrameBoxes some = new FrameBoxes(CLASSES);
            for (int row = 0; row < detections.size(classNumber); row++) {
                if (detections.score(classNumber, row) >= least) {
                    some.add(
                            detections.frame(classNumber, row),
                            detections.box(classNumber, row),
                            classNumber,
                            detections.score(classNumber, row));
                }
            }
            FrameAp.ClassAp ap =
                    FrameAp.of(protocol, 0.5, truth, some).classes().get(classNumber);
            points.add(new double[] {(double) ap.found() / ap.truths(), (double) ap.found() / ap.detections()});
        }
        points.sort((a, b) -> a[0] != b[0] ? Double.compare(a[0], b[0]) : Double.compare(b[1], a[1]));
        return points;
    }

    @ParameterizedTest
    @EnumSource(BoxProtocol.class)
    void aCurveIsThatOfAllThresholds(BoxProtocol protocol) {
        for (long seed = 0; seed < 5; seed++) {
            fill(seed);
            FrameAp ap = FrameAp.of(protocol, 0.5, truth, detections);
            for (int c = 0; c < CLASSES - 1; c++) {
                List<Double> curve = ap.classes().get(c).curve();
                List<double[]> points = points(protocol, c);
                for (int i = 0; i < FrameAp.RECALLS; i++) {
                    double expected =
                            protocol == BoxProtocol.ACT ? joined(points, i / 100.0) : above(points, i / 100.0);
                    assertThat(curve.get(i)).as(c + " at " + i).isCloseTo(expected, within(1e-9));
                }
            }
        }
    }

    /** The highest precision at this recall or a higher one. */
    private static double above(List<double[]> points, double recall) {
        return points.stream()
                .filter(point -> point[0] >= recall - 1e-12)
                .mapToDouble(point -> point[1])
                .max()
                .orElse(0);
    }

    /** On the line from the last point of a lower recall to the first that reaches this one. */
    private static double joined(List<double[]> points, double recall) {
        if (recall == 0) {
            return 1;
        }
        double[] before = {0, 1};
        for (double[] point : points) {
            if (point[0] >= recall - 1e-12 && point[0] > 0) {
                return before[1] + (recall - before[0]) / (point[0] - before[0]) * (point[1] - before[1]);
            }
            before = point;
        }
        return 0;
    }

    @ParameterizedTest
    @EnumSource(BoxProtocol.class)
    void theAreaUnderACurveIsItsAveragePrecision(BoxProtocol protocol) {
        fill(7);
        FrameAp ap = FrameAp.of(protocol, 0.5, truth, detections);
        for (int c = 0; c < CLASSES; c++) {
            FrameAp.ClassAp each = ap.classes().get(c);
            double area = (each.curve().stream().mapToDouble(p -> p).sum()
                            - each.curve().get(0) / 2)
                    / 100;
            if (each.truths() > 0) {
                assertThat(each.ap()).isBetween(0.1, 0.99);
                assertThat(area).isCloseTo(each.ap(), within(0.02)); // a curve has steps of one in some thirty boxes
            } else {
                assertThat(area).isZero();
            }
        }
        double mean = 0;
        for (int c = 0; c < CLASSES; c++) {
            mean += ap.classes().get(c).counts() ? ap.classes().get(c).curve().get(30) : 0;
        }
        assertThat(ap.meanCurve().get(30)).isCloseTo(mean / ap.counted(), within(1e-12));
    }
}
