package maskfeat.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Locale;
import maskfeat.eval.Corners;
import maskfeat.media.Frames;
import maskfeat.report.Lettering.Anchor;

/** Draws boxes with what is done in them on a frame, to be read on light and on dark. */
public final class ActionPainter {
    private static final Color PANEL = new Color(12, 14, 16, 200);
    private static final Color DARK = new Color(0x0c0e10);
    private static final Color WORD = Color.WHITE;
    private static final int LINE = 17;
    private static final int PADDING = 5;
    private static final int BAR = 46;
    private static final Lettering WORDS = new Lettering(Font.PLAIN, 13, WORD);
    private static final Lettering TITLE = new Lettering(Font.BOLD, 13, WORD);

    /** Colours that stand out from dark and light alike; one a person. */
    private static final List<Color> COLOURS = List.of(
            new Color(0xffd23f),
            new Color(0x4fd1ff),
            new Color(0xff7ac6),
            new Color(0x7dff8a),
            new Color(0xffa352),
            new Color(0xb9a4ff));

    private ActionPainter() {}

    /**
     * An action in a box.
     *
     * @param score 0 to 1; NaN where it is annotated
     */
    public record Action(String name, double score) {}

    /**
     * A box.
     *
     * @param box in fractions of the frame
     * @param person number that gives it its colour
     * @param title what stands above the actions, such as the person; empty for nothing
     * @param actions to write, in this order
     */
    public record Marked(Corners box, int person, String title, List<Action> actions) {
        public Marked {
            actions = List.copyOf(actions);
        }
    }

    /**
     * Draws one frame.
     *
     * @param frame number of it
     * @param shortSide that the picture has at least, in pixels: small frames are enlarged so that words are readable
     */
    public static BufferedImage draw(Frames frames, int frame, List<Marked> boxes, int shortSide) {
        double zoom = Math.max(1, (double) shortSide / Math.min(frames.height(), frames.width()));
        int height = even(frames.height() * zoom);
        int width = even(frames.width() * zoom);
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = picture.createGraphics();
        try {
            g.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
            g.drawImage(ContactSheet.picture(frames, frame), 0, 0, width, height, null);
            g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            boxes.forEach(box -> outline(g, box, width, height));
            boxes.forEach(box -> panel(g, box, width, height));
        } finally {
            g.dispose();
        }
        return picture;
    }

    private static int even(double length) {
        return 2 * (int) Math.round(length / 2);
    }

    private static Color colour(int person) {
        return COLOURS.get(Math.floorMod(person, COLOURS.size()));
    }

    private static int[] place(Corners box, int width, int height) {
        int left = clamp(Math.min(box.x1(), box.x2()) * width, width - 1);
        int right = clamp(Math.max(box.x1(), box.x2()) * width, width - 1);
        int top = clamp(Math.min(box.y1(), box.y2()) * height, height - 1);
        int bottom = clamp(Math.max(box.y1(), box.y2()) * height, height - 1);
        return new int[] {left, top, right, bottom};
    }

    private static int clamp(double value, int most) {
        return (int) Math.max(0, Math.min(most, Math.round(value)));
    }

    /** A dark line below the coloured one, so that one of the two is seen on any ground. */
    private static void outline(Graphics2D g, Marked marked, int width, int height) {
        int[] at = place(marked.box(), width, height);
        g.setColor(DARK);
        g.setStroke(new BasicStroke(5));
        g.drawRect(at[0], at[1], at[2] - at[0], at[3] - at[1]);
        g.setColor(colour(marked.person()));
        g.setStroke(new BasicStroke(2.5f));
        g.drawRect(at[0], at[1], at[2] - at[0], at[3] - at[1]);
    }

    private static void panel(Graphics2D g, Marked marked, int width, int height) {
        boolean scored = marked.actions().stream().anyMatch(action -> !Double.isNaN(action.score()));
        int lines = marked.actions().size() + (marked.title().isEmpty() ? 0 : 1);
        if (lines == 0) {
            return;
        }
        int words = TITLE.width(marked.title());
        for (Action action : marked.actions()) {
            words = Math.max(words, WORDS.width(text(action)));
        }
        int[] at = place(marked.box(), width, height);
        int tall = lines * LINE + 2 * PADDING;
        int wide = Math.min(width, words + 2 * PADDING + (scored ? BAR + PADDING : 0));
        int left = Math.max(0, Math.min(at[0], width - wide));
        int top = at[1] >= tall ? at[1] - tall : Math.max(0, Math.min(at[1], height - tall));
        g.setColor(PANEL);
        g.fillRect(left, top, wide, tall);
        g.setColor(colour(marked.person()));
        g.fillRect(left, top, 3, tall);
        int y = top + PADDING + LINE - 4;
        int from = left + PADDING + (scored ? BAR + PADDING : 0);
        if (!marked.title().isEmpty()) {
            TITLE.write(g, marked.title(), left + PADDING + 2, y, Anchor.LEFT);
            y += LINE;
        }
        for (Action action : marked.actions()) {
            if (!Double.isNaN(action.score())) {
                g.setColor(new Color(255, 255, 255, 60));
                g.fillRect(left + PADDING + 2, y - 9, BAR - 2, 8);
                g.setColor(colour(marked.person()));
                int length = (int) Math.round((BAR - 2) * Math.max(0, Math.min(1, action.score())));
                g.fillRect(left + PADDING + 2, y - 9, length, 8);
            }
            WORDS.write(g, WORDS.shortened(text(action), width - (from - left)), from, y, Anchor.LEFT);
            y += LINE;
        }
    }

    private static String text(Action action) {
        return Double.isNaN(action.score())
                ? action.name()
                : String.format(Locale.ROOT, "%s %.0f %%", action.name(), 100 * action.score());
    }

    /**
     * Draws pictures in rows, all as large as the first.
     *
     * @throws IllegalArgumentException if there are none
     */
    public static BufferedImage sheet(List<BufferedImage> pictures, int columns) {
        if (pictures.isEmpty()) {
            throw new IllegalArgumentException("a sheet needs at least one picture");
        }
        int width = pictures.get(0).getWidth();
        int height = pictures.get(0).getHeight();
        int across = Math.min(columns, pictures.size());
        int rows = (pictures.size() + across - 1) / across;
        Paper paper = new Paper(
                across * (width + PADDING) - PADDING + 2 * Paper.MARGIN,
                rows * (height + PADDING) - PADDING + 2 * Paper.MARGIN);
        for (int i = 0; i < pictures.size(); i++) {
            paper.picture(
                    FeaturePainter.zoomed(pictures.get(i), width, height),
                    Paper.MARGIN + i % across * (width + PADDING),
                    Paper.MARGIN + i / across * (height + PADDING));
        }
        return paper.finished();
    }
}
