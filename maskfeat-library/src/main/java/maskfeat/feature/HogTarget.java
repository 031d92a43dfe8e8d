package maskfeat.feature;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.Arrays;
import java.util.Objects;
import maskfeat.augment.Normalize;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;

/**
 * Histograms of oriented gradients of the cells of each token: what MaskFeat predicts.
 *
 * <p>Dalal and Triggs 2005, as used by Wei et al. 2022 and SlowFast's operators.py: Sobel gradients of the normalised
 * image, mirrored at its borders; bins over half a turn, measured from the vertical (opposite directions share a bin);
 * each pixel votes with its magnitude for one bin of one cell, without interpolation; each histogram is scaled to unit
 * length separately, without blocks of cells.
 *
 * <p>A flat cell gives zeros, except if three times its normalised colour is not exact in float32 (true of two colours
 * in three, among them black in red and blue): then rounding leaves a gradient, and scaling to unit length makes it bin
 * 0 = 1. The official targets have this too, and it is kept.
 *
 * <p>A token's features are ordered colour, bin, cell row, cell column: {@code 36k + 4b + 2p + q} for 9 bins and 2 x 2
 * cells. Equal to the official float32 result on a CPU, even in the bins of pixels whose direction is rounding noise.
 *
 * <p>Reads only hidden tokens and the pixels next to them, in one pass.
 */
public final class HogTarget implements FeatureTarget {
    /** How the three colours are combined. */
    public enum Channels {
        /** Separate histograms for each colour: the paper's choice. */
        RGB,
        /**
         * Histograms of luma only, {@code .299 r + .587 g + .114 b} of ITU-R BT.601. Computed from colours 0 to 255,
         * because the deviations of normalised ones would change the weights.
         */
        GRAY,
        /**
         * Separate histograms for each opponent colour, {@code (r - g) / sqrt 2}, {@code (r + g - 2b) / sqrt 6} and
         * {@code (r + g + b) / sqrt 3}, of colours 0 to 1.
         */
        OPPONENT,
        /**
         * One set of histograms that counts, at each pixel, the normalised colour with the largest gradient; on a tie
         * red, then green.
         */
        STRONGEST
    }

    /** Divisor of a histogram, at least 1e-12 (torch.nn.functional.normalize). Wei et al. 2022 compare all three. */
    public enum Norm {
        /** The Euclidean length: the paper's choice. */
        L2 {
            @Override
            float divisor(double[] counts, int from, int to) {
                double sum = 0;
                for (int bin = from; bin < to; bin++) {
                    sum += (float) counts[bin] * (float) counts[bin];
                }
                return Math.max((float) Math.sqrt((float) sum), FLAT);
            }
        },
        /** The sum of the bins. */
        L1 {
            @Override
            float divisor(double[] counts, int from, int to) {
                double sum = 0;
                for (int bin = from; bin < to; bin++) {
                    sum += (float) counts[bin];
                }
                return Math.max((float) sum, FLAT);
            }
        },
        /** No division: gradients keep the units of the normalised colours (0 to 255 for luma). */
        NONE {
            @Override
            float divisor(double[] counts, int from, int to) {
                return 1;
            }
        };

        private static final float FLAT = 1e-12f;

        abstract float divisor(double[] counts, int from, int to);
    }

