package maskfeat.augment;

import java.util.Optional;
import java.util.random.RandomGenerator;
import maskfeat.media.Frames;

/**
 * Hides a random box behind noise, the same box in every frame.
 *
 * <p>Zhong et al. 2020 as in timm and SlowFast (datasets/random_erasing.py), mode "pixel" with one box: its area is
 * uniform, its aspect uniform in the logarithm, and it spans neither the full height nor the full width. The noise is
 * normally distributed, with a value of its own for each pixel, channel and frame.
 *
 * <p>Not an {@link Augment}: the noise has the mean and deviation of pixels that are normalised ({@link Normalize}), so
 * it must be written over these, and cannot be given in 8 bits.
 *
 * @param probability of hiding a box, 0 to 1
 * @param minArea smallest share of the image to hide, above 0
 * @param maxArea largest share of the image to hide, at most 1
 * @param minAspect smallest height over width, above 0 and at most 1; the largest is one over it
 * @param tries draws of a box, of which the first that fits is taken; when none fits nothing is hidden
 */
public record RandomErasing(double probability, double minArea, double maxArea, double minAspect, int tries) {
    public RandomErasing {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("erasing probability " + probability + " must lie in 0 to 1");
        }
        if (!(minArea > 0 && minArea <= maxArea && maxArea <= 1)) {
            throw new IllegalArgumentException("erased area " + minArea + " to " + maxArea
                    + " must be a range of shares of the picture, above 0 and at most 1");
        }
        if (!(minAspect > 0 && minAspect <= 1)) {
            throw new IllegalArgumentException("erased aspect " + minAspect + " must be above 0 and at most 1");
        }
        if (tries < 1) {
            throw new IllegalArgumentException("erasing wants at least 1 try, got " + tries);
        }
    }

    /** For images: ten tries (timm); MaskFeat fine-tunes with a probability of 0.25. */
    public static RandomErasing images(double probability) {
        return new RandomErasing(probability, 0.02, 1.0 / 3, 0.3, 10);
    }

    /** For clips: a hundred tries (SlowFast); MaskFeat fine-tunes with a probability of 0.25. */
    public static RandomErasing clips(double probability) {
        return new RandomErasing(probability, 0.02, 1.0 / 3, 0.3, 100);
    }

    /**
     * Draws what hides a sample.
     *
     * @param frames in the clip
     * @param height of the frames, in pixels
     * @param width of the frames, in pixels
     * @return empty by chance, and where no try fits, as in an image of one row
     */
    public Optional<Erased> draw(int frames, int height, int width, RandomGenerator random) {
        if (random.nextDouble() >= probability) {
            return Optional.empty();
        }
        return drawBox(height, width, random).map(box -> new Erased(box, noise(frames, box, random)));
    }

    private Optional<Box> drawBox(int height, int width, RandomGenerator random) {
        double widest = -Math.log(minAspect);
        for (int i = 0; i < tries; i++) {
            double area = (minArea + (maxArea - minArea) * random.nextDouble()) * height * width;
            double aspect = Math.exp(widest * (2 * random.nextDouble() - 1));
            int h = (int) Math.rint(Math.sqrt(area * aspect));
            int w = (int) Math.rint(Math.sqrt(area / aspect));
            // The official code takes a box without pixels, in very small images, as one that fits.
            if (0 < h && h < height && 0 < w && w < width) {
                return Optional.of(new Box(random.nextInt(height - h + 1), random.nextInt(width - w + 1), h, w));
            }
        }
        return Optional.empty();
    }

    private static float[] noise(int frames, Box box, RandomGenerator random) {
        float[] noise = new float[Math.toIntExact((long) frames * box.height() * box.width() * Frames.CHANNELS)];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (float) random.nextGaussian();
        }
        return noise;
    }
}
