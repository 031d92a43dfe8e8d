package maskfeat.report;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;

/** A white sheet that panels and words are put on. */
final class Paper {
    static final int MARGIN = 20;

    private static final Color INK = new Color(0x22262b);
    private static final Color QUIET_INK = new Color(0x646b73);

    private final BufferedImage sheet;
    private final Graphics2D g;

    Paper(int width, int height) {
        sheet = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        g = sheet.createGraphics();
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, width, height);
    }

    void picture(BufferedImage picture, int left, int top) {
        g.drawImage(picture, left, top, null);
    }

    /** Says what stands below or beside, no wider than {@code width}. */
    void title(String text, int left, int baseLine, int width) {
        Lettering.write(g, text, left, baseLine, width, Font.BOLD, 15, INK);
    }

    /** Like {@link #title} in as many lines as it takes; the first line begins at {@code top}. */
    void titleLines(String text, int left, int top, int width) {
        Lettering.writeLines(g, text, left, top, width, Font.BOLD, 15, INK);
    }

    /** Says what is good to know. */
    void note(String text, int left, int baseLine, int width) {
        Lettering.write(g, text, left, baseLine, width, Font.PLAIN, 13, QUIET_INK);
    }

    /** The sheet, on which nothing can be put any more. */
    BufferedImage finished() {
        g.dispose();
        return sheet;
    }
}
