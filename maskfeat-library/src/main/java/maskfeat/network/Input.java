package maskfeat.network;

import java.util.Locale;
import java.util.Map;
import maskfeat.augment.Framing;
import maskfeat.augment.Normalize;
import maskfeat.augment.Resize;
import maskfeat.augment.ViewCrop;
import maskfeat.data.ClipSampler;
import maskfeat.data.StillImage;
import maskfeat.model.ClipSize;
import maskfeat.settings.Added;
import maskfeat.settings.Settings;

/**
 * What a network reads.
 *
 * @param clip which frames of a video are taken, or that it reads images
 * @param side of the square in pixels
 * @param shortSide that images are resized to before the square is cut out of the middle, in pixels
 * @param resize filter by which images are brought to size
 * @param normalize what is subtracted from each colour and what it is divided by
 * @param framing whether a picture of another shape is stretched to a square of {@code shortSide}, and where the middle is
 */
public record Input(
        ClipSampler clip,
        int side,
        int shortSide,
        Resize.Filter resize,
        Normalize normalize,

        @Added(in = 3, before = "{stretch: false, middle: up}")
        Framing framing) {
    /** The official evaluation crop: short side 256 for an input of 224. */
    private static final double SHORT_SIDE = 256.0 / 224;

    /** With the usual framing. */
    public Input(ClipSampler clip, int side, int shortSide, Resize.Filter resize, Normalize normalize) {
        this(clip, side, shortSide, resize, normalize, Framing.USUAL);
    }

    public Input {
        if (side < 1) {
            throw new IllegalArgumentException("side " + side + " must be at least 1");
        }
        if (shortSide < side) {
            throw new IllegalArgumentException("short-side " + shortSide + " must be at least the side " + side
                    + "; the usual one for it is " + usualShortSide(side));
        }
    }

    /** The usual short side for a square, in pixels: 256 for 224. */
    public static int usualShortSide(int side) {
        return (int) Math.rint(side * SHORT_SIDE);
    }

    /** Whether the network reads images, not clips. */
    public boolean ofImages() {
        return clip instanceof StillImage;
    }

    /** Size of the clips. */
    public ClipSize size() {
        return ClipSize.square(clip.frames(), side);
    }

    /** The rule by which views are cut out. Of three, each reaches from edge to edge of the shorter side. */
    public ViewCrop crop(int views) {
        return new ViewCrop(views == 1 ? shortSide : side, side, views, resize, framing);
    }

    /** How pictures are prepared, in a line. */
    public String describe() {
        return (framing.stretch()
                        ? "stretched to " + shortSide + " x " + shortSide + " px"
                        : "short side " + shortSide + " px")
                + " (" + resize.name().toLowerCase(Locale.ROOT) + "), "
                + (framing.stretch() && shortSide == side ? "" : "the middle " + side + " x " + side + " px, ")
                + "mean " + normalize.mean() + ", std " + normalize.std();
    }

    /** For other programs: {@code preprocessing}, this record as JSON with the keys of the settings. */
    public Map<String, String> description() {
        return Map.of("preprocessing", Settings.toJson(Input.class, this));
    }
}
