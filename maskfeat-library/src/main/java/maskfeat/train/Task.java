package maskfeat.train;

import java.util.Map;
import maskfeat.data.Batch;
import org.bytedeco.pytorch.Tensor;

/**
 * What is trained. The loop knows nothing else about it: a new task never edits the loop.
 *
 * @param <S> content of a sample, which each task chooses for itself
 */
public interface Task<S> {
    /**
     * The network's tensors by their official names, in a fixed order. They are saved with every checkpoint. Those that
     * require no gradient are not trained.
     */
    Map<String, Tensor> parameters();

    /**
     * The mean loss of some samples, with the graph that leads back to the parameters.
     *
     * <p>Called inside a scope that closes after the step.
     */
    Outcome loss(Batch<S> batch);

    /**
     * Weight of a sample in the mean of {@link #loss}: its number of hidden tokens, of boxes, or 1. The losses of the
     * micro-batches of a step are weighted by the sum over their samples, so that together they are the mean over the
     * whole step.
     *
     * <p>A {@link maskfeat.data.SampleMaker#weight} that knows it before the sample is made must say the same.
     */
    double weight(S content);

    /**
     * Tensors beside the parameters that the task needs to go on, such as a momentum teacher, by name, in a fixed order.
     * They are saved with every checkpoint and restored on resume. Always the same tensors; empty for none.
     */
    default Map<String, Tensor> state() {
        return Map.of();
    }

    /**
     * Called after each optimizer step that changed the parameters, before it is reported. A step whose loss or gradient
     * is not finite changes nothing, and this is not called.
     *
     * <p>Called inside the scope of the step, with gradients enabled.
     *
     * @param step that was made, counted from 0 as in {@link Batch#step}
     */
    default void afterStep(long step) {}

    /**
     * Called in place of {@link #afterStep} for a step whose loss or gradient is not finite: what {@link #loss} changed beside
     * the graph, such as running statistics, is to be put back.
     *
     * @param step that was left out, counted from 0 as in {@link Batch#step}
     */
    default void leftOut(long step) {}

    /**
     * How long {@link #loss} spent in frozen networks, all calls together, in seconds; NaN for a task without them. Its growth
     * between two reports is reported as their share of the time, and is no part of what is trained.
     */
    default double teacherSeconds() {
        return Double.NaN;
    }

    /**
     * A loss and what else is worth reporting.
     *
     * @param loss scalar, on the device
     * @param baseline loss of the best constant prediction; NaN for a task that has no such baseline
     * @param extra further numbers by TensorBoard tag; averaged like the loss
     */
    record Outcome(Tensor loss, double baseline, Map<String, Double> extra) {}
}
