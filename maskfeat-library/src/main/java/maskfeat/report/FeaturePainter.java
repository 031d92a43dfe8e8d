package maskfeat.report;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import maskfeat.feature.FeatureView;

/** Draws features. Predictions use the scale of their targets, so that they can be compared. */
abstract class FeaturePainter {
    private static final int PHOTOGRAPH_PX = 96;

    /** Name of the feature for a title. */
    abstract String title();

    /** Width of the drawing in pixels. */
    abstract int width();

    abstract int height();

    /** Draws one view, {@link #width} x {@link #height}. */
    abstract BufferedImage paint(FeatureView view);

    /** @param targets at least one, all in the same layout: of an image, or of all steps of a clip */
    static FeaturePainter scaledTo(List<FeatureView> targets, PanelSize size) {
        if (targets.get(0) instanceof FeatureView.Histograms first) {
            return new Glyphs(first, values(targets), size);
        }
        return new Colours(Picture.of(targets.get(0)), values(targets), size);
    }

    private static float[] values(List<FeatureView> views) {
        int each = values(views.get(0)).length;
        float[] all = new float[views.size() * each];
        for (int i = 0; i < views.size(); i++) {
            System.arraycopy(values(views.get(i)), 0, all, i * each, each);
        }
        return all;
    }

    private static float[] values(FeatureView view) {
        return view instanceof FeatureView.Histograms h ? h.values() : Picture.of(view).values;
    }

    static boolean sameLayout(FeatureView a, FeatureView b) {
        return layout(a).equals(layout(b));
    }

    static String layout(FeatureView view) {
        if (view instanceof FeatureView.Histograms h) {
            return h.rows() + " x " + h.columns() + " cells of " + h.bins() + " bins";
        }
        Picture p = Picture.of(view);
        return p.height + " x " + p.width + (view instanceof FeatureView.Pixels ? " pixels" : " cells of " + p.name);
    }

    /** A view that is painted as a picture. */
    @SuppressWarnings("ArrayRecordComponent") // as those of the view
    private record Picture(String name, int height, int width, float[] values) {
        static Picture of(FeatureView view) {
            if (view instanceof FeatureView.Cells cells) {
                return new Picture(cells.name(), cells.rows(), cells.columns(), cells.values());
            }
            FeatureView.Pixels pixels = (FeatureView.Pixels) view;
            return new Picture("pixel", pixels.height(), pixels.width(), pixels.values());
        }
    }

    /** Draws orientation histograms as strokes along the edge; brighter strokes have more gradient across them. */
    private static final class Glyphs extends FeaturePainter {
        private final FeatureView.Histograms layout;
        private final int cellPx;
        private final float brightest;
        private final float[][] strokes;

        Glyphs(FeatureView.Histograms layout, float[] targets, PanelSize size) {
            this.layout = layout;
            this.cellPx = size.cellPx(layout.columns());
            this.brightest = max(targets);
            this.strokes = new float[layout.bins()][];
            for (int bin = 0; bin < layout.bins(); bin++) {
                strokes[bin] = stroke(edgeAngle(bin, layout.bins()), cellPx);
            }
        }

        @Override
        String title() {
            return "HOG";
        }

        @Override
        int width() {
            return layout.columns() * cellPx;
        }

        @Override
        int height() {
            return layout.rows() * cellPx;
        }

        @Override
        BufferedImage paint(FeatureView view) {
            FeatureView.Histograms h = (FeatureView.Histograms) view;
            BufferedImage picture = new BufferedImage(width(), height(), BufferedImage.TYPE_INT_RGB);
            for (int row = 0; row < h.rows(); row++) {
                for (int column = 0; column < h.columns(); column++) {
                    paintCell(picture, column * cellPx, row * cellPx, h, (row * h.columns() + column) * h.bins());
                }
            }
            return picture;
        }

        private void paintCell(BufferedImage picture, int left, int top, FeatureView.Histograms h, int first) {
            for (int pixel = 0; pixel < cellPx * cellPx; pixel++) {
                float light = 0;
                for (int bin = 0; bin < h.bins(); bin++) {
                    light += Math.max(0, h.values()[first + bin]) * strokes[bin][pixel];
                }
                int grey = Math.min(255, Math.round(255 * light / brightest));
                picture.setRGB(left + pixel % cellPx, top + pixel / cellPx, rgb(grey, grey, grey));
            }
        }

