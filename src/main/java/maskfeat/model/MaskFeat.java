package maskfeat.model;

import maskfeat.nn.Init;
import maskfeat.nn.Layer;
import org.bytedeco.pytorch.Tensor;

/**
 * The network of masked feature prediction (Wei et al. 2022, section 3): a backbone, a mask token where tokens are
 * hidden, a head on what comes out there. Parameters carry the official names.
 */
public final class MaskFeat extends Layer {
    private final Backbone backbone;
    private final MaskToken maskToken;
    private final PredictionHead head;

    /** @param outputs numbers to predict for a patch */
    public MaskFeat(Backbone backbone, int outputs, Init init) {
        this.backbone = add("", backbone);
        maskToken = add("", new MaskToken(backbone.embedDim(), init));
        head = add("pred_head", new PredictionHead(backbone.dim(), outputs, init));
    }

    public Backbone backbone() {
        return backbone;
    }

    /**
     * Predictions for the hidden tokens.
     *
     * @param frames [B, 3, T, H, W], normalised
     * @param hidden [B, N], true = hidden from the network
     * @param rows [M], positions of the hidden tokens in [B * N], ascending
     * @return [M, outputs]
     */
    public Tensor forward(Tensor frames, Tensor hidden, Tensor rows) {
        Tokens tokens = backbone.embed(frames);
        tokens = maskToken.replace(tokens, hidden);
        return head.forward(backbone.encode(tokens, rows));
    }

    /**
     * Predictions for every token, hidden or not.
     *
     * @param frames [B, 3, T, H, W], normalised
     * @param hidden [B, N], true = hidden from the network
     * @return [B, N, outputs]
     */
    public Tensor predictAll(Tensor frames, Tensor hidden) {
        Tokens tokens = backbone.embed(frames);
        tokens = maskToken.replace(tokens, hidden);
        return head.forward(backbone.encode(tokens).patches());
    }
}
