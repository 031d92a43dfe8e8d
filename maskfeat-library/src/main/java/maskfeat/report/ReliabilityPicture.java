package maskfeat.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import maskfeat.report.Lettering.Anchor;

/**
 * A reliability diagram: accuracy over confidence, and below it the number of samples in each bin.
 *
 * <p>On the dashed line both are equal. A bar is the accuracy of a bin, a dot marks it at the mean confidence.
 * Overconfidence is orange, underconfidence a darker blue.
 */
public final class ReliabilityPicture {
    private static final int SIDE = 420;
    private static final int COUNTS = 90;
    private static final int LEFT = 64;
    private static final int TOP = 16;
    private static final int BETWEEN = 26;
    private static final int BELOW = 46;
    private static final int WORDS = 210;
    private static final int DOT = 7;
    private static final Color BAR = new Color(0xb7d2ea);
    private static final Color TOO_SURE = new Color(0xf0a868);
    private static final Color TOO_UNSURE = new Color(0x6da3d3);

    private static final Lettering AXES = new Lettering(Font.PLAIN, 13, Ink.QUIET);
    private static final Lettering FIGURE = new Lettering(Font.BOLD, 22, Ink.TEXT);

    private ReliabilityPicture() {}

    /**
     * Draws bins of equal width over confidences of 0 to 1.
     *
     * @param confidence mean of each bin, 0 to 1; ignored for empty bins
     * @param accuracy of each bin, 0 to 1; ignored for empty bins
     * @param counts number of samples in each bin
     * @param ece expected calibration error, 0 to 1; NaN to leave it out
     * @throws IllegalArgumentException if there are no bins, the arrays differ in length, or a value of a bin that is
     *     not empty is outside 0 to 1
     */
    public static BufferedImage draw(double[] confidence, double[] accuracy, long[] counts, double ece) {
        check(confidence, accuracy, counts);
        Paper paper = new Paper(LEFT + SIDE + Paper.MARGIN + WORDS, TOP + SIDE + BETWEEN + COUNTS + BELOW);
        Graphics2D g = paper.pen();
        bars(g, confidence, accuracy, counts);
        counts(g, counts);
        words(g, ece);
        return paper.finished();
    }

    private static void check(double[] confidence, double[] accuracy, long[] counts) {
        if (counts.length == 0 || confidence.length != counts.length || accuracy.length != counts.length) {
            throw new IllegalArgumentException("bins need a confidence, an accuracy and a count each, got "
                    + confidence.length + ", " + accuracy.length + " and " + counts.length);
        }
        for (int bin = 0; bin < counts.length; bin++) {
            if (counts[bin] < 0) {
                throw new IllegalArgumentException("counts must not be negative, got " + Arrays.toString(counts));
            }
            if (counts[bin] > 0 && !(share(confidence[bin]) && share(accuracy[bin]))) {
                throw new IllegalArgumentException("confidence and accuracy lie between 0 and 1, bin " + bin + " has "
                        + confidence[bin] + " and " + accuracy[bin]);
            }
        }
    }

    private static boolean share(double value) {
        return value >= 0 && value <= 1;
    }

    private static double x(double share) {
        return LEFT + share * SIDE;
    }

    private static double y(double share) {
        return TOP + (1 - share) * SIDE;
    }

    private static void bars(Graphics2D g, double[] confidence, double[] accuracy, long[] counts) {
        for (int line = 0; line <= 5; line++) {
            double share = line / 5.0;
            g.setColor(Ink.RULE);
            g.setStroke(new BasicStroke(1));
            g.draw(new Line2D.Double(x(0), y(share), x(1), y(share)));
            AXES.write(g, 20 * line + " %", LEFT - 8, (int) y(share) + AXES.belowMiddle(), Anchor.RIGHT);
        }
        int bins = counts.length;
        for (int bin = 0; bin < bins; bin++) {
            if (counts[bin] > 0) {
                bar(g, bin, bins, 0, accuracy[bin], BAR);
                boolean tooSure = confidence[bin] > accuracy[bin];
                double low = Math.min(confidence[bin], accuracy[bin]);
                double high = Math.max(confidence[bin], accuracy[bin]);
                bar(g, bin, bins, low, high, tooSure ? TOO_SURE : TOO_UNSURE);
            }
        }
        g.setColor(Ink.QUIET);
        g.setStroke(new BasicStroke(1.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 10, new float[] {6, 5}, 0));
        g.draw(new Line2D.Double(x(0), y(0), x(1), y(1)));
        g.setColor(Ink.TEXT);
        for (int bin = 0; bin < bins; bin++) {
            if (counts[bin] > 0) {
                g.fill(new Ellipse2D.Double(x(confidence[bin]) - DOT / 2.0, y(accuracy[bin]) - DOT / 2.0, DOT, DOT));
            }
        }
        AXES.writeUp(g, "accuracy", 16, TOP + SIDE / 2, Anchor.MIDDLE);
    }

    private static void bar(Graphics2D g, int bin, int bins, double low, double high, Color colour) {
        double left = x((double) bin / bins);
        double gap = Math.min(2, 0.1 * SIDE / bins);
        g.setColor(colour);
        g.fill(new Rectangle2D.Double(left + gap / 2, y(high), (double) SIDE / bins - gap, y(low) - y(high)));
    }

    private static void counts(Graphics2D g, long[] counts) {
        int base = TOP + SIDE + BETWEEN + COUNTS;
        long most = Math.max(1, Arrays.stream(counts).max().orElse(1));
        double gap = Math.min(2, 0.1 * SIDE / counts.length);
        g.setColor(Ink.QUIET);
        for (int bin = 0; bin < counts.length; bin++) {
            // A bin that is not empty must be visible.
            double height = counts[bin] == 0 ? 0 : Math.max(1, (double) COUNTS * counts[bin] / most);
            double left = x((double) bin / counts.length);
            g.fill(new Rectangle2D.Double(left + gap / 2, base - height, (double) SIDE / counts.length - gap, height));
        }
        g.setColor(Ink.RULE);
        g.setStroke(new BasicStroke(1));
        g.draw(new Line2D.Double(x(0), base, x(1), base));
        AXES.write(g, Numbers.format("%,d", most), LEFT - 8, base - COUNTS + AXES.belowMiddle(), Anchor.RIGHT);
        AXES.write(g, "0", LEFT - 8, base, Anchor.RIGHT);
        AXES.writeUp(g, "samples", 16, base - COUNTS / 2, Anchor.MIDDLE);
        for (int line = 0; line <= 5; line++) {
            AXES.write(g, 20 * line + " %", (int) x(line / 5.0), base + 18, Anchor.MIDDLE);
        }
        AXES.write(g, "confidence", (int) x(0.5), base + 36, Anchor.MIDDLE);
    }

    private static void words(Graphics2D g, double ece) {
        int left = LEFT + SIDE + Paper.MARGIN;
        int y = TOP + 20;
        if (Double.isFinite(ece)) {
            FIGURE.write(g, Numbers.format("%.1f %%", 100 * ece), left, y, Anchor.LEFT);
            AXES.write(g, "expected calibration error", left, y + 20, Anchor.LEFT);
            y += 60;
        }
        key(g, BAR, "accuracy", left, y);
        key(g, TOO_SURE, "too sure", left, y + 24);
        key(g, TOO_UNSURE, "not sure enough", left, y + 48);
    }

    private static void key(Graphics2D g, Color colour, String text, int left, int y) {
        g.setColor(colour);
        g.fillRect(left, y - 11, 14, 14);
        AXES.write(g, text, left + 22, y, Anchor.LEFT);
    }
}
