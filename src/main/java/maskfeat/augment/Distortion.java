package maskfeat.augment;

import java.util.List;
import maskfeat.media.Frames;

/**
 * The fifteen operations of {@link RandAugment}, each growing with its strength.
 *
 * <p>Set and ranges are those of the "increasing" variant of timm, which SlowFast has too (datasets/rand_augment.py).
 * The strength is 0 to 1, and -1 to 1 where the operation has two directions.
 */
enum Distortion {
    AUTO_CONTRAST(false, (frames, strength, fill) -> Augmented.inPlace(Tones.autoContrast(frames))),
    EQUALIZE(false, (frames, strength, fill) -> Augmented.inPlace(Tones.equalize(frames))),
    INVERT(false, (frames, strength, fill) -> Augmented.inPlace(Tones.invert(frames))),
    /** By up to 30 degrees. */
    ROTATE(
            true,
            (frames, strength, fill) -> Affine.rotate(strength * 30, frames.height(), frames.width())
                    .apply(frames, fill)),
    /** From 4 bits down to none. */
    POSTERIZE(false, (frames, strength, fill) -> Augmented.inPlace(Tones.posterize(frames, 4 - (int) (strength * 4)))),
    /** From a threshold of 256 down to 0. */
    SOLARIZE(
            false, (frames, strength, fill) -> Augmented.inPlace(Tones.solarize(frames, 256 - (int) (strength * 256)))),
    /** By up to 110. */
    SOLARIZE_ADD(
            false, (frames, strength, fill) -> Augmented.inPlace(Tones.solarizeAdd(frames, (int) (strength * 110)))),
    COLOR(true, (frames, strength, fill) -> Augmented.inPlace(Blend.color(frames, factor(strength)))),
    CONTRAST(true, (frames, strength, fill) -> Augmented.inPlace(Tones.contrast(frames, factor(strength)))),
    BRIGHTNESS(true, (frames, strength, fill) -> Augmented.inPlace(Tones.brightness(frames, factor(strength)))),
    SHARPNESS(true, (frames, strength, fill) -> Augmented.inPlace(Blend.sharpness(frames, factor(strength)))),
    /** By up to 0.3 pixels a row. */
    SHEAR_X(true, (frames, strength, fill) -> Affine.shearX(strength * 0.3).apply(frames, fill)),
    /** By up to 0.3 pixels a column. */
    SHEAR_Y(true, (frames, strength, fill) -> Affine.shearY(strength * 0.3).apply(frames, fill)),
    /** By up to 0.45 of the width. */
    TRANSLATE_X(
            true,
            (frames, strength, fill) ->
                    Affine.translate(strength * 0.45 * frames.width(), 0).apply(frames, fill)),
    /** By up to 0.45 of the height. */
    TRANSLATE_Y(
            true,
            (frames, strength, fill) ->
                    Affine.translate(0, strength * 0.45 * frames.height()).apply(frames, fill));

    private interface Operation {
        Augmented apply(Frames frames, double strength, List<Integer> fill);
    }

    private final boolean signed;
    private final Operation operation;

    Distortion(boolean signed, Operation operation) {
        this.signed = signed;
        this.operation = operation;
    }

    /** Whether the operation has two directions, so that its strength may be below 0. */
    boolean signed() {
        return signed;
    }

    /**
     * Applies this to every frame, in the same way.
     *
     * @param fill red, green and blue of the places that no pixel moves to
     */
    Augmented apply(Frames frames, double strength, List<Integer> fill) {
        return operation.apply(frames, strength, fill);
    }

    /** 0.1 to 1.9, where 1 changes nothing; in single precision, as Pillow takes it. */
    private static float factor(double strength) {
        return (float) (1 + strength * 0.9);
    }
}
