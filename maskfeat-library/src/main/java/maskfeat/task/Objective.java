package maskfeat.task;

import java.util.List;
import java.util.Map;
import maskfeat.data.MaskedClip;
import maskfeat.feature.FeatureView;
import org.bytedeco.pytorch.Tensor;

/** What one head should predict, and how far it is from it. */
interface Objective {
    /**
     * What hidden tokens should have. Called before the network predicts, without gradients; what it returns lives in the
     * scope of the step.
     *
     * @param rows [M], positions of the hidden tokens in [B * N], ascending
     */
    Wanted wanted(List<MaskedClip> clips, Tensor rows);

    /**
     * Target and prediction of every token of one clip, ready to be drawn.
     *
     * @param prediction [N, dim], what the network says
     */
    Drawn drawn(MaskedClip clip, float[] prediction);

    /** What the hidden tokens of a batch should have. */
    @FunctionalInterface
    interface Wanted {
        /** @param predicted [M, dim], with the graph that leads back to the parameters */
        Compared compare(Tensor predicted);
    }

    /**
     * How far a prediction is from what is wanted.
     *
     * @param loss scalar, on the device
     * @param baseline loss of the best prediction that is the same for all tokens of the batch
     * @param measures further numbers by name, such as {@code token_accuracy}
     */
    record Compared(Tensor loss, double baseline, Map<String, Double> measures) {}

    /**
     * Views of each step of time.
     *
     * @param loss on the hidden tokens
     */
    record Drawn(List<FeatureView> target, List<FeatureView> prediction, double loss) {}
}
