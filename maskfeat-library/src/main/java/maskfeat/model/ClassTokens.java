package maskfeat.model;

import maskfeat.nn.Init;
import maskfeat.nn.LayerNorm;
import org.bytedeco.pytorch.Tensor;

/** A backbone with the norm behind it, whose class token was trained: MoCo v3's, DINO's. {@code norm.*} beside the backbone's. */
public final class ClassTokens extends Network {
    private final Backbone backbone;
    private final LayerNorm norm;

    /** @throws IllegalArgumentException if the backbone has no class token */
    public ClassTokens(Backbone backbone, Init init) {
        if (!backbone.config().classToken()) {
            throw new IllegalArgumentException("the network has no class token");
        }
        this.backbone = add("", backbone);
        double epsilon = backbone.config() instanceof Vit.Config vit ? vit.normEpsilon() : LayerNorm.EPS;
        norm = add("norm", new LayerNorm(backbone.dim(), 0, epsilon, init));
    }

    @Override
    public Backbone backbone() {
        return backbone;
    }

    /**
     * The class token; after the last block behind the norm.
     *
     * @param features after a block
     * @param block counted from 0
     * @return [B, C]
     */
    public Tensor of(Features features, int block) {
        Tensor token = features.classToken();
        return block == backbone.depth() - 1 ? norm.forward(token) : token;
    }
}
