package maskfeat.task;

import java.util.List;
import maskfeat.augment.Augment;
import maskfeat.augment.CenterCrop;
import maskfeat.augment.Normalize;
import maskfeat.augment.Resize;
import maskfeat.data.Seeds;
import maskfeat.data.Seeds.Purpose;
import maskfeat.media.Frames;
import maskfeat.model.Backbone;
import maskfeat.torch.Arrays;
import maskfeat.torch.Scopes;
import org.bytedeco.pytorch.Device;

/**
 * Features of whole images or clips: the mean over the backbone's patch tokens, of the centre crop, nothing hidden. It is what
 * the official fine-tuning pools before its norm.
 */
public final class Embedding {
    /** The official evaluation crop: short side 256 for an input of 224. */
    private static final double SHORT_SIDE = 256.0 / 224;

    private final Backbone backbone;
    private final Augment crop;
    private final Pixels pixels;

    /**
     * @param side of the backbone's square input in pixels
     * @param filter that resizes
     * @param normalize that it was trained with
     * @param device that it is on
     */
    public Embedding(Backbone backbone, int side, Resize.Filter filter, Normalize normalize, Device device) {
        this.backbone = backbone;
        crop = centerCrop(side, filter);
        pixels = new Pixels(normalize, device);
    }

    /** The crop for looking at pictures instead of training on it: the middle, nothing random. */
    public static Augment centerCrop(int side, Resize.Filter filter) {
        return new CenterCrop((int) Math.rint(side * SHORT_SIDE), side, filter);
    }

    /**
     * The features of an image or a clip.
     *
     * @return [C]
     */
    public float[] of(Frames frames) {
        Frames seen = crop.apply(frames, new Seeds(0).of(Purpose.AUGMENT, 0, 0)); // draws nothing
        boolean training = backbone.training();
        backbone.train(false);
        try {
            return Scopes.withoutGradients(() -> Arrays.floats(
                    backbone.encode(backbone.embed(pixels.of(List.of(seen)))).patchMean()));
        } finally {
            backbone.train(training);
        }
    }
}
