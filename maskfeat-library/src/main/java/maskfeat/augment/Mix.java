package maskfeat.augment;

import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Mixes the samples of a group and their labels: mixup (Zhang et al. 2018) or CutMix (Yun et al. 2019), one draw for the
 * whole group, each sample with the one at the mirrored place. Official: SlowFast, configs/masked_ssl/*_FT.yaml, where a
 * group is what one device has of a step.
 *
 * @param mixup both parameters of the beta distribution that mixup's share is drawn from; 0 for no mixup
 * @param cutmix the same for CutMix; 0 for no CutMix
 * @param cutmixShare share of the mixed groups, 0 to 1, that CutMix mixes where both are on
 * @param probability probability that a group is mixed at all
 * @param group number of successive samples that are mixed among themselves; 0 for all that go through the network
 *     together
 */
public record Mix(double mixup, double cutmix, double cutmixShare, double probability, int group) {
    /** All official fine-tuning: mixup 0.8, CutMix 1.0, half and half, always. */
    public static final Mix OFFICIAL = new Mix(0.8, 1.0, 0.5, 1, 0);

    /**
     * What is done to a group.
     *
     * @param share of each sample that is its own, 0 to 1: of its pixels and of its label
     * @param box whose pixels, in every frame, are the other sample's; empty for a weighted mean of all pixels
     */
    public record Draw(double share, Optional<Box> box) {
        static final Draw NOTHING = new Draw(1, Optional.empty());
    }

    public Mix {
        if (!(mixup >= 0 && cutmix >= 0) || mixup + cutmix == 0) {
            throw new IllegalArgumentException("mixup " + mixup + " and cutmix " + cutmix
                    + " must not be negative nor both 0; set the whole to null for no mixing");
        }
        if (!(cutmixShare >= 0 && cutmixShare <= 1)) {
            throw new IllegalArgumentException("cutmix-share " + cutmixShare + " must lie between 0 and 1");
        }
        if (!(probability > 0 && probability <= 1)) {
            throw new IllegalArgumentException("probability " + probability + " of mixing must be above 0, at most 1");
        }
        if (group < 0 || group == 1) {
            throw new IllegalArgumentException(
                    "group " + group + " of mixing must be at least 2 samples, or 0 for all of a micro-batch");
        }
    }

    /** The same in groups of this size. */
    public Mix inGroupsOf(int samples) {
        return new Mix(mixup, cutmix, cutmixShare, probability, samples);
    }

    /** Settings if it is switched on without any. */
    public static Mix defaults() {
        return OFFICIAL;
    }

    /**
     * Draws for one group.
     *
     * @param height of the frames in pixels
     * @param width of the frames in pixels
     */
    public Draw draw(int height, int width, RandomGenerator random) {
        if (random.nextDouble() >= probability) {
            return Draw.NOTHING;
        }
        boolean cut = cutmix > 0 && (mixup == 0 || random.nextDouble() < cutmixShare);
        return cut ? cut(beta(cutmix, random), height, width, random) : new Draw(beta(mixup, random), Optional.empty());
    }

    /** A box of {@code 1 - share} of the image, cut off where it sticks out; the share follows what is left of it. */
    private static Draw cut(double share, int height, int width, RandomGenerator random) {
        double ratio = Math.sqrt(1 - share);
        int h = (int) (height * ratio);
        int w = (int) (width * ratio);
        int y = random.nextInt(height);
        int x = random.nextInt(width);
        int top = Math.max(0, y - h / 2);
        int left = Math.max(0, x - w / 2);
        int bottom = Math.min(height, y + h / 2);
        int right = Math.min(width, x + w / 2);
        if (top >= bottom || left >= right) {
            return Draw.NOTHING;
        }
        Box box = new Box(top, left, bottom - top, right - left);
        return new Draw(1 - (double) box.height() * box.width() / ((double) height * width), Optional.of(box));
    }

    /** Beta(a, a), from two gamma draws (Devroye 1986, chapter IX, theorem 4.1). */
    private static double beta(double a, RandomGenerator random) {
        double first = gamma(a, random);
        double second = gamma(a, random);
        return first + second > 0 ? first / (first + second) : random.nextBoolean() ? 1 : 0;
    }

    /** Gamma(a, 1) by squeezing (Marsaglia and Tsang 2000, section 4 and, for a below 1, section 6). */
    private static double gamma(double a, RandomGenerator random) {
        if (a < 1) {
            return gamma(a + 1, random) * Math.pow(random.nextDouble(), 1 / a);
        }
        double d = a - 1.0 / 3;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double x = random.nextGaussian();
            double v = Math.pow(1 + c * x, 3);
            if (v > 0 && Math.log(1 - random.nextDouble()) < 0.5 * x * x + d - d * v + d * Math.log(v)) {
                return d * v;
            }
        }
    }
}
