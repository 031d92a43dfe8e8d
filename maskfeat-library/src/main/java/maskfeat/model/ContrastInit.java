package maskfeat.model;

import java.util.Map;
import maskfeat.mask.Grid;
import maskfeat.nn.Init;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** First values of MoCo v3's vision transformer (moco-v3, vits.py), and what of it is never trained. */
final class ContrastInit {
    private static final double CLASS_TOKEN_STD = 1e-6;

    private ContrastInit() {}

    static void begin(Vit vit, ClipSize size, Init init) {
        Vit.Config config = vit.config();
        int dim = config.dim();
        Grid grid = config.embedGrid(size);
        try (NoGradGuard guard = new NoGradGuard()) {
            for (Map.Entry<String, Tensor> entry : vit.parameters().entrySet()) {
                Tensor parameter = entry.getValue();
                String name = entry.getKey();
                if (name.equals("pos_embed")) {
                    parameter.copy_(init.constant(() -> Positions.sinusoids2d(grid, dim), 1, 1L + grid.size(), dim));
                    parameter.set_requires_grad(false);
                } else if (name.equals("cls_token")) {
                    parameter.copy_(init.normal(1, 1, dim).mul_(new Scalar(CLASS_TOKEN_STD / Init.STD)));
                } else if (name.startsWith("patch_embed.")) {
                    double fanIn = 3.0 * config.patch() * config.patch();
                    parameter.copy_(
                            name.endsWith(".bias")
                                    ? init.constant(0, dim)
                                    : init.uniform(xavier(fanIn, dim), parameter.shape()));
                    parameter.set_requires_grad(false);
                } else if (parameter.dim() == 2) {
                    // Queries, keys and values are three matrices in one.
                    double out = name.endsWith("attn.qkv.weight") ? dim : parameter.size(0);
                    parameter.copy_(init.uniform(xavier(parameter.size(1), out), parameter.shape()));
                } else if (name.endsWith(".bias")) {
                    parameter.copy_(init.constant(0, parameter.shape()));
                }
            }
        }
    }

    /** Bound of the uniform first values of a layer (Glorot and Bengio 2010, equation 16). */
    private static double xavier(double in, double out) {
        return Math.sqrt(6 / (in + out));
    }
}
