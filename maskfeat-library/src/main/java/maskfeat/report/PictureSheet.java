package maskfeat.report;

import java.awt.image.BufferedImage;
import java.util.List;

/**
 * Draws samples as rows of four panels: the image, the network's input, the target, the prediction. Where there are several
 * targets, each has a section with titles of its own.
 */
public final class PictureSheet {
    private static final int GAP = 12;
    private static final int ABOVE_TITLES = 8;
    private static final int BELOW_TITLES = 6;
    private static final int CAPTION = 36;

    private static final int BETWEEN_SECTIONS = 10;

    /** A row of the sheet. */
    record Row(Panels panels, String caption) {}

    /** Rows under the same titles. */
    private record Section(List<Row> rows, List<String> titles) {
        static Section of(String original, List<Row> rows) {
            return new Section(rows, rows.get(0).panels().titles(original));
        }

        int panel() {
            return rows.stream().mapToInt(row -> row.panels().width()).max().orElseThrow();
        }

        int inside() {
            return titles.size() * (panel() + GAP) - GAP;
        }

        int header() {
            return ABOVE_TITLES + Paper.titleHeight(titles, panel()) + BELOW_TITLES;
        }

        int height() {
            return header()
                    + rows.stream()
                            .mapToInt(row -> row.panels().height() + CAPTION)
                            .sum();
        }

        void draw(Paper paper, int above, int inside) {
            int panel = panel();
            int left = Paper.MARGIN;
            for (String title : titles) {
                paper.title(title, left, above + ABOVE_TITLES, panel);
                left += panel + GAP;
            }
            int top = above + header();
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
        }
    }

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
        return sections(List.of(samples));
    }

    /**
     * Draws sections one below the other, such as one for each target.
     *
     * @param sections the samples of each, which share its header
     * @throws IllegalArgumentException if there are no sections, or one has no samples
     */
    public static BufferedImage sections(List<List<PictureSample>> sections) {
        if (sections.isEmpty() || sections.stream().anyMatch(List::isEmpty)) {
            throw new IllegalArgumentException("a sheet needs at least one sample");
        }
        return draw(
                "image",
                sections.stream()
                        .map(samples -> samples.stream().map(PictureSheet::row).toList())
                        .toList());
    }

    private static Row row(PictureSample sample) {
        FeaturePainter painter = FeaturePainter.scaledTo(List.of(sample.target()), PanelSize.SHEET);
        return new Row(new Panels(sample, painter), Caption.of(sample.name(), sample.hidden(), sample.loss()));
    }

    /**
     * @param original title of the first panels
     * @param rows of each section
     */
    static BufferedImage draw(String original, List<List<Row>> rows) {
        List<Section> sections =
                rows.stream().map(each -> Section.of(original, each)).toList();
        int inside = sections.stream().mapToInt(Section::inside).max().orElseThrow();
        int height = sections.stream().mapToInt(Section::height).sum() + (sections.size() - 1) * BETWEEN_SECTIONS;
        Paper paper = new Paper(inside + 2 * Paper.MARGIN, height + Paper.MARGIN / 2);
        int top = 0;
        for (Section section : sections) {
            section.draw(paper, top, inside);
            top += section.height() + BETWEEN_SECTIONS;
        }
        return paper.finished();
    }
}
