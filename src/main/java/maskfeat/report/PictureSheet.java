package maskfeat.report;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/** Samples as rows of four panels: the image, what the network saw, the target, the prediction. */
public final class PictureSheet {
    private static final int MARGIN = 20;
    private static final int GAP = 12;
    private static final int HEADER = 34;
    private static final int CAPTION = 36;
    private static final int PANELS = 4;
    private static final Color PAPER = Color.WHITE;
    private static final Color INK = new Color(0x22262b);
    private static final Color QUIET_INK = new Color(0x646b73);

    private PictureSheet() {}

    /** One sample as a picture. */
    public static BufferedImage draw(PictureSample sample) {
        return draw(List.of(sample));
    }

    /**
     * Several samples under one header.
     *
     * @throws IllegalArgumentException without samples
     */
    public static BufferedImage draw(List<PictureSample> samples) {
        if (samples.isEmpty()) {
            throw new IllegalArgumentException("a sheet wants at least one sample");
        }
        List<PanelRow> rows = new ArrayList<>();
        for (PictureSample sample : samples) {
            rows.add(new PanelRow(sample));
        }
        int panel = rows.stream().mapToInt(PanelRow::width).max().orElseThrow();
        int width = 2 * MARGIN + PANELS * panel + (PANELS - 1) * GAP;
        int height =
                HEADER + rows.stream().mapToInt(row -> row.height() + CAPTION).sum() + MARGIN / 2;

        BufferedImage sheet = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = sheet.createGraphics();
        g.setColor(PAPER);
        g.fillRect(0, 0, width, height);
        header(g, rows.get(0).titles(), panel);
        int top = HEADER;
        for (PanelRow row : rows) {
            int left = MARGIN;
            for (BufferedImage picture : row.panels()) {
                g.drawImage(picture, left, top, null);
                left += panel + GAP;
            }
            top += row.height();
            caption(g, row.sample(), top, width - 2 * MARGIN);
            top += CAPTION;
        }
        g.dispose();
        return sheet;
    }

    private static void header(Graphics2D g, List<String> titles, int panel) {
        int left = MARGIN;
        for (String title : titles) {
            Lettering.write(g, title, left, HEADER - 11, panel, Font.BOLD, 15, INK);
            left += panel + GAP;
        }
    }

    private static void caption(Graphics2D g, PictureSample sample, int top, int width) {
        String text = Numbers.format("%s  \u00b7  %.0f%% hidden", sample.name(), 100 * sample.hiddenShare());
        if (!Double.isNaN(sample.loss())) {
            text += "  \u00b7  loss " + Numbers.loss(sample.loss());
        }
        Lettering.write(g, text, MARGIN, top + 18, width, Font.PLAIN, 13, QUIET_INK);
    }
}
