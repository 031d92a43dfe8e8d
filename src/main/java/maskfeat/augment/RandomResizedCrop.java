package maskfeat.augment;

import java.util.random.RandomGenerator;
import maskfeat.media.Frames;

/**
 * Cuts out a random box and resizes it to a square; the same box for every frame.
 *
 * <p>As torchvision's {@code RandomResizedCrop} and SlowFast's image pre-training: the area is uniform, the aspect is
 * uniform in its logarithm.
 *
 * @param minArea smallest share of the image to keep, above 0
 * @param maxArea largest share of the image to keep, at most 1
 * @param minAspect smallest width over height, above 0
 * @param maxAspect largest width over height
 * @param side of the result, in pixels
 * @param filter that resizes
 */
public record RandomResizedCrop(
        double minArea, double maxArea, double minAspect, double maxAspect, int side, Resize.Filter filter)
        implements Augment {
    private static final int TRIES = 10;

    public RandomResizedCrop {
        if (!(minArea > 0 && minArea <= maxArea && maxArea <= 1)) {
            throw new IllegalArgumentException("crop area " + minArea + " to " + maxArea
                    + " must be a range of shares of the image, above 0 and at most 1");
        }
        if (!(minAspect > 0 && minAspect <= maxAspect && maxAspect < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "crop aspect " + minAspect + " to " + maxAspect + " must be a finite range above 0");
        }
        if (side < 1) {
            throw new IllegalArgumentException("crop side " + side + " must be at least 1 pixel");
        }
    }

    /** MaskFeat's pre-training: area 0.5 to 1, aspect 3/4 to 4/3 (Wei et al. 2022, appendix, pre-training settings). */
    public static RandomResizedCrop pretraining(int side) {
        return new RandomResizedCrop(0.5, 1, 3.0 / 4, 4.0 / 3, side, Resize.Filter.BICUBIC);
    }

    @Override
    public Augmented apply(Frames frames, RandomGenerator random) {
        Box crop = draw(frames.height(), frames.width(), random);
        return new Augmented(
                Resize.of(frames, crop, side, side, filter), Geometry.resize(crop, side, side, Box.whole(side, side)));
    }

    /**
     * Draws the box: ten tries, then the largest box in the middle whose aspect is allowed.
     *
     * @param height of the image, in pixels
     * @param width of the image, in pixels
     */
    public Box draw(int height, int width, RandomGenerator random) {
        for (int i = 0; i < TRIES; i++) {
            double area = uniform(minArea, maxArea, random) * height * width;
            double aspect = Math.exp(uniform(Math.log(minAspect), Math.log(maxAspect), random));
            int w = (int) Math.rint(Math.sqrt(area * aspect));
            int h = (int) Math.rint(Math.sqrt(area / aspect));
            if (0 < w && w <= width && 0 < h && h <= height) {
                int top = random.nextInt(height - h + 1);
                int left = random.nextInt(width - w + 1);
                return new Box(top, left, h, w);
            }
        }
        return largestInTheMiddle(height, width);
    }

    private Box largestInTheMiddle(int height, int width) {
        double aspect = (double) width / height;
        int h = height;
        int w = width;
        if (aspect < minAspect) {
            h = Math.max(1, (int) Math.rint(width / minAspect));
        } else if (aspect > maxAspect) {
            w = Math.max(1, (int) Math.rint(height * maxAspect));
        }
        // Rounded down, unlike CenterCrop's: each as its original.
        return new Box((height - h) / 2, (width - w) / 2, h, w);
    }

    private static double uniform(double from, double to, RandomGenerator random) {
        return from + (to - from) * random.nextDouble();
    }
}
