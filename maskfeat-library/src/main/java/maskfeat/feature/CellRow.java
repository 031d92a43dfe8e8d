package maskfeat.feature;

import java.util.Arrays;

/**
 * Computes the histograms of a row of cells in one pass over its pixels: gradient, magnitude, bin, vote.
 *
 * <p>Holds only three rows of each colour at a time, with one more pixel on each side. Not thread-safe: it has scratch
 * space.
 */
final class CellRow {
    private final HogTarget.Config config;
    private final OrientationBins orientation;
    private final float[] window; // [K, K], empty for none
    private final int colours;
    private final Gradients[] gradients;
    /** [histograms per cell, cells, bins]. */
    private final double[][] votes;

    CellRow(PixelSource source, HogTarget.Config config, OrientationBins orientation, float[] window) {
        if (source.height() < 2 || source.width() < 2) {
            throw new IllegalArgumentException("an image of " + source.height() + " x " + source.width()
                    + " px has no gradients; it must be at least 2 x 2");
        }
        this.config = config;
        this.orientation = orientation;
        this.window = window;
        colours = config.colours();
        gradients = new Gradients[source.colours()];
        for (int colour = 0; colour < gradients.length; colour++) {
            gradients[colour] = new Gradients(source, colour);
        }
        votes = new double[colours][source.width() / config.cell() * config.bins()];
    }

    /** Counts the votes in {@code cells} cells, from pixel (top, left) to the right. */
    void count(int frame, int top, int left, int cells) {
        int cell = config.cell();
        int width = cells * cell;
        for (double[] of : votes) {
            Arrays.fill(of, 0, cells * config.bins(), 0);
        }
        for (Gradients of : gradients) {
            of.start(frame, top, left, width);
        }
        for (int y = top; y < top + cell; y++) {
            for (Gradients of : gradients) {
                of.next(width);
            }
            if (config.channels() == HogTarget.Channels.STRONGEST) {
                gradients[0].takeStronger(gradients[1], width);
                gradients[0].takeStronger(gradients[2], width);
            }
            for (int colour = 0; colour < colours; colour++) {
                if (window.length > 0) {
                    weigh(gradients[colour].magnitude, y, left, width);
                }
                vote(gradients[colour], votes[colour], cells);
            }
        }
    }

    private void weigh(float[] magnitude, int y, int left, int width) {
        int side = config.gaussianWindow();
        int row = y % side * side;
        for (int x = 0; x < width; x++) {
            magnitude[x] *= window[row + (left + x) % side];
        }
    }

    private void vote(Gradients from, double[] to, int cells) {
        int cell = config.cell();
        int bins = config.bins();
        // Locals, because the compiler reloads fields after each arctangent.
        OrientationBins orientations = orientation;
        float[] gx = from.gx;
        float[] gy = from.gy;
        float[] share = from.share;
        float[] magnitude = from.magnitude;
        for (int i = 0, x = 0; i < cells; i++) {
            int histogram = i * bins;
            for (int end = x + cell; x < end; x++) {
                to[histogram + orientations.of(gx[x], gy[x], share[x])] += magnitude[x];
            }
        }
    }

    /**
     * Writes one cell's histogram of one colour, divided by its norm, to {@code out}: bin b at index at + b * stride.
     */
    void write(int colour, int cell, float[] out, int at, int stride) {
        double[] counts = votes[colour];
        int from = cell * config.bins();
        float divisor = config.norm().divisor(counts, from, from + config.bins());
        for (int bin = 0; bin < config.bins(); bin++) {
            out[at + bin * stride] = (float) counts[from + bin] / divisor;
        }
    }

    /** Gradients of part of a row of one colour, row by row from top to bottom. */
    private static final class Gradients {
        private final PixelSource source;
        private final int colour;
        private float[] above;
        private float[] here;
        private float[] below;
        private int frame;
        private int y;
        private int left;

        final float[] gx;
        final float[] gy;
        final float[] magnitude;
        final float[] share;

        Gradients(PixelSource source, int colour) {
            this.source = source;
            this.colour = colour;
            int width = source.width();
            above = new float[width + 2];
            here = new float[width + 2];
            below = new float[width + 2];
            gx = new float[width];
            gy = new float[width];
            magnitude = new float[width];
            share = new float[width];
        }

        void start(int newFrame, int top, int newLeft, int width) {
            frame = newFrame;
            y = top - 1;
            left = newLeft;
            read(y, width, here);
            read(y + 1, width, below);
        }

        /**
         * Reads {@code row} from one pixel before {@code left} to one pixel after the part; the image is mirrored
         * outside.
         */
        private void read(int row, int width, float[] to) {
            int mirrored = row < 0 ? 1 : row == source.height() ? row - 2 : row;
            int before = left > 0 ? 1 : 0;
            int after = left + width < source.width() ? 1 : 0;
            source.read(frame, colour, mirrored, left - before, before + width + after, to, 1 - before);
            if (before == 0) {
                to[0] = to[2];
            }
            if (after == 0) {
                to[width + 1] = to[width - 1];
            }
        }

        void next(int width) {
            float[] oldest = above;
            above = here;
            here = below;
            below = oldest;
            y++;
            read(y + 1, width, below);
            sobel(above, here, below, width, gx, gy, magnitude, share);
        }

        /**
         * Left minus right and top minus bottom. Sums float32 in the order of the kernel's taps, row by row: any other
         * order changes the last bits, and where gx should be 0 also the bin.
         */
        private static void sobel(
                float[] a, float[] b, float[] c, int width, float[] gx, float[] gy, float[] magnitude, float[] share) {
            for (int x = 0; x < width; x++) {
                float dx = a[x] - a[x + 2] + 2 * b[x] - 2 * b[x + 2] + c[x] - c[x + 2];
                float dy = a[x] + 2 * a[x + 1] + a[x + 2] - c[x] - 2 * c[x + 1] - c[x + 2];
                gx[x] = dx;
                gy[x] = dy;
                magnitude[x] = (float) Math.sqrt(dx * dx + dy * dy);
                share[x] = OrientationBins.share(dx, dy);
            }
        }

        void takeStronger(Gradients other, int width) {
            for (int x = 0; x < width; x++) {
                if (other.magnitude[x] > magnitude[x]) {
                    gx[x] = other.gx[x];
                    gy[x] = other.gy[x];
                    magnitude[x] = other.magnitude[x];
                    share[x] = other.share[x];
                }
            }
        }
    }
}
