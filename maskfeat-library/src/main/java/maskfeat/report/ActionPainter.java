package maskfeat.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Dimension;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import maskfeat.eval.Corners;
import maskfeat.media.Frames;
import maskfeat.report.Lettering.Anchor;
import org.jspecify.annotations.Nullable;

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
     * @param person number that gives it its colour; no other box of the frame has it
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
        return draw(frames, frame, boxes, shortSide, new PanelPlaces());
    }

    /** Draws one frame of a film, in which panels keep their places. */
    static BufferedImage draw(Frames frames, int frame, List<Marked> boxes, int shortSide, PanelPlaces places) {
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
            panels(g, boxes, places, width, height);
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

    /** What a panel says: with all actions, with the best, or the person alone. */
    private record Panel(Marked marked, List<Action> actions) {
        private boolean scored() {
            return actions.stream().anyMatch(action -> !Double.isNaN(action.score()));
        }

        private int lines() {
            return actions.size() + (marked.title().isEmpty() ? 0 : 1);
        }

        Dimension size(int width) {
            int words = TITLE.width(marked.title());
            for (Action action : actions) {
                words = Math.max(words, WORDS.width(text(action)));
            }
            return new Dimension(
                    Math.min(width, words + 2 * PADDING + (scored() ? BAR + PADDING : 0)),
                    lines() * LINE + 2 * PADDING);
        }

        /** The smaller ones that still say something come last. */
        static List<Panel> all(Marked marked) {
            List<Panel> all = new ArrayList<>();
            for (int actions : new int[] {marked.actions().size(), 1, 0}) {
                Panel panel = new Panel(
                        marked,
                        marked.actions()
                                .subList(0, Math.min(actions, marked.actions().size())));
                if (panel.lines() > 0
                        && (all.isEmpty()
                                || panel.lines() < all.get(all.size() - 1).lines())) {
                    all.add(panel);
                }
            }
            return all;
        }

        void draw(Graphics2D g, Rectangle at) {
            g.setColor(PANEL);
            g.fillRect(at.x, at.y, at.width, at.height);
            g.setColor(colour(marked.person()));
            g.fillRect(at.x, at.y, 3, at.height);
            int y = at.y + PADDING + LINE - 4;
            int from = at.x + PADDING + (scored() ? BAR + PADDING : 0);
            if (!marked.title().isEmpty()) {
                TITLE.write(g, TITLE.shortened(marked.title(), at.width), at.x + PADDING + 2, y, Anchor.LEFT);
                y += LINE;
            }
            for (Action action : actions) {
                if (!Double.isNaN(action.score())) {
                    g.setColor(new Color(255, 255, 255, 60));
                    g.fillRect(at.x + PADDING + 2, y - 9, BAR - 2, 8);
                    g.setColor(colour(marked.person()));
                    int length = (int) Math.round((BAR - 2) * Math.max(0, Math.min(1, action.score())));
                    g.fillRect(at.x + PADDING + 2, y - 9, length, 8);
                }
                WORDS.write(g, WORDS.shortened(text(action), at.x + at.width - from), from, y, Anchor.LEFT);
                y += LINE;
            }
        }
    }

    private static void panels(Graphics2D g, List<Marked> boxes, PanelPlaces places, int width, int height) {
        List<List<Panel>> panels =
                boxes.stream().map(Panel::all).filter(each -> !each.isEmpty()).toList();
        List<PanelPlaces.Wanted> wanted = panels.stream()
                .map(sizes -> {
                    int[] at = place(sizes.get(0).marked().box(), width, height);
                    return new PanelPlaces.Wanted(
                            sizes.get(0).marked().person(),
                            new Rectangle(at[0], at[1], at[2] - at[0], at[3] - at[1]),
                            sizes.stream().map(panel -> panel.size(width)).toList());
                })
                .toList();
        List<PanelPlaces.@Nullable Place> found = places.place(wanted, width, height);
        for (int i = 0; i < found.size(); i++) {
            PanelPlaces.Place place = found.get(i);
            if (place != null && place.apart()) {
                leader(
                        g,
                        wanted.get(i).box(),
                        place.at(),
                        panels.get(i).get(0).marked().person());
            }
        }
        for (int i = 0; i < found.size(); i++) {
            PanelPlaces.Place place = found.get(i);
            if (place != null) {
                panels.get(i).get(place.size()).draw(g, place.at());
            }
        }
    }

    /** A line from a box to its panel elsewhere. */
    private static void leader(Graphics2D g, Rectangle box, Rectangle panel, int person) {
        int x = box.x + box.width / 2;
        int toX = Math.max(panel.x, Math.min(x, panel.x + panel.width));
        int toY = Math.max(panel.y, Math.min(box.y, panel.y + panel.height));
        g.setColor(DARK);
        g.setStroke(new BasicStroke(3));
        g.drawLine(x, box.y, toX, toY);
        g.setColor(colour(person));
        g.setStroke(new BasicStroke(1.5f));
        g.drawLine(x, box.y, toX, toY);
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
