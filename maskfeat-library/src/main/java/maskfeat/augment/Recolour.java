package maskfeat.augment;

import java.util.random.RandomGenerator;
import maskfeat.media.Frames;

/**
 * What becomes of the colours of one of two views of a picture (Grill et al. 2020, table 6; MoCo v3): jitter, then grey,
 * blur and solarization, each by its own chance.
 *
 * @param jitter of brightness, contrast, saturation and hue
 * @param grey probability that the colours are taken away, 0 to 1
 * @param blur Gaussian blur
 * @param solarize probability that values from 128 on are inverted, 0 to 1
 */
public record Recolour(ColourJitter jitter, double grey, GaussianBlur blur, double solarize) implements Augment {
    private static final int THRESHOLD = 128;

    /** The first view of MoCo v3 (moco-v3, main_moco.py): always blurred. */
    public static final Recolour FIRST = ofMoco(1.0, 0);

    /** The second view of MoCo v3: seldom blurred, sometimes solarized. */
    public static final Recolour SECOND = ofMoco(0.1, 0.2);

    public Recolour {
        checkProbability("grey", grey);
        checkProbability("solarize", solarize);
    }

    private static Recolour ofMoco(double blur, double solarize) {
        return new Recolour(new ColourJitter(0.8, 0.4, 0.4, 0.2, 0.1), 0.2, new GaussianBlur(blur, 0.1, 2.0), solarize);
    }

    private static void checkProbability(String name, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + " probability " + value + " must lie in 0 to 1");
        }
    }

    @Override
    public Augmented apply(Frames frames, RandomGenerator random) {
        Frames result = jitter.apply(frames, random).frames();
        if (random.nextDouble() < grey) {
            result = Blend.grey(result);
        }
        result = blur.apply(result, random).frames();
        return Augmented.inPlace(random.nextDouble() < solarize ? Tones.solarize(result, THRESHOLD) : result);
    }
}
