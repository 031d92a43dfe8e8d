package maskfeat.report;

import java.awt.image.BufferedImage;
import java.util.List;

/**
 * Draws clips as blocks of four rows: the frames, the network's input, the targets, the predictions.
 *
 * <p>A column is a step of time and shows its first frame, whose features are the target. All features of a clip have
 * one scale.
 */
public final class Filmstrip {
    private static final int MOST_COLUMNS = 8;
    private static final int LEVELS = 32;
    private static final int GAP = 6;
    private static final int TITLES = 104;
    private static final int TOP = 14;
    private static final int CAPTION = 28;
    private static final int TIMES = 22;
    private static final int BOTTOM = 18;

    private Filmstrip() {}

    /** Draws one clip. */
    public static BufferedImage draw(ClipSample clip) {
        return draw(List.of(clip));
    }

    /**
     * Draws several clips, one below the other.
     *
     * @throws IllegalArgumentException if there are no clips
     */
    public static BufferedImage draw(List<ClipSample> clips) {
        if (clips.isEmpty()) {
            throw new IllegalArgumentException("a filmstrip needs at least one clip");
        }
        List<Strip> blocks = clips.stream().map(Strip::new).toList();
        int inside = blocks.stream().mapToInt(Strip::width).max().orElseThrow();
        int height = blocks.stream().mapToInt(Strip::height).sum();
        Paper paper = new Paper(inside + 2 * Paper.MARGIN, TOP + height);
        int top = TOP;
        for (Strip block : blocks) {
            block.draw(paper, top, inside);
            top += block.height();
        }
        return paper.finished();
    }

    /** A clip on the strip. */
    private static final class Strip {
        private final ClipSample clip;
        private final FeaturePainter painter;
        private final List<String> titles;
        private final int[] steps;

        Strip(ClipSample clip) {
            this.clip = clip;
            this.painter = clip.painter(PanelSize.STRIP);
            this.titles = new Panels(clip.at(0), painter).titles("frame");
            this.steps = Evenly.chosen(clip.grid().t(), MOST_COLUMNS);
        }

        int width() {
            return TITLES + steps.length * (painter.width() + GAP) - GAP;
        }

        int height() {
            return CAPTION + TIMES + titles.size() * (painter.height() + GAP) + BOTTOM;
        }

        void draw(Paper paper, int top, int inside) {
            paper.note(clip.caption(), Paper.MARGIN, top + 15, inside);
            int first = top + CAPTION + TIMES;
            for (int row = 0; row < titles.size(); row++) {
                paper.title(titles.get(row), Paper.MARGIN, first + row * (painter.height() + GAP), TITLES - GAP);
            }
            int left = Paper.MARGIN + TITLES;
            for (int step : steps) {
                int frame = step * clip.framesPerStep();
                paper.note("frame " + frame, left, first - 6, painter.width());
                int down = first;
                for (BufferedImage picture : new Panels(clip.at(frame), painter).drawn()) {
                    paper.picture(fewerColours(picture), left, down);
                    down += painter.height() + GAP;
                }
                left += painter.width() + GAP;
            }
        }
    }

    /** Reduces the levels per channel: with all 256 the file would be twice as large, mostly from noise. */
    private static BufferedImage fewerColours(BufferedImage picture) {
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                int rgb = picture.getRGB(x, y);
                picture.setRGB(x, y, FeaturePainter.rgb(coarse(rgb >> 16), coarse(rgb >> 8), coarse(rgb)));
            }
        }
        return picture;
    }

    private static int coarse(int channel) {
        int step = Math.round((channel & 255) * (LEVELS - 1) / 255f);
        return Math.round(step * 255f / (LEVELS - 1));
    }
}