    /**
     * Histograms of oriented gradients (Dalal and Triggs 2005): the paper's target.
     *
     * @param bins orientations over half a turn, 2 to 180
     * @param cell side of a cell in pixels
     * @param channels how the three colours are combined
     * @param gaussianWindow side in pixels of a Gaussian window that tiles the image and weights its pixels; its
     *     deviation is half the side. 0 for none, as in the paper and SlowFast; OpenMMLab uses 16
     * @param norm divisor of a histogram
     */
    @JsonTypeName("hog")
    public record Config(int bins, int cell, Channels channels, int gaussianWindow, Norm norm)
            implements FeatureTarget.Config {
        public Config {
            Objects.requireNonNull(channels, "hog channels must be RGB, GRAY, OPPONENT or STRONGEST");
            Objects.requireNonNull(norm, "hog norm must be L2, L1 or NONE");
            if (bins < 2 || bins > 180) {
                throw new IllegalArgumentException(
                        "hog bins " + bins + " must lie between 2 and 180; the paper uses 9");
            }
            if (cell < 1) {
                throw new IllegalArgumentException("hog cell of " + cell + " px must be at least 1; the paper uses 8");
            }
            if (gaussianWindow < 0 || gaussianWindow == 1) {
                throw new IllegalArgumentException("hog gaussian window of " + gaussianWindow
                        + " px must be 0 (none) or at least 2; OpenMMLab uses 16");
            }
        }

        /** 9 bins, cells of 8 px, separate colours, no window, unit length (Wei et al. 2022; SlowFast). */
        public static Config paper() {
            return new Config(9, 8, Channels.RGB, 0, Norm.L2);
        }

        /** Defaults of {@code kind: hog}. */
        public static Config defaults() {
            return paper();
        }

        @Override
        public HogTarget build(Normalize normalize, int patch) {
            return new HogTarget(this, normalize, patch);
        }

        @Override
        public int dim(int patch) {
            int cells = patch / cell;
            return colours() * bins * cells * cells;
        }

        @Override
        public void check(int side, int patch) {
            checkCells(patch);
            if (gaussianWindow > 0 && side % gaussianWindow != 0) {
                throw new IllegalArgumentException("target.gaussian-window " + gaussianWindow
                        + " px does not divide a side of " + side + " px; use one that does, or 0 for none");
            }
        }

        private void checkCells(int patch) {
            if (patch < 1 || patch % cell != 0) {
                throw new IllegalArgumentException("hog cells of " + cell + " px do not divide a token of " + patch
                        + " px; use a cell side that does");
            }
        }

        /** Number of histograms per cell. */
        int colours() {
            return channels == Channels.RGB || channels == Channels.OPPONENT ? 3 : 1;
        }
    }

    private final Config config;
    private final int patch;
    private final int cellsPerSide;
    private final float[][] table; // [3, 256], values whose gradients are taken
    private final OrientationBins orientation;
    private final float[] window;

    HogTarget(Config config, Normalize normalize, int patch) {
        config.checkCells(patch);
        this.config = config;
        this.patch = patch;
        cellsPerSide = patch / config.cell();
        table = switch (config.channels()) {
            case GRAY -> scaled(1);
            case OPPONENT -> scaled(255);
            case RGB, STRONGEST -> normalize.table();
        };
        orientation = new OrientationBins(config.bins());
        window = gaussian(config.gaussianWindow());
    }

    /** Bytes divided by a number, the same for each colour; [3, 256]. */
    private static float[][] scaled(float by) {
        float[] values = new float[256];
        for (int value = 0; value < values.length; value++) {
            values[value] = value / by;
        }
        return new float[][] {values, values, values};
    }

    /** {@code exp(-((n - (K - 1) / 2) / (K / 2))^2 / 2)} in rows and columns, scaled to sum 1; [K, K]. */
    private static float[] gaussian(int side) {
        int deviation = side / 2; // rounds down for odd K, as in SlowFast
        double[] line = new double[side];
        for (int n = 0; n < side; n++) {
            double distance = (n - (side - 1) / 2.) / deviation;
            line[n] = Math.exp(-distance * distance / 2);
        }
        double sum = Arrays.stream(line).sum();
        float[] window = new float[side * side];
        for (int i = 0; i < window.length; i++) {
            window[i] = (float) (line[i / side] * line[i % side] / (sum * sum));
        }
        return window;
    }

    @Override
    public String name() {
        return config.kind();
    }

    @Override
    public int dim() {
        return config.dim(patch);
    }

    @Override
    public void of(Frames frames, Grid grid, boolean[] hidden, float[] out, int offset) {
        of(new PixelSource.Bytes(frames, table), grid, hidden, out, offset);
    }

