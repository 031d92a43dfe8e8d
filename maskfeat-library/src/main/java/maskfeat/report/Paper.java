package maskfeat.report;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;

/** A white sheet on which panels and text are drawn. */
final class Paper {
    static final int MARGIN = 20;

    private static final Lettering TITLE = new Lettering(Font.BOLD, 16, Ink.TEXT);
    private static final Lettering NOTE = new Lettering(Font.PLAIN, 15, Ink.QUIET);

    private final BufferedImage sheet;
    private final Graphics2D g;

    Paper(int width, int height) {
        sheet = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        g = sheet.createGraphics();
        g.setBackground(Color.WHITE);
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, width, height);
    }

    /** The graphics of the sheet, with antialiasing. */
    Graphics2D pen() {
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        return g;
    }

    void picture(BufferedImage picture, int left, int top) {
        g.drawImage(picture, left, top, null);
    }

    /** Writes a title from {@code top} downwards, in as many lines as it needs. */
    void title(String text, int left, int top, int width) {
        TITLE.writeLines(g, text, left, top, width);
    }

    /** The largest height that any of the titles needs. */
    static int titleHeight(List<String> titles, int width) {
        return titles.stream()
                .mapToInt(title -> TITLE.height(title, width))
                .max()
                .orElse(0);
    }

    /** Writes a note. */
    void note(String text, int left, int baseLine, int width) {
        NOTE.write(g, text, left, baseLine, width);
    }

    /** Finishes the sheet; nothing can be drawn after this. */
    BufferedImage finished() {
        g.dispose();
        return sheet;
    }
}
