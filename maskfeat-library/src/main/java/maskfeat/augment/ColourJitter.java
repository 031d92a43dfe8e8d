package maskfeat.augment;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import maskfeat.media.Frames;

/**
 * Changes brightness, contrast, saturation and hue by chance, in random order, all frames of a clip alike: torchvision's
 * {@code ColorJitter}, byte for byte as Pillow does each change.
 *
 * @param probability that anything is changed, 0 to 1
 * @param brightness factors lie in 1 - brightness to 1 + brightness
 * @param contrast factors lie in 1 - contrast to 1 + contrast
 * @param saturation factors lie in 1 - saturation to 1 + saturation
 * @param hue the hue is turned by at most this part of a turn, at most 0.5; 0 leaves it alone
 */
public record ColourJitter(double probability, double brightness, double contrast, double saturation, double hue)
        implements Augment {
    private static final int STEPS_OF_HUE = 255;

    public ColourJitter {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("jitter probability " + probability + " must lie in 0 to 1");
        }
        check("brightness", brightness, 1);
        check("contrast", contrast, 1);
        check("saturation", saturation, 1);
        check("hue", hue, 0.5);
    }

    private static void check(String name, double value, double most) {
        if (!(value >= 0 && value <= most)) {
            throw new IllegalArgumentException("jitter of " + name + " " + value + " must lie in 0 to " + most);
        }
    }

    /** A kind of change. */
    enum Change {
        BRIGHTNESS,
        CONTRAST,
        SATURATION,
        HUE
    }

    /**
     * What is done to one sample.
     *
     * @param brightness factor
     * @param contrast factor
     * @param saturation factor
     * @param hue part of a turn, -0.5 to 0.5
     * @param order of the changes; what is not named is not done
     */
    record Drawn(double brightness, double contrast, double saturation, double hue, List<Change> order) {
        Frames apply(Frames frames) {
            Frames result = frames;
            for (Change change : order) {
                result = switch (change) {
                    case BRIGHTNESS -> Tones.brightness(result, (float) brightness);
                    case CONTRAST -> Tones.contrast(result, (float) contrast);
                    case SATURATION -> Blend.color(result, (float) saturation);
                    case HUE -> Hue.turn(result, (int) (STEPS_OF_HUE * hue)); // towards zero
                };
            }
            return result;
        }
    }

    Drawn draw(RandomGenerator random) {
        List<Change> left = new ArrayList<>(List.of(Change.values()));
        List<Change> order = new ArrayList<>();
        while (!left.isEmpty()) {
            order.add(left.remove(random.nextInt(left.size())));
        }
        if (hue == 0) {
            order.remove(Change.HUE); // the way to hues and back loses a little
        }
        return new Drawn(
                1 + around0(brightness, random),
                1 + around0(contrast, random),
                1 + around0(saturation, random),
                around0(hue, random),
                order);
    }

    private static double around0(double most, RandomGenerator random) {
        return most * (2 * random.nextDouble() - 1);
    }

    @Override
    public Augmented apply(Frames frames, RandomGenerator random) {
        return Augmented.inPlace(
                random.nextDouble() < probability ? draw(random).apply(frames) : frames);
    }
}
