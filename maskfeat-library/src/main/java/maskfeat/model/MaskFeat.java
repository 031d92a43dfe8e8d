package maskfeat.model;

import java.util.ArrayList;
import java.util.List;
import maskfeat.nn.Init;
import org.bytedeco.pytorch.Tensor;

/**
 * The network of masked feature prediction (Wei et al. 2022, section 3): a backbone, a mask token that replaces hidden
 * tokens, and a head that predicts their features. Parameters have the official names.
 */
public final class MaskFeat extends Network {
    private final Backbone backbone;
    private final MaskToken maskToken;
    private final List<Integer> blocks = new ArrayList<>();
    private final List<PredictionHead> heads = new ArrayList<>();

    /**
     * A block that predicts; one may do so several times, each with a head.
     *
     * @param block counted from 0
     * @param outputs number of features to predict per token
     */
    public record Depth(int block, int outputs) {}

    /** @param depths ascending; the last one is the backbone's last block */
    public MaskFeat(Backbone backbone, List<Depth> depths, Init init) {
        this.backbone = add("", backbone);
        maskToken = add("", new MaskToken(backbone.embedDim(), init));
        for (Depth depth : depths) {
            PredictionHead head = new PredictionHead(blocks.size(), backbone.dim(depth.block), depth.outputs, init);
            blocks.add(depth.block);
            heads.add(add("pred_head", head));
        }
        if (blocks.isEmpty() || blocks.get(blocks.size() - 1) != backbone.depth() - 1) {
            throw new IllegalArgumentException(
                    "the last of " + backbone.depth() + " blocks must predict, but only blocks " + blocks + " do");
        }
    }

    /**
     * One head, on the last block.
     *
     * @param outputs number of features to predict per token
     */
    public MaskFeat(Backbone backbone, int outputs, Init init) {
        this(backbone, List.of(new Depth(backbone.depth() - 1, outputs)), init);
    }

    @Override
    public Backbone backbone() {
        return backbone;
    }

    /**
     * Predictions for the hidden tokens.
     *
     * @param frames [B, 3, T, H, W], normalised
     * @param hidden [B, N] on the grid of the embedding, true = hidden from the network
     * @param rows for each depth [M], positions of the hidden tokens in [B * N] on its grid, ascending
     * @return for each depth [M, outputs]
     */
    public List<Tensor> forward(Tensor frames, Tensor hidden, List<Tensor> rows) {
        Tokens tokens = maskToken.replace(backbone.embed(frames), hidden);
        List<Integer> distinct = blocks.stream().distinct().toList();
        if (distinct.size() == 1) {
            Tensor wanted = backbone.encode(tokens, rows.get(0)); // [M, C]
            return heads.stream().map(head -> head.forward(wanted)).toList();
        }
        List<Features> features = backbone.encode(tokens, distinct);
        List<Tensor> predictions = new ArrayList<>();
        for (int i = 0; i < heads.size(); i++) {
            Features of = features.get(distinct.indexOf(blocks.get(i)));
            Tensor wanted = of.patches().flatten(0, 1).index_select(0, rows.get(i)); // [M, C]
            predictions.add(heads.get(i).forward(wanted));
        }
        return predictions;
    }

    /**
     * Predictions of the last block for every token, hidden or not.
     *
     * @param frames [B, 3, T, H, W], normalised
     * @param hidden [B, N] on the grid of the embedding, true = hidden from the network
     * @param head number of a head of the last block
     * @return [B, N, outputs] on the grid of the last block
     */
    public Tensor predictAll(Tensor frames, Tensor hidden, int head) {
        if (blocks.get(head) != backbone.depth() - 1) {
            throw new IllegalArgumentException("head " + head + " stands on block " + blocks.get(head)
                    + ", and not on the last of " + backbone.depth());
        }
        Tokens tokens = maskToken.replace(backbone.embed(frames), hidden);
        return heads.get(head).forward(backbone.encode(tokens).patches());
    }

    /** As above, of the last head. */
    public Tensor predictAll(Tensor frames, Tensor hidden) {
        return predictAll(frames, hidden, heads.size() - 1);
    }
}
