package maskfeat.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import maskfeat.settings.Added;
import maskfeat.torch.Arrays;
import maskfeat.torch.Ops;
import maskfeat.torch.Scopes;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * AdamW (Loshchilov and Hutter 2019) with clipping by global norm and a guard against non-finite gradients, all on the
 * device: a step waits for nothing.
 *
 * <p>Clipping is folded into the update, which divides each gradient by {@code max(1, (norm + 1e-6) / limit)}. Where
 * the norm is not finite, nothing changes: no parameter, no moment, no count.
 */
public final class AdamW implements AutoCloseable {
    /** Keeps the clipping factor finite (PyTorch, clip_grad_norm_). */
    private static final double NORM_EPS = 1e-6;

    /**
     * AdamW (Loshchilov and Hutter 2019) with clipping of the whole gradient.
     *
     * @param beta1 decay of the running mean of gradients
     * @param beta2 decay of the running mean of squared gradients
     * @param eps added to the divisor, the root of the mean square
     * @param weightDecay decoupled weight decay, of everything but biases and other 1-D parameters
     * @param decayBiases whether biases and other 1-D parameters decay as well, as MoCo v3 has it
     * @param clipNorm largest global L2 norm of the gradient; null for no clipping
     */
    public record Config(
            double beta1,
            double beta2,
            double eps,
            double weightDecay,
            @Added(in = 5, before = "false") boolean decayBiases,
            @Nullable Double clipNorm) {
        /** Without decay of biases, as in all official MaskFeat recipes. */
        public Config(double beta1, double beta2, double eps, double weightDecay, @Nullable Double clipNorm) {
            this(beta1, beta2, eps, weightDecay, false, clipNorm);
        }

        public Config {
            if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) {
                throw new IllegalArgumentException(
                        "beta1 " + beta1 + " and beta2 " + beta2 + " must be at least 0 and below 1");
            }
            if (!(eps > 0)) {
                throw new IllegalArgumentException("eps " + eps + " must be above 0");
            }
            if (!(weightDecay >= 0)) {
                throw new IllegalArgumentException("weight-decay " + weightDecay + " must not be negative");
            }
            if (clipNorm != null && !(clipNorm > 0)) {
                throw new IllegalArgumentException("clip-norm " + clipNorm + " must be above 0; null for no clipping");
            }
        }
    }

    /**
     * Parameters that share their settings.
     *
     * @param names of the parameters
     * @param lrScale factor on the learning rate
     * @param weightDecay of these
     */
    public record Group(List<String> names, double lrScale, double weightDecay) {}

    /** The tensors of a group as libtorch wants them, entry by entry. */
    private record Lists(
            Group group,
            TensorVector parameters,
            TensorVector firstMoments,
            TensorVector secondMoments,
            TensorVector steps) {}

    private final Config config;
    private final Map<String, Tensor> parameters;
    private final Map<String, Tensor> firstMoments = new LinkedHashMap<>();
    private final Map<String, Tensor> secondMoments = new LinkedHashMap<>();
    private final Tensor stepCount; // shared by all: they are only ever updated together
    private final List<Lists> lists = new ArrayList<>();

    /** All parameters at the same learning rate. */
    public AdamW(Map<String, Tensor> parameters, Config config) {
        this(parameters, config, name -> 1.0);
    }

    /** @param lrScale factor on the learning rate by parameter name, for layer-wise decay */
    public AdamW(Map<String, Tensor> parameters, Config config, ToDoubleFunction<String> lrScale) {
        this.config = config;
        this.parameters = parameters;
        try (PointerScope scope = new PointerScope()) {
            parameters.forEach((name, parameter) -> {
                firstMoments.put(name, Scopes.keep(torch.zeros_like(parameter)));
                secondMoments.put(name, Scopes.keep(torch.zeros_like(parameter)));
            });
            Tensor like = parameters.values().iterator().next();
            stepCount = Scopes.keep(Arrays.zeros(like));
            Map<String, Integer> axes = new LinkedHashMap<>();
            parameters.forEach((name, parameter) -> axes.put(name, (int) parameter.dim()));
            for (Group group : groups(axes, config, lrScale)) {
                lists.add(new Lists(
                        group,
                        vector(group, parameters),
                        vector(group, firstMoments),
                        vector(group, secondMoments),
                        repeated(stepCount, group.names.size())));
            }
        }
    }

    /**
     * Sorts parameters by what applies to them. No decay for biases and other 1-D parameters, unless the settings say so; everything else decays,
     * class token, mask token and positions too, as in the official recipes (ZERO_DECAY_POS_CLS False).
     *
     * @param axes number of axes of each parameter
     */
    static List<Group> groups(Map<String, Integer> axes, Config config, ToDoubleFunction<String> lrScale) {
        Map<List<Double>, List<String>> names = new LinkedHashMap<>();
        axes.forEach((name, count) -> {
            boolean spared = !config.decayBiases && (count == 1 || name.endsWith(".bias"));
            double decay = spared ? 0 : config.weightDecay;
            names.computeIfAbsent(List.of(lrScale.applyAsDouble(name), decay), key -> new ArrayList<>())
                    .add(name);
        });
        List<Group> groups = new ArrayList<>();
        names.forEach((key, members) -> groups.add(new Group(List.copyOf(members), key.get(0), key.get(1))));
        return groups;
    }

    private static TensorVector vector(Group group, Map<String, Tensor> tensors) {
        return Scopes.keep(
                new TensorVector(group.names.stream().map(tensors::get).toArray(Tensor[]::new)));
    }

    private static TensorVector repeated(Tensor tensor, int count) {
        Tensor[] same = new Tensor[count];
        java.util.Arrays.fill(same, tensor);
        return Scopes.keep(new TensorVector(same));
    }

    /**
     * One step with the gradients at the parameters, which are cleared.
     *
     * @return the global L2 norm of the gradients before clipping, a scalar on the device
     */
    public Tensor step(double learningRate) {
        try (NoGradGuard guard = new NoGradGuard()) {
            List<TensorVector> gradients = new ArrayList<>();
            TensorVector all = new TensorVector();
            for (Lists list : lists) {
                TensorVector ofGroup = new TensorVector();
                for (String name : list.group.names) {
                    Tensor gradient = gradient(name);
                    ofGroup.push_back(gradient);
                    all.push_back(gradient);
                }
                gradients.add(ofGroup);
            }
            Tensor norm = Ops.globalNorm(all);
            Tensor notFinite = torch.isfinite(norm).logical_not().to(norm.scalar_type());
            Tensor scale = config.clipNorm == null
                    ? torch.ones_like(norm)
                    : norm.add(new Scalar(NORM_EPS))
                            .div(new Scalar(config.clipNorm))
                            .clamp_min(new Scalar(1.0));
            stepCount.add_(torch.rsub(notFinite, new Scalar(1.0)));
            for (int i = 0; i < lists.size(); i++) {
                Lists list = lists.get(i);
                Ops.fusedAdamW(
                        list.parameters,
                        gradients.get(i),
                        list.firstMoments,
                        list.secondMoments,
                        list.steps,
                        learningRate * list.group.lrScale,
                        config.beta1,
                        config.beta2,
                        list.group.weightDecay,
                        config.eps,
                        scale,
                        notFinite);
            }
            clearGradients();
            return norm;
        }
    }

    /**
     * The gradients at the parameters, in their order.
     *
     * @throws IllegalStateException if a parameter has none
     */
    List<Tensor> gradients() {
        return parameters.keySet().stream().map(this::gradient).toList();
    }

    private Tensor gradient(String name) {
        Tensor parameter = parameters.get(name);
        Tensor gradient = parameter == null ? new Tensor() : parameter.grad();
        if (!gradient.defined()) {
            throw new IllegalStateException("parameter " + name + " has no gradient: the loss does not depend on it");
        }
        return gradient;
    }

    /** Forgets the gradients; their memory goes back to the allocator instead of being filled with zeros. */
    public void clearGradients() {
        for (Tensor parameter : parameters.values()) {
            parameter.mutable_grad().reset();
        }
    }

    /** The state by name: {@code exp_avg.<parameter>}, {@code exp_avg_sq.<parameter>}, {@code step}. */
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        firstMoments.forEach((name, tensor) -> state.put("exp_avg." + name, tensor));
        secondMoments.forEach((name, tensor) -> state.put("exp_avg_sq." + name, tensor));
        state.put("step", stepCount);
        return state;
    }

    @Override
    public void close() {
        for (Lists list : lists) {
            Scopes.release(list.parameters);
            Scopes.release(list.firstMoments);
            Scopes.release(list.secondMoments);
            Scopes.release(list.steps);
        }
        firstMoments.values().forEach(Scopes::release);
        secondMoments.values().forEach(Scopes::release);
        Scopes.release(stepCount);
    }
}
