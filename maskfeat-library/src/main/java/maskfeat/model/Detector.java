package maskfeat.model;

import java.util.List;
import maskfeat.nn.Init;
import maskfeat.nn.LayerNorm;
import maskfeat.nn.Linear;
import maskfeat.nn.RoiAlign;
import maskfeat.torch.Generators;
import maskfeat.torch.Ops;
import org.bytedeco.pytorch.Tensor;

/**
 * A backbone with a head that says what is done in each of some given boxes (SlowFast's head for AVA): LayerNorm of all tokens, the
 * mean over time, the features of each box by {@link RoiAlign}, their maximum, Linear. Parameters carry the official names,
 * {@code norm.*} and {@code head.projection.*}, so that those of a {@link Classifier} fit but for the last layer.
 */
public final class Detector extends Network {
    /** Bins of a box along each axis (SlowFast, DETECTION.ROI_XFORM_RESOLUTION). */
    public static final int BINS = 7;

    /** Scale of the last layer's initial values, as in {@link Classifier}. */
    private static final double HEAD_SCALE = 0.001;

    private final Backbone backbone;
    private final double dropout;
    private final RoiAlign align;
    private final LayerNorm norm;
    private final Linear projection;

    /**
     * @param dropout share of a box's features that is zeroed in training before the last layer
     * @param classes number of actions
     */
    public Detector(Backbone backbone, double dropout, int classes, Init init) {
        this.backbone = add("", backbone);
        this.dropout = dropout;
        // The official default of 16 px is wrong for an MViTv2 whose last stage pools, so the stride is that of its
        // tokens.
        align = new RoiAlign(BINS, 1.0 / backbone.config().patch());
        norm = add("norm", new LayerNorm(backbone.dim(), Init.BACKBONE_BIAS, init));
        projection = add("head.projection", new Linear(backbone.dim(), classes, Init.BACKBONE_BIAS, HEAD_SCALE, init));
    }

    @Override
    public Backbone backbone() {
        return backbone;
    }

    /**
     * Logits of the actions in each box.
     *
     * @param frames [B, 3, T, H, W], normalised
     * @param boxes K of them, in pixels of the frames, each with the number of its clip
     * @return [K, classes]
     */
    public Tensor forward(Tensor frames, List<RoiAlign.Region> boxes) {
        Tensor feature = feature(frames, boxes);
        return projection.forward(
                dropout > 0 && training()
                        ? feature.mul(Generators.dropped(dropout, feature, feature.shape()))
                        : feature);
    }

    /**
     * The feature of each box, the input of the last layer.
     *
     * @return [K, C]
     */
    public Tensor feature(Tensor frames, List<RoiAlign.Region> boxes) {
        Features features = backbone.encode(backbone.embed(frames));
        Tensor map = norm.forward(features.patches())
                .unflatten(
                        1,
                        features.grid().t(),
                        features.grid().h(),
                        features.grid().w())
                .mean(new long[] {1}, false, null) // [B, h, w, C]
                .permute(0, 3, 1, 2);
        return Ops.maxOfMap(align.forward(map, boxes));
    }
}
