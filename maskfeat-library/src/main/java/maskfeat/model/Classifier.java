package maskfeat.model;

import maskfeat.nn.Init;
import maskfeat.nn.LayerNorm;
import maskfeat.nn.Linear;
import maskfeat.settings.Added;
import maskfeat.torch.Generators;
import org.bytedeco.pytorch.Tensor;

/**
 * A backbone with a classification head: pool, LayerNorm, Linear. Parameters carry the official names, {@code norm.*}
 * and {@code head.projection.*}.
 */
public final class Classifier extends Network {
    /**
     * Scale of the last layer's initial values: a thousandth, as in the official code, so that all classes start with
     * nearly equal scores.
     */
    private static final double HEAD_SCALE = 0.001;

    /** Name of the last layer, whose parameters are its {@code weight} [classes, C] and {@code bias} [classes]. */
    public static final String LAST = "head.projection";

    /** How the tokens become one feature. */
    public enum Pooling {
        /** The mean of the patch tokens, then the norm: MaskFeat's fine-tuning. */
        MEAN,
        /** The norm, then the class token: supervised MViTv2 and BEiT's default. */
        CLASS_TOKEN,
        /** The norm, then the mean of the patch tokens. */
        NORM_MEAN,
        /** The norm, then the first patch token: VideoMAE without mean pooling, which has no class token. */
        FIRST_PATCH
    }

    /**
     * What makes scores of classes from the tokens.
     *
     * @param pooling how the tokens become one feature
     * @param dropout share of the feature's values that are zeroed in training before the last layer
     * @param normEpsilon what the norm adds to the variance; 1e-6 unless weights of another program need another value
     */
    public record Head(
            Pooling pooling,
            double dropout,
            @Added(in = 4, before = "1.0E-6") double normEpsilon) {
        /** With a norm that adds {@link LayerNorm#EPS}. */
        public Head(Pooling pooling, double dropout) {
            this(pooling, dropout, LayerNorm.EPS);
        }

        public Head {
            if (!(dropout >= 0 && dropout < 1)) {
                throw new IllegalArgumentException("dropout " + dropout + " must be at least 0 and below 1");
            }
            LayerNorm.checkEpsilon(normEpsilon);
        }

        /**
         * Checks that a backbone fits the pooling.
         *
         * @throws IllegalArgumentException if class tokens are pooled and the backbone has none
         */
        public void check(Backbone.Config backbone) {
            if (pooling == Pooling.CLASS_TOKEN && !backbone.classToken()) {
                throw new IllegalArgumentException(
                        "task.head.pooling is class-token, and model.class-token is false; set it to true, or take mean");
            }
        }

        /** Mean pooling and no dropout, as in all official MaskFeat recipes. */
        public static Head mean() {
            return new Head(Pooling.MEAN, 0);
        }
    }

    private final Backbone backbone;
    private final Head settings;
    private final LayerNorm norm;
    private final Linear projection;

    /** @param classes number of classes */
    public Classifier(Backbone backbone, Head settings, int classes, Init init) {
        this.settings = settings;
        this.backbone = add("", backbone);
        norm = add("norm", new LayerNorm(backbone.dim(), Init.BACKBONE_BIAS, settings.normEpsilon, init));
        projection = add(LAST, new Linear(backbone.dim(), classes, Init.BACKBONE_BIAS, HEAD_SCALE, init));
    }

    @Override
    public Backbone backbone() {
        return backbone;
    }

    /** The settings of the head. */
    public Head head() {
        return settings;
    }

    /**
     * Logits of the classes.
     *
     * @param frames [B, 3, T, H, W], normalised
     * @return [B, classes]
     */
    public Tensor forward(Tensor frames) {
        Tensor feature = feature(frames);
        return projection.forward(
                settings.dropout > 0 && training()
                        ? feature.mul(Generators.dropped(settings.dropout, feature, feature.shape()))
                        : feature);
    }

    /**
     * The pooled and normalised feature, the input of the last layer.
     *
     * @param frames [B, 3, T, H, W], normalised
     * @return [B, C]
     */
    public Tensor feature(Tensor frames) {
        Features features = backbone.encode(backbone.embed(frames));
        return switch (settings.pooling) {
            case MEAN -> norm.forward(features.patchMean());
            case CLASS_TOKEN -> norm.forward(features.classToken());
            case FIRST_PATCH -> norm.forward(features.patches().select(1, 0));
            case NORM_MEAN -> norm.forward(features.patches()).mean(new long[] {1}, false, null);
        };
    }
}
