package maskfeat.nn;

import maskfeat.torch.Generators;
import maskfeat.torch.Scopes;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * First values of parameters, drawn one after the other from a generator of its own: the same seed builds the same
 * model.
 */
public final class Init implements AutoCloseable {
    /** Deviation of all weights and tokens (SlowFast, mvit_helper: trunc_normal_, cut at +-2, which never bites). */
    public static final double STD = 0.02;

    /** Bias of Linear and LayerNorm in a backbone. The official code sets it so, probably by accident; it is kept. */
    public static final double BACKBONE_BIAS = 0.02;

    private final Generator generator;

    public Init(long seed) {
        generator = Scopes.keep(Generators.seeded(seed));
    }

    /** Normal with deviation {@link #STD}. */
    public Tensor normal(long... shape) {
        return Generators.normal(generator, STD, shape);
    }

    /** Uniform between -bound and bound. */
    public Tensor uniform(double bound, long... shape) {
        return Generators.uniform(generator, bound, shape);
    }

    /** One value everywhere. */
    public Tensor constant(double value, long... shape) {
        return torch.full(shape, new Scalar(value), new TensorOptions(ScalarType.Float));
    }

    @Override
    public void close() {
        Scopes.release(generator);
    }
}
