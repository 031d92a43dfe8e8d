package maskfeat.task;

import java.util.List;
import maskfeat.data.MaskedClip;
import maskfeat.feature.FeatureView;
import maskfeat.mask.Grid;

/**
 * Target and prediction of the last block for one image or clip, ready to be drawn.
 *
 * @param clip what the network saw and what was hidden from it
 * @param grid of the tokens
 * @param target for each step of time, features of the whole image
 * @param prediction for each step of time, for the whole image; it was trained for the hidden tokens only
 * @param loss on the hidden tokens
 */
public record Reconstruction(
        MaskedClip clip, Grid grid, List<FeatureView> target, List<FeatureView> prediction, double loss) {
    public Reconstruction {
        target = List.copyOf(target);
        prediction = List.copyOf(prediction);
    }

    /** Runs the network on some images or clips without changing it; of several targets the first is shown. */
    public static List<Reconstruction> of(MaskedPrediction task, List<MaskedClip> clips) {
        return ofAll(task, clips).stream().map(targets -> targets.get(0)).toList();
    }

    /** As above, for each image or clip of each target of the last block. */
    public static List<List<Reconstruction>> ofAll(MaskedPrediction task, List<MaskedClip> clips) {
        return task.reconstruct(clips);
    }
}
