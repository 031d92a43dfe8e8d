package maskfeat.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import maskfeat.disk.Plural;
import maskfeat.eval.BoxProtocol;
import maskfeat.eval.FrameAp;
import maskfeat.eval.FrameAp.ClassAp;
import maskfeat.report.Lettering.Anchor;

/**
 * Precision over recall: the mean in black, some classes in colours, all others in grey.
 *
 * <p>Up to eight classes are all in colours. Of more, the three with most boxes, then the three best and the two worst of the others are.
 */
public final class PrecisionRecallPicture {
    /** As many as there are colours. */
    private static final int MOST_COLOURED = 8;

    private static final int MOST_BOXES = 3;
    private static final int BEST = 3;
    private static final int WORST = 2;

    private static final int SIDE = 440;
    private static final int LEFT = 64;
    private static final int TOP = 16;
    private static final int BELOW = 46;
    private static final int WORDS = 400;
    private static final int LINE = 22;
    private static final int SWATCH = 22;
    private static final int NAME = 236;
    private static final int AP = 318;
    private static final int BOXES = 384;
    private static final Color OTHER = new Color(0xb9c0c9);

    private static final Lettering AXES = new Lettering(Font.PLAIN, 13, Ink.QUIET);
    private static final Lettering WORD = new Lettering(Font.PLAIN, 13, Ink.TEXT);
    private static final Lettering STRONG = new Lettering(Font.BOLD, 13, Ink.TEXT);

    private PrecisionRecallPicture() {}

    /**
     * Draws the curves of the classes that count.
     *
     * @param names of the classes
     * @throws IllegalArgumentException if there is another number of names than of classes, or no class counts
     */
    public static BufferedImage draw(FrameAp ap, List<String> names) {
        if (names.size() != ap.classes().size()) {
            throw new IllegalArgumentException(
                    names.size() + " names are given for " + ap.classes().size() + " classes");
        }
        if (ap.counted() == 0) {
            throw new IllegalArgumentException("no class has boxes to be found, so there are no curves");
        }
        Paper paper = new Paper(LEFT + SIDE + Paper.MARGIN + WORDS, TOP + SIDE + BELOW);
        Graphics2D g = paper.pen();
        axes(g);
        Map<String, List<Integer>> chosen = chosen(ap);
        List<Integer> coloured = chosen.values().stream().flatMap(List::stream).toList();
        IntStream.range(0, names.size())
                .filter(c -> ap.classes().get(c).counts() && !coloured.contains(c))
                .forEach(c -> curve(g, ap.classes().get(c).curve(), OTHER, 1.5f));
        for (int i = coloured.size() - 1; i >= 0; i--) {
            curve(g, ap.classes().get(coloured.get(i)).curve(), Ink.series(i), 2);
        }
        curve(g, ap.meanCurve(), Ink.TEXT, 3.5f);
        words(g, ap, names, chosen);
        return paper.finished();
    }

    /** The picture with a caption that says whose rules made it. */
    static HtmlReport.Figure figure(FrameAp ap, List<String> names) {
        String curve = ap.protocol() == BoxProtocol.ACT
                ? "points joined by lines from precision 1, as these rules measure the area"
                : "at each recall the highest precision that is reached there or beyond, as these rules measure the area";
        return HtmlReport.Figure.of(
                "Precision and recall,",
                "by the rules of " + ap.protocol() + " at IoU " + ap.threshold() + ": " + curve
                        + ". Recall is the share of the true boxes that are found, precision the share of right"
                        + " detections among those with at least some score."
                        + (ap.counted() > MOST_COLOURED ? " Classes without colour are grey." : ""),
                draw(ap, names));
    }

    /** Classes in colours by what they are chosen for, no class twice. */
    static Map<String, List<Integer>> chosen(FrameAp ap) {
        List<ClassAp> classes = ap.classes();
        List<Integer> left = new ArrayList<>(IntStream.range(0, classes.size())
                .filter(c -> classes.get(c).counts())
                .boxed()
                .toList());
        Comparator<Integer> best =
                Comparator.comparingDouble(c -> -classes.get(c).ap());
        Map<String, List<Integer>> chosen = new LinkedHashMap<>();
        if (left.size() <= MOST_COLOURED) {
            chosen.put("", left.stream().sorted(best).toList());
            return chosen;
        }
        left.removeIf(c -> classes.get(c).truths() == 0);
        chosen.put(
                "most true boxes",
                take(left, Comparator.comparingInt(c -> -classes.get(c).truths()), MOST_BOXES));
        chosen.put("best of the others", take(left, best, BEST));
        chosen.put("worst of the others", take(left, best.reversed(), WORST));
        return chosen;
    }

