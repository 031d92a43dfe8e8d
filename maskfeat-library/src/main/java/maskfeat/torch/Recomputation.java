package maskfeat.torch;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.TensorTensorHook;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.VoidTensorHook;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A chain of parts, each from one tensor to the next, that keeps only their inputs for the backward pass. That computes each part
 * a second time, the last first, and so holds what one part needs in place of what all need (Chen et al. 2016). Random numbers are
 * the same both times, and gradients have the same bits as without.
 *
 * <p>libtorch's bindings have no functions with a backward pass of one's own. Here the chain runs unrecorded, and to each output is
 * added an empty sum over the input, so that libtorch finds its way from the one to the other. A hook at the input puts the
 * chain's gradient in place of that of the sum.
 */
public final class Recomputation {
    static {
        Natives.ready();
    }

    private final List<UnaryOperator<Tensor>> parts;
    private final List<Tensor> inputs = new ArrayList<>(); // of the parts
    private final List<byte[]> generators = new ArrayList<>(); // as they were before each part
    private final Map<Integer, Tensor> fromOutside = new HashMap<>(); // gradients of wanted outputs, by part
    private final PointerScope home; // of what lives from one part to the next

    private Recomputation(List<UnaryOperator<Tensor>> parts) {
        this.parts = parts;
        home = requireNonNull(PointerScope.getInnerScope(), "a chain needs an enclosing PointerScope");
    }

    /**
     * Runs a chain. Gradients must be enabled; what it returns is part of the graph, for one backward pass.
     *
     * @param x the input of the first part
     * @param parts to be run one after the other, and once more in the backward pass, on its thread
     * @param wanted numbers of the parts whose outputs are returned, in ascending order, that of the last among them; the loss
     *     must depend on each
     */
    public static List<Tensor> outputs(Tensor x, List<UnaryOperator<Tensor>> parts, List<Integer> wanted) {
        return new Recomputation(parts).outputs(x, wanted);
    }

    private List<Tensor> outputs(Tensor x, List<Integer> wanted) {
        List<Tensor> values = unrecorded(x, wanted);
        // Where nothing before the chain is trained, the way back ends at its input.
        Tensor from = x.requires_grad() ? x.alias() : x.detach().set_requires_grad(true);
        // Minus zero, since that changes no bit of what it is added to.
        Tensor nothing = from.narrow(0, 0, 0).sum().neg();
        from.register_hook(new TensorTensorHook() {
            @Override
            public TensorBase call(TensorBase ofTheSum) {
                return backward();
            }
        });
        List<Tensor> outputs = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            int part = wanted.get(i);
            Tensor output = values.get(i).add(nothing);
            output.register_hook(taking(gradient -> fromOutside.put(part, gradient)));
            outputs.add(output);
        }
        return outputs;
    }

    private List<Tensor> unrecorded(Tensor x, List<Integer> wanted) {
        List<Tensor> values = new ArrayList<>();
        try (NoGradGuard guard = new NoGradGuard()) {
            Tensor y = x;
            for (int i = 0; i < parts.size(); i++) {
                UnaryOperator<Tensor> part = parts.get(i);
                Tensor input = y.detach();
                if (i > 0 && !wanted.contains(i - 1)) {
                    y.deallocate(); // else the values would live as long as the scope
                }
                inputs.add(input);
                generators.add(Generators.state());
                y = Scopes.tidy(() -> Flops.asRecorded(() -> part.apply(input)));
                if (wanted.contains(i)) {
                    values.add(y);
                }
            }
        }
        return values;
    }

    private VoidTensorHook taking(Consumer<Tensor> taker) {
        // Native code holds a hook weakly, and a card's backward pass runs on a thread without a scope.
        VoidTensorHook hook = new VoidTensorHook() {
            @Override
            public void call(TensorBase gradient) {
                Tensor taken = new Tensor(gradient);
                home.attach(taken);
                taker.accept(taken);
            }
        };
        home.attach(hook);
        return hook;
    }

    /** Leaves gradients at all parameters of the chain; the gradient at its input. */
    private Tensor backward() {
        byte[] after = Generators.state();
        Tensor gradient = requireNonNull(fromOutside.get(parts.size() - 1));
        for (int i = parts.size() - 1; i >= 0; i--) {
            Generators.restore(generators.get(i));
            gradient = backward(i, gradient);
        }
        Generators.restore(after);
        return gradient;
    }

    /** From the gradient at the output of a part, which is freed, to that at its input. */
    private Tensor backward(int part, Tensor gradient) {
        Tensor input = inputs.get(part).set_requires_grad(true);
        Tensor[] before = new Tensor[1];
        // Not input.grad(), which may have been copied into another order in memory, and sums then have other bits.
        input.register_hook(taking(taken -> before[0] = taken));
        try (PointerScope scope = new PointerScope();
                AutoGradMode recording = new AutoGradMode(true)) {
            TensorVector ends = new TensorVector(parts.get(part).apply(input));
            TensorVector there = new TensorVector(gradient);
            @Nullable Tensor atInput = fromOutside.get(part - 1);
            if (atInput != null) {
                // First, as without a second computation: the bits of sums depend on their order.
                ends.push_back(input);
                there.push_back(atInput);
                atInput.deallocate();
            }
            torch.backward(ends, there, new BoolOptional(), false, new TensorVector());
        }
        input.deallocate();
        gradient.deallocate();
        return before[0];
    }
}
