package maskfeat.task;

import java.util.List;
import maskfeat.augment.Augment;
import maskfeat.augment.CenterCrop;
import maskfeat.augment.Normalize;
import maskfeat.augment.Resize;
import maskfeat.augment.ViewCrop;
import maskfeat.media.Frames;
import maskfeat.model.Backbone;
import maskfeat.model.Features;
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
    private final ViewCrop crop;
    private final Pixels pixels;

    /**
     * @param side of the backbone's square input in pixels
     * @param filter that resizes
     * @param normalize that it was trained with
     * @param device that it is on
     */
    public Embedding(Backbone backbone, int side, Resize.Filter filter, Normalize normalize, Device device) {
        this(backbone, new ViewCrop(shortSide(side), side, 1, filter), normalize, device);
    }

    /**
     * @param crop of one view, to the backbone's input
     * @param normalize that it was trained with
     * @param device that it is on
     */
    public Embedding(Backbone backbone, ViewCrop crop, Normalize normalize, Device device) {
        this.backbone = backbone;
        this.crop = crop;
        this.pixels = new Pixels(normalize, device);
    }

    /** Length in pixels to which the shorter side of an image is resized before a square of {@code side} is cut out. */
    public static int shortSide(int side) {
        return (int) Math.rint(side * SHORT_SIDE);
    }

    /** The crop for evaluation: the middle of the image, nothing random. */
    public static Augment centerCrop(int side, Resize.Filter filter) {
        return new CenterCrop(shortSide(side), side, filter);
    }

    /**
     * The features of an image or a clip.
     *
     * @return [C]
     */
    public float[] of(Frames frames) {
        return of(List.of(crop.apply(frames, 0).frames()), List.of(backbone.depth() - 1))
                .get(0)[0];
    }

    /**
     * The features of several at once, after several blocks.
     *
     * @param clips of the size that the backbone reads
     * @param blocks counted from 0, ascending
     * @return for each clip [blocks][C]
     */
    public List<float[][]> of(List<Frames> clips, List<Integer> blocks) {
        boolean training = backbone.training();
        backbone.train(false);
        try {
            return Scopes.withoutGradients(() -> {
                float[][][] all = new float[clips.size()][blocks.size()][];
                List<Features> after = backbone.encode(backbone.embed(pixels.of(clips)), blocks);
                for (int b = 0; b < blocks.size(); b++) {
                    float[] rows = Arrays.floats(after.get(b).patchMean());
                    int dim = rows.length / clips.size();
                    for (int i = 0; i < all.length; i++) {
                        all[i][b] = java.util.Arrays.copyOfRange(rows, i * dim, (i + 1) * dim);
                    }
                }
                return List.of(all);
            });
        } finally {
            backbone.train(training);
        }
    }
}