    /** As above for colours in any units; luma and opponent colours are computed from these. */
    void of(PixelSource pixels, Grid grid, boolean[] hidden, float[] out, int offset) {
        int framesPerToken = TokenRows.framesEach(pixels, grid, patch, hidden, dim(), out, offset);
        CellRow row = cellRow(pixels);
        int at = offset;
        for (int time = 0; time < grid.t(); time++) {
            int frame = time * framesPerToken;
            for (int y = 0; y < grid.h(); y++) {
                int x = 0;
                while (x < grid.w()) {
                    int run = run(hidden, grid.index(time, y, x), grid.w() - x);
                    tokens(row, frame, y, x, run, out, at);
                    at += run * dim();
                    x += run + 1; // the token after a run is visible
                }
            }
        }
    }

    /** Number of hidden tokens in a row, starting at {@code from}. */
    private static int run(boolean[] hidden, int from, int most) {
        int run = 0;
        while (run < most && hidden[from + run]) {
            run++;
        }
        return run;
    }

    /** Writes the features of {@code count} adjacent tokens. */
    private void tokens(CellRow row, int frame, int y, int x, int count, float[] out, int offset) {
        if (count == 0) {
            return;
        }
        int cells = cellsPerSide * cellsPerSide;
        for (int cellRow = 0; cellRow < cellsPerSide; cellRow++) {
            row.count(frame, y * patch + cellRow * config.cell(), x * patch, count * cellsPerSide);
            for (int cell = 0; cell < count * cellsPerSide; cell++) {
                int at = offset + cell / cellsPerSide * dim() + cellRow * cellsPerSide + cell % cellsPerSide;
                for (int colour = 0; colour < config.colours(); colour++) {
                    row.write(colour, cell, out, at + colour * config.bins() * cells, cells);
                }
            }
        }
    }

    /**
     * The histograms of a whole frame, ordered by cells instead of tokens.
     *
     * @return [colours, bins, H / cell, W / cell]; incomplete cells at the right and lower border are left out
     */
    float[] cells(PixelSource pixels, int frame) {
        int rows = pixels.height() / config.cell();
        int columns = pixels.width() / config.cell();
        CellRow row = cellRow(pixels);
        float[] cells = new float[config.colours() * config.bins() * rows * columns];
        for (int y = 0; y < rows; y++) {
            row.count(frame, y * config.cell(), 0, columns);
            for (int x = 0; x < columns; x++) {
                for (int colour = 0; colour < config.colours(); colour++) {
                    int at = (colour * config.bins() * rows + y) * columns + x;
                    row.write(colour, x, cells, at, rows * columns);
                }
            }
        }
        return cells;
    }

    private CellRow cellRow(PixelSource pixels) {
        int side = config.gaussianWindow();
        if (side > 0 && (pixels.height() % side != 0 || pixels.width() % side != 0)) {
            throw new IllegalArgumentException("a hog gaussian window of " + side
                    + " px does not divide the sides of an image of " + pixels.height() + " x " + pixels.width()
                    + " px; use one that does, or 0 for none");
        }
        PixelSource colours = switch (config.channels()) {
            case GRAY -> new PixelSource.Luma(pixels);
            case OPPONENT -> new PixelSource.Opponent(pixels);
            case RGB, STRONGEST -> pixels;
        };
        return new CellRow(colours, config, orientation, window);
    }

    /**
     * The mean over the colours, negative predictions counted as 0: [grid.h * u, grid.w * u, bins] with u cells per
     * token side.
     */
    @Override
    public FeatureView view(float[] tokens, Grid grid, int time) {
        int first = TokenRows.firstAt(time, grid, tokens, dim());
        int u = cellsPerSide;
        int rows = grid.h() * u;
        int columns = grid.w() * u;
        int bins = config.bins();
        float[] values = new float[rows * columns * bins];
        for (int i = 0; i < values.length; i++) {
            int bin = i % bins;
            int x = i / bins % columns;
            int y = i / bins / columns;
            int token = first + y / u * grid.w() + x / u;
            float sum = 0;
            for (int colour = 0; colour < config.colours(); colour++) {
                sum += Math.max(0, tokens[token * dim() + ((colour * bins + bin) * u + y % u) * u + x % u]);
            }
            values[i] = sum / config.colours();
        }
        return new FeatureView.Histograms(rows, columns, bins, values);
    }
}
