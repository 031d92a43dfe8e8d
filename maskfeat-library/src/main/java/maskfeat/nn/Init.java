package maskfeat.nn;

import java.util.function.Supplier;
import maskfeat.torch.Arrays;
import maskfeat.torch.Generators;
import maskfeat.torch.Scopes;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Initial values of parameters, drawn in order from a generator with a seed: the same seed builds the same model. */
public final class Init implements AutoCloseable {
    /**
     * Standard deviation of all weights and tokens (SlowFast, mvit_helper: trunc_normal_; its limits of +-2 are never
     * reached).
     */
    public static final double STD = 0.02;

    /** Bias of Linear and LayerNorm in a backbone. The official code sets it so, probably by accident; it is kept. */
    public static final double BACKBONE_BIAS = 0.02;

    private final @Nullable Generator generator;

    public Init(long seed) {
        this(Scopes.keep(Generators.seeded(seed)));
    }

    private Init(@Nullable Generator generator) {
        this.generator = generator;
    }

    /**
     * Builds parameters with names and shapes but without memory. A layer built with it offers only
     * {@code parameters()}.
     */
    public static Init shapesOnly() {
        return new Init((Generator) null);
    }

    /** Normal with mean 0 and standard deviation {@link #STD}. */
    public Tensor normal(long... shape) {
        return generator == null ? Arrays.shapeOnly(shape) : Generators.normal(generator, STD, shape);
    }

    /** Uniform between -bound and bound. */
    public Tensor uniform(double bound, long... shape) {
        return generator == null ? Arrays.shapeOnly(shape) : Generators.uniform(generator, bound, shape);
    }

    /** Filled with one value. */
    public Tensor constant(double value, long... shape) {
        return generator == null
                ? Arrays.shapeOnly(shape)
                : torch.full(shape, new Scalar(value), new TensorOptions(ScalarType.Float));
    }

    /**
     * A constant that is computed, unless only shapes are wanted.
     *
     * @param shape of what {@code computed} gives
     */
    public Tensor constant(Supplier<Tensor> computed, long... shape) {
        return generator == null ? Arrays.shapeOnly(shape) : computed.get();
    }

    @Override
    public void close() {
        if (generator != null) {
            Scopes.release(generator);
        }
    }
}
