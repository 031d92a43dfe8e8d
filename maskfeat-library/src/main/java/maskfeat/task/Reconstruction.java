package maskfeat.task;

import java.util.List;
import maskfeat.data.MaskedClip;
import maskfeat.feature.FeatureView;
import maskfeat.mask.Grid;

/**
 * A target of the last block and what was predicted of it, for one image or clip, ready to be drawn.
 *
 * @param name of the target, as in {@code train/loss_NAME} of a run with several
 * @param clip what the network saw and what was hidden from it
 * @param grid of the tokens
 * @param target for each step of time, features of the whole image
 * @param prediction for each step of time, for the whole image; it was trained for the hidden tokens only
 * @param loss on the hidden tokens
 */
public record Reconstruction(
        String name, MaskedClip clip, Grid grid, List<FeatureView> target, List<FeatureView> prediction, double loss) {
    public Reconstruction {
        target = List.copyOf(target);
        prediction = List.copyOf(prediction);
    }

    /**
     * Runs the network on some images or clips without changing it.
     *
     * @return for each image or clip, one of each target of the last block, in the order of the settings
     */
    public static List<List<Reconstruction>> of(MaskedPrediction task, List<MaskedClip> clips) {
        return task.reconstruct(clips);
    }
}
