package maskfeat.model;

import java.util.ArrayList;
import java.util.List;
import maskfeat.nn.BatchNorm;
import maskfeat.nn.Init;
import maskfeat.nn.Layer;
import maskfeat.nn.LayerNorm;
import maskfeat.torch.Ops;
import maskfeat.torch.Ranks;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The trained network of MoCo v3 (Chen et al. 2021): an encoder and a predictor. Parameters have the official names without
 * {@code base_encoder.}: those of the backbone, {@code norm.*}, {@code head.*} for the projector and {@code predictor.*}.
 */
public final class Contrast extends Network {
    /**
     * Widths of the layers that stand on the backbone and are thrown away after training.
     *
     * @param hidden width of the hidden layers of projector and predictor
     * @param out width of what is compared
     */
    public record Widths(int hidden, int out) {
        /** MoCo v3: 4096 and 256. */
        public static final Widths PAPER = new Widths(4096, 256);

        public Widths {
            if (hidden < 1 || out < 1 || hidden > Backbone.Config.MOST_DIM || out > Backbone.Config.MOST_DIM) {
                throw new IllegalArgumentException("hidden " + hidden + " and out " + out
                        + " must be at least 1 and at most " + Backbone.Config.MOST_DIM);
            }
        }
    }

    private final Encoder encoder;
    private final Projection predictor;

    public Contrast(Vit.Config backbone, ClipSize size, Widths widths, Init init) {
        encoder = add("", new Encoder(backbone, size, widths, init));
        predictor = add("predictor", new Projection(List.of(widths.out, widths.hidden, widths.out), init));
    }

    @Override
    public Backbone backbone() {
        return encoder.backbone();
    }

    /** The part that the momentum encoder is a copy of. */
    public Encoder encoder() {
        return encoder;
    }

    /** Lets batch norms see the batches of all ranks, each of which makes the same calls. */
    public void among(Ranks ranks) {
        encoder.among(ranks);
        predictor.among(ranks);
    }

    /**
     * Queries: what the predictor makes of the encoder's projections.
     *
     * @param frames [B, 3, 1, H, W], normalised
     * @return [B, out]
     */
    public Tensor forward(Tensor frames) {
        return predictor.forward(encoder.forward(frames));
    }

    /**
     * Vision transformer, final norm and projector.
     *
     * <p>The patch projection stays at its random beginning (Chen et al. 2021, section 4.2), and the positions are fixed sines
     * and cosines of row and column, so neither has a gradient.
     */
    public static final class Encoder extends Layer {
        private final Vit backbone;
        private final LayerNorm norm;
        private final Projection head;

        public Encoder(Vit.Config config, ClipSize size, Widths widths, Init init) {
            backbone = add("", (Vit) config.build(size, init));
            norm = add("norm", new LayerNorm(config.dim(), 0, config.normEpsilon(), init));
            ContrastInit.begin(backbone, size, init);
            head = add("head", new Projection(List.of(config.dim(), widths.hidden, widths.hidden, widths.out), init));
        }

        /** The part that turns images into features. */
        public Backbone backbone() {
            return backbone;
        }

        /** As {@link Contrast#among}. */
        public void among(Ranks ranks) {
            head.among(ranks);
        }

        /**
         * The class token after the final norm: what is probed.
         *
         * @param frames [B, 3, 1, H, W], normalised
         * @return [B, C]
         */
        public Tensor feature(Tensor frames) {
            return norm.forward(backbone.encode(backbone.embed(frames)).classToken());
        }

        /**
         * Projections of the class token.
         *
         * @param frames [B, 3, 1, H, W], normalised
         * @return [B, out]
         */
        public Tensor forward(Tensor frames) {
            return head.forward(feature(frames));
        }
    }

    /** Linear layers without bias, each followed by a batch norm; the last batch norm has no weight and no ReLU after it. */
    static final class Projection extends Layer {
        private static final int LAYERS_EACH = 3; // linear, batch norm, ReLU: the official numbers count all

        private final List<Tensor> weights = new ArrayList<>();
        private final List<BatchNorm> norms = new ArrayList<>();

        /** @param widths of the input and of the output of each layer */
        Projection(List<Integer> widths, Init init) {
            for (int i = 0; i + 1 < widths.size(); i++) {
                int in = widths.get(i);
                int out = widths.get(i + 1);
                boolean last = i + 2 == widths.size();
                int number = LAYERS_EACH * i;
                // PyTorch's default, which the official code leaves as it is
                weights.add(parameter(number + ".weight", init.uniform(1 / Math.sqrt(in), out, in)));
                norms.add(add(String.valueOf(number + 1), new BatchNorm(out, !last, init)));
            }
        }

        void among(Ranks ranks) {
            norms.forEach(norm -> norm.among(ranks));
        }

        /**
         * @param x [B, in]
         * @return [B, out]
         */
        Tensor forward(Tensor x) {
            Tensor y = x;
            for (int i = 0; i < weights.size(); i++) {
                y = norms.get(i).forward(Ops.linear(y, weights.get(i)));
                y = i + 1 == weights.size() ? y : torch.relu(y);
            }
            return y;
        }
    }
}
