package maskfeat.augment;

import java.util.random.RandomGenerator;
import maskfeat.media.Frames;

/**
 * Resizes the short side to a random length, then cuts a square at a random place; the same for every frame.
 *
 * <p>The length is drawn as a fraction and rounded to pixels, so each end of the range is about half as probable as its
 * neighbour.
 *
 * <p>SlowFast's training crop of frames without a resized crop, such as Something-Something's
 * ({@code random_short_side_scale_jitter} and {@code random_crop} of datasets/transform.py). All places of the square
 * are equally probable; the official code never takes the last one of either direction. Resizing and cutting are one
 * step: only the pixels of the square are computed.
 *
 * @param minShortSide smallest length of the short side, in pixels
 * @param maxShortSide largest length of the short side, in pixels
 * @param inverse whether one over the length is uniform, which favours short ones, instead of the length itself
 * @param side of the square, in pixels; at most {@code minShortSide}
 * @param filter that resizes
 */
public record ShortSideJitter(int minShortSide, int maxShortSide, boolean inverse, int side, Resize.Filter filter)
        implements Augment {
    public ShortSideJitter {
        if (side < 1 || minShortSide < side || maxShortSide < minShortSide) {
            throw new IllegalArgumentException(
                    "crop of side " + side + " from short sides of " + minShortSide + " to " + maxShortSide
                            + ": the crop must be at least 1 and at most the smallest, which is at most the largest");
        }
    }

    @Override
    public Augmented apply(Frames frames, RandomGenerator random) {
        Scaled scaled = Scaled.toShortSide(drawShortSide(random), frames);
        return scaled.part(frames, drawSquare(scaled, random), filter);
    }

    int drawShortSide(RandomGenerator random) {
        double share = random.nextDouble();
        double length = inverse
                ? 1 / (1.0 / maxShortSide + (1.0 / minShortSide - 1.0 / maxShortSide) * share)
                : minShortSide + (maxShortSide - minShortSide) * share;
        return (int) Math.rint(length);
    }

    Box drawSquare(Scaled scaled, RandomGenerator random) {
        int top = random.nextInt(scaled.height() - side + 1);
        int left = random.nextInt(scaled.width() - side + 1);
        return new Box(top, left, side, side);
    }
}
