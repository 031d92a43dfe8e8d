package maskfeat.report;

import java.awt.Color;
import java.util.List;

/** The colours of drawings on white, distinguishable also with red-green colour blindness. */
final class Ink {
    static final Color TEXT = new Color(0x22262b);
    static final Color QUIET = new Color(0x646b73);
    static final Color RULE = new Color(0xd5dae0);
    static final Color EMPTY = new Color(0xf1f3f5);
    private static final Color DARKEST = new Color(0x0c0e10);

    /**
     * Luminance with equal contrast to white and to the darkest: (1 + 0.05) / (x + 0.05) = (x + 0.05) / (0.004 + 0.05).
     */
    private static final double DARK_ON_ABOVE = 0.188;

    private static final List<Color> RIGHT = List.of(EMPTY, new Color(0x79b3e0), new Color(0x0f548c));
    private static final List<Color> WRONG = List.of(EMPTY, new Color(0xffb066), new Color(0xa84300));

    /** Colours of series such as classes. */
    private static final List<Color> SERIES = List.of(
            new Color(0x1f6fb4),
            new Color(0xa85c00),
            new Color(0x128268),
            new Color(0xa83279),
            new Color(0x5b51b5),
            new Color(0x8a6a00),
            new Color(0xb23b35),
            new Color(0x3d7f99));

    private Ink() {}

    static Color series(int index) {
        return SERIES.get(index % SERIES.size());
    }

    /** The stronger the more there is of it, 0 to 1. */
    static Color right(double share) {
        return along(RIGHT, share);
    }

    /** The stronger the more there is of it, 0 to 1. */
    static Color wrong(double share) {
        return along(WRONG, share);
    }

    /** Interpolates over three colours, because a straight line between two would pass through grey. */
    private static Color along(List<Color> ramp, double share) {
        return share < 0.5
                ? mixed(ramp.get(0), ramp.get(1), 2 * share)
                : mixed(ramp.get(1), ramp.get(2), 2 * share - 1);
    }

    /** @param share of {@code b}, 0 to 1 */
    static Color mixed(Color a, Color b, double share) {
        return new Color(
                mixed(a.getRed(), b.getRed(), share),
                mixed(a.getGreen(), b.getGreen(), share),
                mixed(a.getBlue(), b.getBlue(), share));
    }

    private static int mixed(int a, int b, double share) {
        return (int) Math.round(a + (b - a) * share);
    }

    /** The more legible text colour on this background: dark or white. */
    static Color on(Color background) {
        return luminance(background) > DARK_ON_ABOVE ? DARKEST : Color.WHITE;
    }

    /** Relative luminance in sRGB (IEC 61966-2-1), 0 to 1. */
    static double luminance(Color colour) {
        return 0.2126 * linear(colour.getRed())
                + 0.7152 * linear(colour.getGreen())
                + 0.0722 * linear(colour.getBlue());
    }

    private static double linear(int channel) {
        double c = channel / 255.0;
        return c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4);
    }
}
