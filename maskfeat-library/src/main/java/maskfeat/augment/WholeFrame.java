package maskfeat.augment;

import java.util.random.RandomGenerator;
import maskfeat.media.Frames;

/**
 * The whole of each frame, brought to a size that divides into tokens: both sides become the nearest multiple of a token's. What
 * detection sees in evaluation.
 *
 * @param shortSide in pixels, before it is rounded
 * @param unit side of a token in pixels
 * @param filter that resizes
 */
public record WholeFrame(int shortSide, int unit, Resize.Filter filter) implements Augment {
    public WholeFrame {
        if (unit < 1 || shortSide < 1) {
            throw new IllegalArgumentException(
                    "short side " + shortSide + " and the tokens' side " + unit + " must be at least 1");
        }
    }

    /** Draws nothing. */
    @Override
    public Augmented apply(Frames frames, RandomGenerator random) {
        double scale = (double) shortSide / Math.min(frames.height(), frames.width());
        int height = rounded(frames.height() * scale);
        int width = rounded(frames.width() * scale);
        return new Scaled(height, width).part(frames, new Box(0, 0, height, width), filter);
    }

    private int rounded(double length) {
        return Math.multiplyExact((int) Math.max(1, Math.round(length / unit)), unit);
    }
}
