package maskfeat.feature;

import com.fasterxml.jackson.annotation.JsonTypeName;
import maskfeat.augment.Normalize;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;

/**
 * The normalised pixels of a token: the baseline that MaskFeat is compared with.
 *
 * <p>Wei et al. 2022; SlowFast's masked.py with MASK.PRED_HOG False. The order is SlowFast's: colour, row, column in a
 * token of an image; row, column, colour in one of a clip, which is a grid of more than one step of time.
 */
public final class PixelTarget implements FeatureTarget {
    /** Keeps the scale of a flat patch finite (SlowFast, masked.py). */
    private static final float FLAT = 1e-6f;

    /**
     * The colours of the pixels themselves.
     *
     * @param normalizePatch whether each token is shifted to mean 0 and scaled to variance 1, over all its colours
     *     together, as SlowFast does by default; the paper does not
     */
    @JsonTypeName("pixels")
    public record Config(boolean normalizePatch) implements FeatureTarget.Config {
        /** Defaults of {@code kind: pixels}: normalised, as in SlowFast. */
        public static Config defaults() {
            return new Config(true);
        }

        @Override
        public PixelTarget build(Normalize normalize, int patch) {
            return new PixelTarget(this, normalize, patch);
        }

        @Override
        public int dim(int patch) {
            return Frames.CHANNELS * patch * patch;
        }

        @Override
        public void check(int side, int patch) {
            if (patch < 1) {
                throw new IllegalArgumentException("a token of " + patch + " px has no pixels; the usual side is 16");
            }
        }
    }

    private final Config config;
    private final int patch;
    private final float[][] table;

    PixelTarget(Config config, Normalize normalize, int patch) {
        config.check(patch, patch);
        this.config = config;
        this.patch = patch;
        table = normalize.table();
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

    /** As above for colours that are already normalised. */
    void of(PixelSource pixels, Grid grid, boolean[] hidden, float[] out, int offset) {
        int framesPerToken = TokenRows.framesEach(pixels, grid, patch, hidden, dim(), out, offset);
        float[] line = new float[patch];
        int at = offset;
        for (int token = 0; token < hidden.length; token++) {
            if (hidden[token]) {
                int frame = token / (grid.h() * grid.w()) * framesPerToken;
                int top = token / grid.w() % grid.h() * patch;
                int left = token % grid.w() * patch;
                for (int colour = 0; colour < Frames.CHANNELS; colour++) {
                    for (int y = 0; y < patch; y++) {
                        pixels.read(frame, colour, top + y, left, patch, line, 0);
                        for (int x = 0; x < patch; x++) {
                            out[at + index(grid, colour, y, x)] = line[x];
                        }
                    }
                }
                if (config.normalizePatch()) {
                    standardise(out, at, dim());
                }
                at += dim();
            }
        }
    }

    private int index(Grid grid, int colour, int y, int x) {
        return grid.t() > 1 ? (y * patch + x) * Frames.CHANNELS + colour : (colour * patch + y) * patch + x;
    }

    /** {@code (v - mean) / sqrt(var + 1e-6)}; the variance is unbiased, as torch.var's. */
    private static void standardise(float[] values, int from, int count) {
        double sum = 0;
        for (int i = from; i < from + count; i++) {
            sum += values[i];
        }
        double mean = sum / count;
        double squares = 0;
        for (int i = from; i < from + count; i++) {
            squares += (values[i] - mean) * (values[i] - mean);
        }
        float deviation = (float) Math.sqrt(squares / (count - 1) + FLAT);
        for (int i = from; i < from + count; i++) {
            values[i] = (values[i] - (float) mean) / deviation;
        }
    }

    @Override
    public FeatureView view(float[] tokens, Grid grid, int time) {
        int first = TokenRows.firstAt(time, grid, tokens, dim());
        int height = grid.h() * patch;
        int width = grid.w() * patch;
        float[] values = new float[height * width * Frames.CHANNELS];
        for (int i = 0; i < values.length; i++) {
            int colour = i % Frames.CHANNELS;
            int x = i / Frames.CHANNELS % width;
            int y = i / Frames.CHANNELS / width;
            int token = first + y / patch * grid.w() + x / patch;
            values[i] = tokens[token * dim() + index(grid, colour, y % patch, x % patch)];
        }
        return new FeatureView.Pixels(height, width, values);
    }
}
