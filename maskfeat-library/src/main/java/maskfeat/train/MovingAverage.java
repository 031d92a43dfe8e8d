package maskfeat.train;

import java.util.LinkedHashMap;
import java.util.Map;
import maskfeat.torch.Scopes;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * An exponential moving average of the weights (Polyak and Juditsky 1992; Tarvainen and Valpola 2017): after step t of
 * training it moves by {@code 1 - min(decay, (1 + t) / (10 + t))} towards them. The second term, as in TensorFlow's and
 * timm's, lets it forget the first weights early.
 */
public final class MovingAverage implements AutoCloseable {
    private final double decay;
    private final Map<String, Tensor> parameters;
    private final Map<String, Tensor> averages = new LinkedHashMap<>();

    /**
     * Begins at the weights as they are.
     *
     * @param decay above 0 and below 1
     */
    public MovingAverage(Map<String, Tensor> parameters, double decay) {
        if (!(decay > 0 && decay < 1)) {
            throw new IllegalArgumentException("the decay " + decay + " of a moving average must lie between 0 and 1");
        }
        this.decay = decay;
        this.parameters = parameters;
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            parameters.forEach((name, parameter) ->
                    averages.put(name, Scopes.keep(parameter.detach().clone())));
        }
    }

    /** Follows the weights after a step. */
    void update(long step) {
        double rate = 1 - Math.min(decay, (1.0 + step) / (10.0 + step));
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            averages.forEach((name, average) -> average.lerp_(parameter(name), new Scalar(rate)));
        }
    }

    /** Exchanges weights and averages: the network computes with the averages until this is called again. */
    void swap() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            averages.forEach((name, average) -> {
                Tensor held = average.clone();
                average.copy_(parameter(name).detach());
                parameter(name).detach().copy_(held);
            });
        }
    }

    private Tensor parameter(String name) {
        Tensor parameter = parameters.get(name);
        if (parameter == null) {
            throw new IllegalStateException("there is no parameter " + name + " any more");
        }
        return parameter;
    }

    /** The averages by the names of the parameters. */
    public Map<String, Tensor> state() {
        return new LinkedHashMap<>(averages);
    }

    @Override
    public void close() {
        averages.values().forEach(Scopes::release);
    }
}
