package maskfeat.report;

import java.awt.image.BufferedImage;
import java.util.List;

/** Draws samples as rows of four panels: the image, the network's input, the target, the prediction. */
public final class PictureSheet {
    private static final int GAP = 12;
    private static final int ABOVE_TITLES = 8;
    private static final int BELOW_TITLES = 6;
    private static final int CAPTION = 36;

    /** A row of the sheet. */
    record Row(Panels panels, String caption) {}

    private PictureSheet() {}

    /** Draws one sample. */
    public static BufferedImage draw(PictureSample sample) {
        return draw(List.of(sample));
    }

    /**
     * Draws several samples under one header.
     *
     * @throws IllegalArgumentException if there are no samples
     */
    public static BufferedImage draw(List<PictureSample> samples) {
        if (samples.isEmpty()) {
            throw new IllegalArgumentException("a sheet needs at least one sample");
        }
        return draw("image", samples.stream().map(PictureSheet::row).toList());
    }

    private static Row row(PictureSample sample) {
        FeaturePainter painter = FeaturePainter.scaledTo(List.of(sample.target()), PanelSize.SHEET);
        return new Row(new Panels(sample, painter), Caption.of(sample.name(), sample.hidden(), sample.loss()));
    }

    /** @param original title of the first panels */
    static BufferedImage draw(String original, List<Row> rows) {
        int panel = rows.stream().mapToInt(row -> row.panels().width()).max().orElseThrow();
        List<String> titles = rows.get(0).panels().titles(original);
        int inside = titles.size() * (panel + GAP) - GAP;
        int height =
                rows.stream().mapToInt(row -> row.panels().height() + CAPTION).sum();
        int header = ABOVE_TITLES + Paper.titleHeight(titles, panel) + BELOW_TITLES;

        Paper paper = new Paper(inside + 2 * Paper.MARGIN, header + height + Paper.MARGIN / 2);
        int left = Paper.MARGIN;
        for (String title : titles) {
            paper.title(title, left, ABOVE_TITLES, panel);
            left += panel + GAP;
        }
        int top = header;
        for (Row row : rows) {
            left = Paper.MARGIN;
            for (BufferedImage picture : row.panels().drawn()) {
                paper.picture(picture, left, top);
                left += panel + GAP;
            }
            top += row.panels().height();
            paper.note(row.caption(), Paper.MARGIN, top + 18, inside);
            top += CAPTION;
        }
        return paper.finished();
    }
}
