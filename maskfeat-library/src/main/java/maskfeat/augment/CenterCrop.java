package maskfeat.augment;

import java.util.random.RandomGenerator;
import maskfeat.media.Frames;

/**
 * What validation sees: the short side resized, then the square in the middle.
 *
 * <p>As torchvision's {@code Resize} and {@code CenterCrop} on a PIL image, which SlowFast's ImageNet validation uses;
 * only the pixels of the square are computed.
 *
 * @param shortSide of the resized image, in pixels; the long side keeps the aspect, rounded down
 * @param side of the square, in pixels; at most {@code shortSide}
 * @param filter that resizes
 */
public record CenterCrop(int shortSide, int side, Resize.Filter filter) implements Augment {
    /** ImageNet's: 256, then 224. */
    public static final CenterCrop IMAGENET = new CenterCrop(256, 224, Resize.Filter.BICUBIC);

    public CenterCrop {
        if (side < 1 || shortSide < side) {
            throw new IllegalArgumentException("centre crop of side " + side + " from a short side of " + shortSide
                    + ": the crop must be at least 1 and at most the short side");
        }
    }

    /** Draws nothing. */
    @Override
    public Augmented apply(Frames frames, RandomGenerator random) {
        Scaled scaled = Scaled.toShortSide(shortSide, frames);
        return scaled.part(frames, Box.centre(scaled.height(), scaled.width(), side, side), filter);
    }
}
