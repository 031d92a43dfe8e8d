package maskfeat.report;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Draws text. Without any usable font, pictures have no text, and one warning is logged. */
final class Lettering {
    private static final Logger LOG = LoggerFactory.getLogger(Lettering.class);
    static final boolean FONTS = works(Lettering::probe);

    private final Font font;
    private final Color colour;

    /** @param style as in {@link Font} */
    Lettering(int style, int size, Color colour) {
        this.font = new Font(Font.SANS_SERIF, style, size);
        this.colour = colour;
    }

    /** Writes with the left end of the baseline at (x, y), no wider than {@code width}. */
    void write(Graphics2D g, String text, int x, int y, int width) {
        if (FONTS) {
            dip(g);
            g.drawString(cut(text, g.getFontMetrics(), width), x, y);
        }
    }

    /** The point of the text that is at the given position. */
    enum Anchor {
        LEFT,
        MIDDLE,
        RIGHT
    }

    /** Writes the whole text with the anchor on its baseline at (x, y). */
    void write(Graphics2D g, String text, int x, int y, Anchor anchor) {
        if (FONTS) {
            dip(g);
            g.drawString(text, x - before(text, g.getFontMetrics(), anchor), y);
        }
    }

    /** Writes upwards, to be read from the right, with the anchor on the baseline at (x, y). */
    void writeUp(Graphics2D g, String text, int x, int y, Anchor anchor) {
        if (FONTS) {
            dip(g);
            AffineTransform upright = g.getTransform();
            g.rotate(-Math.PI / 2, x, y);
            g.drawString(text, x - before(text, g.getFontMetrics(), anchor), y);
            g.setTransform(upright);
        }
    }

    private static int before(String text, FontMetrics metrics, Anchor anchor) {
        int width = metrics.stringWidth(text);
        return anchor == Anchor.LEFT ? 0 : anchor == Anchor.RIGHT ? width : width / 2;
    }

    /** Width of the text; 0 without fonts. */
    int width(String text) {
        return measured(metrics -> metrics.stringWidth(text));
    }

    /** Distance of the baseline below the middle of capitals and digits; 0 without fonts. */
    int belowMiddle() {
        return measured(metrics -> Math.round(metrics.getAscent() * 0.36f));
    }

    /** Shortens a name at its end, because its start tells more. */
    String shortened(String text, int width) {
        String shown = text;
        for (int to = text.length() - 1; to > 0 && width(shown) > width; to--) {
            shown = text.substring(0, to).stripTrailing() + "...";
        }
        return shown;
    }

    private int measured(ToIntFunction<FontMetrics> measure) {
        if (!FONTS) {
            return 0;
        }
        Graphics2D g = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics();
        try {
            return measure.applyAsInt(g.getFontMetrics(font));
        } finally {
            g.dispose();
        }
    }

    /** Writes from (x, top) downwards, in lines no wider than {@code width}. */
    void writeLines(Graphics2D g, String text, int x, int top, int width) {
        if (FONTS) {
            dip(g);
            FontMetrics metrics = g.getFontMetrics();
            int y = top + metrics.getAscent();
            for (String line : lines(text, metrics, width)) {
                g.drawString(cut(line, metrics, width), x, y);
                y += metrics.getHeight();
            }
        }
    }

    /** Height of {@link #writeLines}; 0 without fonts. */
    int height(String text, int width) {
        return measured(metrics -> lines(text, metrics, width).size() * metrics.getHeight());
    }

    private void dip(Graphics2D g) {
        g.setFont(font);
        g.setColor(colour);
        g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    }

    /** Breaks text between words; a single word may be too wide. */
    static List<String> lines(String text, FontMetrics metrics, int width) {
        List<String> lines = new ArrayList<>();
        String line = "";
        for (String word : text.split(" ", -1)) {
            String longer = line.isEmpty() ? word : line + " " + word;
            if (!line.isEmpty() && metrics.stringWidth(longer) > width) {
                lines.add(line);
                longer = word;
            }
            line = longer;
        }
        lines.add(line);
        return lines;
    }

    /** Shortens a path at its start, because its end tells more. */
    static String cut(String text, FontMetrics metrics, int width) {
        String shown = text;
        for (int from = 1; metrics.stringWidth(shown) > width && from < text.length(); from++) {
            shown = "..." + text.substring(from);
        }
        return shown;
    }

    static boolean works(Runnable probe) {
        try {
            probe.run();
            return true;
        } catch (RuntimeException | LinkageError | InternalError e) {
            // Without fontconfig, fonts or libfreetype each JDK throws something else. None of it should end a training
            // run.
            LOG.warn("this machine has no usable fonts: pictures have no text ({})", e.toString());
            return false;
        }
    }

    private static void probe() {
        Graphics2D g = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics();
        try {
            g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
            g.getFontMetrics().stringWidth("x");
            g.drawString("x", 0, 0);
        } finally {
            g.dispose();
        }
    }
}
