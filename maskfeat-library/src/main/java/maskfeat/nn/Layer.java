package maskfeat.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import maskfeat.torch.Natives;
import maskfeat.torch.Scopes;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * A part of a model with named parameters and named children, like a PyTorch module but in plain Java.
 *
 * <p>It does not extend libtorch's {@code Module}, whose {@code register_parameter} and {@code parameters()} return
 * borrowed handles that dangle when more parameters are registered. Here this object owns each parameter, which
 * outlives every scope until {@link #close}.
 */
public abstract class Layer implements AutoCloseable {
    private final Map<String, Tensor> own = new LinkedHashMap<>();
    private final Map<String, Tensor> buffers = new LinkedHashMap<>();
    private final List<Tensor> constants = new ArrayList<>();
    private final List<Child> children = new ArrayList<>();
    private boolean training = true;

    private record Child(String name, Layer layer) {
        /** What stands before the names of its parameters. */
        String prefix() {
            return name.isEmpty() ? "" : name + ".";
        }
    }

    /** Loads libtorch if it is not loaded yet: constants of layers are read by settings, which must load nothing. */
    protected Layer() {
        Natives.ready();
    }

    /**
     * Adds a child.
     *
     * @param name prefix of the child's parameters; may contain dots; empty for no prefix
     */
    protected final <L extends Layer> L add(String name, L child) {
        children.add(new Child(name, child));
        return child;
    }

    /** Adds a trained parameter with this initial value. */
    protected final Tensor parameter(String name, Tensor value) {
        Tensor parameter = Scopes.keep(value.detach());
        parameter.set_requires_grad(true);
        if (own.putIfAbsent(name, parameter) != null) {
            throw new IllegalStateException("two parameters are named '" + name + "'");
        }
        return parameter;
    }

    /** Adds a tensor that is never trained or saved, but is moved and freed with the parameters. */
    protected final Tensor constant(Tensor value) {
        Tensor constant = Scopes.keep(value.detach());
        constants.add(constant);
        return constant;
    }

    /** Adds a tensor that is not trained by gradients, but belongs to what the layer has learned. */
    protected final Tensor buffer(String name, Tensor value) {
        Tensor buffer = Scopes.keep(value.detach());
        if (buffers.putIfAbsent(name, buffer) != null) {
            throw new IllegalStateException("two buffers are named '" + name + "'");
        }
        return buffer;
    }

    /** All buffers by name, such as the running statistics of batch norms, in the order of {@link #parameters}. */
    public final Map<String, Tensor> buffers() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        collectBuffers("", all);
        return all;
    }

    private void collectBuffers(String prefix, Map<String, Tensor> into) {
        buffers.forEach((name, tensor) -> into.put(prefix + name, tensor));
        children.forEach(child -> child.layer.collectBuffers(prefix + child.prefix(), into));
    }

    /** All parameters by name: this layer's own first, then those of its children in the order they were added. */
    public final Map<String, Tensor> parameters() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        collect("", all);
        return all;
    }

    private void collect(String prefix, Map<String, Tensor> into) {
        own.forEach((name, tensor) -> {
            if (into.put(prefix + name, tensor) != null) {
                throw new IllegalStateException("two parameters are named '" + prefix + name + "'");
            }
        });
        children.forEach(child -> child.layer.collect(prefix + child.prefix(), into));
    }

    /** Shapes of all parameters by name, in the order of {@link #parameters}. */
    public final Map<String, List<Long>> shapes() {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        parameters()
                .forEach((name, tensor) ->
                        shapes.put(name, Arrays.stream(tensor.shape()).boxed().toList()));
        return shapes;
    }

    /**
     * How deep in the network parameters lie, by name: 0 in front of the blocks, i + 1 in block i. Parameters behind the
     * blocks, such as those of heads, are not in it.
     */
    public Map<String, Integer> depths() {
        Map<String, Integer> depths = new LinkedHashMap<>();
        children.forEach(child ->
                child.layer.depths().forEach((name, depth) -> depths.put(child.prefix() + name, depth)));
        return depths;
    }

    /** Total number of trained values. */
    public final long parameterCount() {
        return parameters().values().stream().mapToLong(Tensor::numel).sum();
    }

    /** Switches to training (true, the initial mode) or evaluation, in which drop path and dropout are off. */
    public final void train(boolean on) {
        training = on;
        children.forEach(child -> child.layer.train(on));
    }

    /**
     * Runs {@code body} in evaluation mode and then restores the mode. A network already in evaluation mode is not
     * modified, so several threads may use it at once.
     */
    public final <T> T inUse(Supplier<T> body) {
        if (!training) {
            return body.get();
        }
        train(false);
        try {
            return body.get();
        } finally {
            train(true);
        }
    }

    /** Whether this layer is in training mode: drop path and dropout are on. */
    public final boolean training() {
        return training;
    }

    /** Moves all parameters, buffers and constants, keeping their handles valid. */
    public final void to(Device device) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            move(device);
        }
    }

    private void move(Device device) {
        for (Tensor parameter : own.values()) {
            parameter.set_data(parameter.to(device, parameter.scalar_type()));
        }
        for (Tensor buffer : buffers.values()) {
            buffer.set_data(buffer.to(device, buffer.scalar_type()));
        }
        for (Tensor constant : constants) {
            constant.set_data(constant.to(device, constant.scalar_type()));
        }
        children.forEach(child -> child.layer.move(device));
    }

    /** Frees parameters, buffers and constants. */
    @Override
    public final void close() {
        children.forEach(child -> child.layer.close());
        own.values().forEach(Scopes::release);
        own.clear();
        buffers.values().forEach(Scopes::release);
        buffers.clear();
        constants.forEach(Scopes::release);
        constants.clear();
    }
}