        /**
         * Direction of the edge whose gradients fall into a bin, in radians, counterclockwise from the right.
         *
         * <p>The gradient at angle f from the vertical is (gx, gy) = (sin f, cos f) with gx = left - right and gy = top
         * - bottom, so it points along (sin f, cos f) in an image whose y grows downwards, or the opposite way. The
         * edge is perpendicular: (cos f, -sin f), an angle of f upwards from the right.
         */
        static double edgeAngle(int bin, int bins) {
            return Math.PI * (bin + 0.5) / bins;
        }

        /** The share of each pixel of a cell that the line through the cell's centre covers, [side, side], 0 to 1. */
        static float[] stroke(double angle, int side) {
            double halfWidth = Math.max(0.6, side / 26.0);
            double halfLength = side / 2.0 - halfWidth;
            double dx = Math.cos(angle);
            double dy = -Math.sin(angle);
            float[] cover = new float[side * side];
            for (int y = 0; y < side; y++) {
                for (int x = 0; x < side; x++) {
                    double fromX = x + 0.5 - side / 2.0;
                    double fromY = y + 0.5 - side / 2.0;
                    double along = Math.abs(fromX * dx + fromY * dy);
                    double across = Math.abs(fromX * dy - fromY * dx);
                    cover[y * side + x] = (float) (ramp(halfWidth - across) * ramp(halfLength - along));
                }
            }
            return cover;
        }

        private static double ramp(double inside) {
            return Math.min(1, Math.max(0, inside + 0.5));
        }

        private static float max(float[] values) {
            float max = 0;
            for (float value : values) {
                max = Math.max(max, value);
            }
            return max > 0 ? max : 1;
        }
    }

    /** Draws colours of any unit, scaled to the range of the screen. */
    private static final class Colours extends FeaturePainter {
        /** Share of outliers to clip, so that the others have contrast. */
        private static final double CUT = 0.01;

        private final String title;
        private final int width;
        private final int height;
        private final float black;
        private final float white;

        Colours(Picture layout, float[] targets, PanelSize size) {
            double zoom = (double) size.photographPx() / layout.width();
            if (layout.width() < PHOTOGRAPH_PX) {
                zoom = Math.max(1, Math.round(zoom)); // so that all its pixels have the same size
            }
            this.title = layout.name();
            this.width = (int) Math.round(zoom * layout.width());
            this.height = (int) Math.round(zoom * layout.height());
            float[] sorted = targets.clone();
            Arrays.sort(sorted);
            this.black = sorted[(int) (CUT * (sorted.length - 1))];
            this.white = sorted[(int) ((1 - CUT) * (sorted.length - 1))];
        }

        @Override
        String title() {
            return title;
        }

        @Override
        int width() {
            return width;
        }

        @Override
        int height() {
            return height;
        }

        @Override
        BufferedImage paint(FeatureView view) {
            Picture p = Picture.of(view);
            BufferedImage picture = new BufferedImage(p.width(), p.height(), BufferedImage.TYPE_INT_RGB);
            for (int pixel = 0; pixel < p.width() * p.height(); pixel++) {
                int red = shown(p.values()[3 * pixel]);
                int green = shown(p.values()[3 * pixel + 1]);
                int blue = shown(p.values()[3 * pixel + 2]);
                picture.setRGB(pixel % p.width(), pixel / p.width(), rgb(red, green, blue));
            }
            return zoomed(picture, width, height);
        }

        private int shown(float value) {
            float range = white > black ? white - black : 1;
            return Math.min(255, Math.max(0, Math.round(255 * (value - black) / range)));
        }
    }

    /** Packs channels of 0 to 255 for {@link BufferedImage#setRGB}. */
    static int rgb(int red, int green, int blue) {
        return (red << 16) | (green << 8) | blue;
    }

    /** Scales an image: smoothly for a photograph, otherwise with square pixels if the sizes allow it. */
    static BufferedImage zoomed(BufferedImage picture, int width, int height) {
        BufferedImage large = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = large.createGraphics();
        boolean squares = picture.getWidth() < PHOTOGRAPH_PX
                && width % picture.getWidth() == 0
                && height % picture.getHeight() == 0;
        g.setRenderingHint(
                RenderingHints.KEY_INTERPOLATION,
                squares
                        ? RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR
                        : RenderingHints.VALUE_INTERPOLATION_BICUBIC);
        g.drawImage(picture, 0, 0, width, height, null);
        g.dispose();
        return large;
    }
}
