package maskfeat.model;

import java.util.Map;
import maskfeat.nn.Init;
import maskfeat.nn.Layer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The learned vector that replaces every hidden token: {@code mask_token} [1, 1, C]. */
public final class MaskToken extends Layer {
    private static final String NAME = "mask_token";

    private final Tensor token;

    public MaskToken(int dim, Init init) {
        token = parameter(NAME, init.normal(1, 1, dim));
    }

    /** It takes the place of embedded tokens, in front of the blocks. */
    @Override
    public Map<String, Integer> depths() {
        return Map.of(NAME, 0);
    }

    /**
     * Replaces the hidden tokens. Positions are added later, so a hidden token still knows where it is.
     *
     * @param hidden [B, N], true = hidden from the network
     */
    public Tokens replace(Tokens tokens, Tensor hidden) {
        return new Tokens(torch.where(hidden.unsqueeze(-1), token, tokens.x()), tokens.grid());
    }
}