    private static List<Integer> take(List<Integer> left, Comparator<Integer> order, int count) {
        List<Integer> taken = left.stream().sorted(order).limit(count).toList();
        left.removeAll(taken);
        return taken;
    }

    private static double x(double share) {
        return LEFT + share * SIDE;
    }

    private static double y(double share) {
        return TOP + (1 - share) * SIDE;
    }

    private static void axes(Graphics2D g) {
        g.setStroke(new BasicStroke(1));
        for (int line = 0; line <= 5; line++) {
            double share = line / 5.0;
            g.setColor(Ink.RULE);
            g.draw(new Line2D.Double(x(0), y(share), x(1), y(share)));
            g.draw(new Line2D.Double(x(share), y(0), x(share), y(1)));
            AXES.write(g, 20 * line + " %", LEFT - 8, (int) y(share) + AXES.belowMiddle(), Anchor.RIGHT);
            AXES.write(g, 20 * line + " %", (int) x(share), (int) y(0) + 18, Anchor.MIDDLE);
        }
        AXES.writeUp(g, "precision", 16, TOP + SIDE / 2, Anchor.MIDDLE);
        AXES.write(g, "recall", (int) x(0.5), (int) y(0) + 36, Anchor.MIDDLE);
    }

    private static void curve(Graphics2D g, List<Double> precision, Color colour, float width) {
        Path2D path = new Path2D.Double();
        path.moveTo(x(0), y(precision.get(0)));
        for (int i = 1; i < precision.size(); i++) {
            path.lineTo(x((double) i / (precision.size() - 1)), y(precision.get(i)));
        }
        g.setColor(colour);
        g.setStroke(new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        g.draw(path);
    }

    private static void words(Graphics2D g, FrameAp ap, List<String> names, Map<String, List<Integer>> chosen) {
        int left = LEFT + SIDE + Paper.MARGIN;
        int y = TOP + 12;
        AXES.write(g, "AP", left + AP, y, Anchor.RIGHT);
        AXES.write(g, "boxes", left + BOXES, y, Anchor.RIGHT);
        y += LINE;
        int boxes = ap.classes().stream()
                .filter(ClassAp::counts)
                .mapToInt(ClassAp::truths)
                .sum();
        key(g, Ink.TEXT, 3.5f, left, y);
        row(g, STRONG, "mean of " + Plural.of(ap.counted(), "class", "classes"), ap.mean(), boxes, y);
        y += LINE;
        int colour = 0;
        for (Map.Entry<String, List<Integer>> group : chosen.entrySet()) {
            if (!group.getKey().isEmpty()) {
                y += LINE / 2;
                AXES.write(g, group.getKey(), left, y, Anchor.LEFT);
                y += LINE;
            }
            for (int c : group.getValue()) {
                ClassAp each = ap.classes().get(c);
                key(g, Ink.series(colour++), 2, left, y);
                row(g, WORD, names.get(c), each.ap(), each.truths(), y);
                y += LINE;
            }
        }
        int others = ap.counted() - colour;
        if (others > 0) {
            y += LINE / 2;
            key(g, OTHER, 1.5f, left, y);
            WORD.write(g, Plural.of(others, "other class", "other classes"), left + SWATCH + 8, y, Anchor.LEFT);
        }
    }

    private static void key(Graphics2D g, Color colour, float width, int left, int y) {
        g.setColor(colour);
        g.setStroke(new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        g.draw(new Line2D.Double(left, y - 4.5, left + SWATCH, y - 4.5));
    }

    private static void row(Graphics2D g, Lettering words, String name, double ap, int boxes, int y) {
        int left = LEFT + SIDE + Paper.MARGIN;
        words.write(g, words.shortened(name, NAME), left + SWATCH + 8, y, Anchor.LEFT);
        words.write(g, Scorecard.perCent(ap), left + AP, y, Anchor.RIGHT);
        words.write(g, Numbers.format("%,d", boxes), left + BOXES, y, Anchor.RIGHT);
    }
}
