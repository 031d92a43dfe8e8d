package maskfeat.torch;

import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * How long native tensors live. A tensor made inside a {@link PointerScope} is freed when the scope closes; scopes are
 * per thread. The rule is one scope per training step; these methods are the exceptions.
 */
public final class Scopes {
    static {
        Natives.ready();
    }

    private Scopes() {}

    /**
     * Runs {@code body} in its own scope. Only the result survives, in the caller's scope.
     *
     * @throws IllegalStateException if there is no scope to hold the result
     */
    public static Tensor tidy(Supplier<Tensor> body) {
        PointerScope outer = PointerScope.getInnerScope();
        if (outer == null) {
            throw new IllegalStateException("tidy needs an enclosing PointerScope to hold its result");
        }
        try (PointerScope inner = new PointerScope()) {
            Tensor result = body.get();
            Tensor owned = result.referenceCount() < 0 ? new Tensor(result) : result;
            outer.attach(owned);
            return owned;
        }
    }

    /**
     * Runs {@code body} and frees what it made but did not return. In training, what the backward pass needs of it lives on, and
     * only until that has passed it, so that a step holds what its graph holds and no more. Without a scope around it, only
     * runs {@code body}.
     */
    public static Tensor trimmed(Supplier<Tensor> body) {
        return PointerScope.getInnerScope() == null ? body.get() : tidy(body);
    }

    /** Runs {@code body} in its own scope without recording gradients; no tensor may leave it. */
    public static <T> T withoutGradients(Supplier<T> body) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            return body.get();
        }
    }

    /** Makes a tensor outlive every scope, until {@link #release}. For parameters and optimizer state. */
    public static <P extends Pointer> P keep(P pointer) {
        return pointer.retainReference();
    }

    /** Frees what {@link #keep} kept. */
    public static void release(Pointer pointer) {
        pointer.releaseReference();
    }
}
