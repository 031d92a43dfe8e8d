package maskfeat.train;

import java.util.Map;
import maskfeat.data.Batch;
import maskfeat.data.Sample;
import org.bytedeco.pytorch.Tensor;

/** What is trained. The loop knows nothing else about it: a new task never edits the loop. */
public interface Task {
    /** The trained tensors by their official names, in a fixed order. */
    Map<String, Tensor> parameters();

    /**
     * The mean loss of some samples, with the graph that leads back to the parameters.
     *
     * <p>Called inside a scope that closes after the step.
     */
    Outcome loss(Batch batch);

    /**
     * What the mean of {@link #loss} runs over: hidden tokens, boxes, samples. Where a step is made of several
     * micro-batches, their losses are weighted by it, so that the sum is the mean over the whole step.
     */
    double weight(Sample sample);

    /**
     * A loss and what is worth knowing about it.
     *
     * @param loss scalar, on the device
     * @param baseline the same loss of the best constant prediction; NaN where there is no such thing
     * @param extra by TensorBoard tag; averaged like the loss
     */
    record Outcome(Tensor loss, double baseline, Map<String, Double> extra) {}
}
