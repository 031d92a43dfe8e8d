package maskfeat.torch;

import java.util.function.Supplier;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Counts what the products and convolutions of {@link Ops} cost, forward and backward, from the shapes of what is multiplied: 2
 * for each multiplication and addition, and backward as much again for each of the two factors that has a gradient. Norms,
 * softmaxes, sums and optimizers are not counted, nor what is computed a second time.
 */
public final class Flops {
    private static final ThreadLocal<@Nullable Flops> COUNTING = new ThreadLocal<>();

    private double total;
    private boolean asRecorded;

    private Flops() {}

    /** Operations of what this thread computes in {@code body}, and of the backward pass of all of it. */
    public static double of(Runnable body) {
        Flops before = COUNTING.get();
        Flops counting = new Flops();
        COUNTING.set(counting);
        try {
            body.run();
        } finally {
            COUNTING.set(before);
        }
        if (before != null) {
            before.total += counting.total;
        }
        return counting.total;
    }

    /** Computes without gradients what is recorded later, where nobody counts: it counts here, all factors with a gradient. */
    static <T> T asRecorded(Supplier<T> body) {
        Flops counting = COUNTING.get();
        if (counting == null) {
            return body.get();
        }
        boolean before = counting.asRecorded;
        counting.asRecorded = true;
        try {
            return body.get();
        } finally {
            counting.asRecorded = before;
        }
    }

    private static void add(double flops, boolean first, boolean second) {
        Flops counting = COUNTING.get();
        if (counting != null) {
            boolean recorded = GradMode.is_enabled();
            boolean all = counting.asRecorded;
            counting.total += flops * (1 + (all || recorded && first ? 1 : 0) + (all || recorded && second ? 1 : 0));
        }
    }

    private static boolean none() {
        return COUNTING.get() == null;
    }

    /** x [..., in], weight [out, in]. */
    static void linear(Tensor x, Tensor weight) {
        if (!none()) {
            add(2.0 * x.numel() * weight.size(0), x.requires_grad(), weight.requires_grad());
        }
    }

    /** left [..., n, m], product [..., n, k]. */
    static void product(Tensor left, Tensor right, Tensor product) {
        if (!none()) {
            add(2.0 * product.numel() * left.size(left.dim() - 1), left.requires_grad(), right.requires_grad());
        }
    }

    /** Each [B, heads, N, D]. */
    static void attention(Tensor q, Tensor k, Tensor v) {
        if (!none()) {
            add(2.0 * q.numel() * k.size(2), q.requires_grad(), k.requires_grad());
            add(2.0 * v.numel() * q.size(2), q.requires_grad() || k.requires_grad(), v.requires_grad());
        }
    }

    /** weight [out, in, ...], y [B, out, ...]. */
    static void convolution(Tensor x, Tensor weight, Tensor y) {
        if (!none()) {
            double window = (double) weight.numel() / weight.size(0);
            add(2.0 * y.numel() * window, x.requires_grad(), weight.requires_grad());
        }
    }
}
