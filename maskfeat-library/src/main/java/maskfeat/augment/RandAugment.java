package maskfeat.augment;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import maskfeat.media.Frames;

/**
 * Distorts colours and geometry at random: a few of fifteen operations, each with a magnitude around a given one.
 *
 * <p>Cubuk et al. 2020 in the "increasing" variant of timm, as SlowFast fine-tunes with (datasets/rand_augment.py): auto
 * contrast, equalize, invert, rotate, posterize, solarize, solarize-add, color, contrast, brightness, sharpness, shear
 * and translate along x and along y. Operations are drawn uniformly and with replacement, each is applied by chance,
 * with a magnitude of its own, and in either direction where it has two. What is drawn holds for all frames of a clip.
 * Each operation gives Pillow's result byte for byte; geometric ones resample with its bicubic filter.
 *
 * <p>SlowFast applies it to whole clips before they are cropped, and to images after that.
 *
 * @param ops operations drawn for a sample, at least 1
 * @param magnitude mean of the magnitudes, 0 to 10, where 10 is the strongest
 * @param magnitudeStd deviation of the normally distributed magnitudes, which are cut to 0 to 10; 0 for a fixed one
 * @param probability probability that a drawn operation is applied, above 0 and at most 1
 * @param fill red, green and blue of the places that no pixel moves to, 0 to 255 each
 */
public record RandAugment(int ops, double magnitude, double magnitudeStd, double probability, List<Integer> fill)
        implements Augment {
    /** For images, filled with ImageNet's mean (SlowFast, in1k_VIT_B_MaskFeat_FT.yaml: rand-m9-mstd0.5-inc1). */
    public static final RandAugment IMAGES = new RandAugment(2, 9, 0.5, 0.5, List.of(124, 116, 104));

    /** For clips, filled with grey (SlowFast, k400_MVITv2_S_16x4_FT.yaml: rand-m7-mstd0.5-inc1). */
    public static final RandAugment CLIPS = new RandAugment(2, 7, 0.5, 0.5, List.of(128, 128, 128));

    private static final double MAX_MAGNITUDE = 10;
    private static final List<Distortion> DISTORTIONS = List.of(Distortion.values());

    /** Settings if it is switched on without any. */
    public static RandAugment defaults() {
        return IMAGES;
    }

    public RandAugment {
        fill = List.copyOf(fill);
        if (ops < 1) {
            throw new IllegalArgumentException(
                    "RandAugment of " + ops + " operations does nothing: ask for at least 1, or leave it out");
        }
        if (!(magnitude >= 0 && magnitude <= MAX_MAGNITUDE)) {
            throw new IllegalArgumentException("RandAugment magnitude " + magnitude + " must lie in 0 to 10");
        }
        if (!(magnitudeStd >= 0 && magnitudeStd < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "RandAugment magnitude deviation " + magnitudeStd + " must be finite and at least 0");
        }
        if (!(probability > 0 && probability <= 1)) {
            throw new IllegalArgumentException(
                    "RandAugment probability " + probability + " must be above 0 and at most 1");
        }
        if (fill.size() != Frames.CHANNELS || fill.stream().anyMatch(value -> value < 0 || value > 255)) {
            throw new IllegalArgumentException("RandAugment fill " + fill + " must be three values in 0 to 255");
        }
    }

    @Override
    public Augmented apply(Frames frames, RandomGenerator random) {
        Augmented result = Augmented.inPlace(frames);
        for (Drawn drawn : draw(random)) {
            Augmented next = drawn.distortion.apply(result.frames(), drawn.strength, fill);
            result = new Augmented(next.frames(), result.geometry().then(next.geometry()));
        }
        return result;
    }

    /** An operation and its signed strength, the drawn magnitude over the largest. */
    record Drawn(Distortion distortion, double strength) {}

    /** What is applied to one sample, first to last. */
    List<Drawn> draw(RandomGenerator random) {
        List<Drawn> applied = new ArrayList<>();
        for (int i = 0; i < ops; i++) {
            Distortion distortion = DISTORTIONS.get(random.nextInt(DISTORTIONS.size()));
            if (random.nextDouble() < probability) {
                applied.add(new Drawn(distortion, strength(distortion, random)));
            }
        }
        return applied;
    }

    private double strength(Distortion distortion, RandomGenerator random) {
        double drawn = random.nextGaussian(magnitude, magnitudeStd);
        double strength = Math.max(0, Math.min(MAX_MAGNITUDE, drawn)) / MAX_MAGNITUDE;
        return distortion.signed() && random.nextBoolean() ? -strength : strength;
    }
}
