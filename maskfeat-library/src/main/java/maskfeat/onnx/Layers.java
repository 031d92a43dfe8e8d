package maskfeat.onnx;

import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import maskfeat.nn.LayerNorm;
import maskfeat.weights.TensorFile;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Exports layers as operators, with the parameters of one network by their official names. */
final class Layers {
    final Graph graph;
    private final Map<String, Tensor> parameters;

    Layers(Graph graph, Map<String, Tensor> parameters) {
        this.graph = graph;
        this.parameters = parameters;
    }

    long[] shape(String name) {
        return tensor(name).shape();
    }

    /** A parameter in its own shape. */
    String parameter(String name) {
        return parameter(name, shape(name));
    }

    /** A parameter with the same values in another shape. */
    String parameter(String name, long... shape) {
        return made(name, name, whole -> whole, shape);
    }

    /**
     * A tensor that is computed from a parameter when the file is written.
     *
     * @param make computes it from the parameter on the CPU in float32
     * @param shape of the result
     */
    String made(String as, String name, UnaryOperator<Tensor> make, long... shape) {
        Tensor parameter = tensor(name);
        return graph.constant(
                as,
                out -> {
                    try (PointerScope scope = new PointerScope();
                            NoGradGuard guard = new NoGradGuard()) {
                        TensorFile.write(make.apply(parameter.detach().to(new Device("cpu"), ScalarType.Float)), out);
                    }
                },
                shape);
    }

    /**
     * A tensor that is computed when the file is written, and is no parameter.
     *
     * @param make computes it on the CPU in float32
     * @param shape of the result
     */
    String computed(String as, Supplier<Tensor> make, long... shape) {
        return graph.constant(
                as,
                out -> {
                    try (PointerScope scope = new PointerScope()) {
                        TensorFile.write(make.get(), out);
                    }
                },
                shape);
    }

    private Tensor tensor(String name) {
        Tensor tensor = parameters.get(name);
        if (tensor == null) {
            throw new IllegalStateException("no parameter '" + name + "' among " + parameters.keySet());
        }
        return tensor;
    }

    /** Linear layer, [..., in] to [..., out]. The weight is stored transposed, as the product needs it. */
    String linear(String name, String x) {
        long[] shape = shape(name + ".weight");
        String weight = made(name + ".weight.T", name + ".weight", Tensor::t, shape[1], shape[0]);
        graph.part(name);
        return graph.add(graph.matMul(x, weight), parameter(name + ".bias"));
    }

    /** Layer normalisation, [..., C]. */
    String layerNorm(String name, String x) {
        return layerNorm(name, x, LayerNorm.EPS);
    }

    /** @param epsilon added to the variance */
    String layerNorm(String name, String x, double epsilon) {
        graph.part(name);
        return graph.layerNorm(x, parameter(name + ".weight"), parameter(name + ".bias"), epsilon);
    }

    /** MLP, [..., C] to [..., C']. */
    String mlp(String name, String x) {
        String hidden = linear(name + ".fc1", x);
        graph.part(name);
        return linear(name + ".fc2", graph.gelu(hidden));
    }

    /**
     * Adds the class token before the patches of each sample.
     *
     * @param patches [B, N, C]
     * @return [B, 1 + N, C]
     */
    String withClassToken(String patches) {
        String name = "cls_token";
        long dim = shape(name)[2];
        graph.part(name);
        return graph.concat(1, graph.perSample(parameter(name), patches, 1, dim), patches);
    }
}
