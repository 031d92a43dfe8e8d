package maskfeat.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import maskfeat.data.MaskedClip;
import maskfeat.feature.FeatureTarget;
import maskfeat.feature.FeatureView;
import maskfeat.mask.Grid;
import maskfeat.network.Targets;

/**
 * Target and prediction of the last block for one image or clip, ready to be drawn.
 *
 * @param clip what the network saw and what was hidden from it
 * @param grid of the tokens
 * @param target for each step of time, features of the whole image
 * @param prediction for each step of time, for the whole image; it was trained for the hidden tokens only
 * @param loss mean squared error on the hidden tokens
 */
public record Reconstruction(
        MaskedClip clip, Grid grid, List<FeatureView> target, List<FeatureView> prediction, double loss) {
    public Reconstruction {
        target = List.copyOf(target);
        prediction = List.copyOf(prediction);
    }

    /** Runs the network on some images or clips without changing it. */
    public static List<Reconstruction> of(MaskedPrediction task, List<MaskedClip> clips) {
        List<float[]> predictions = task.predict(clips);
        List<Reconstruction> reconstructions = new ArrayList<>();
        for (int i = 0; i < clips.size(); i++) {
            reconstructions.add(of(task.targets().last(), clips.get(i), predictions.get(i)));
        }
        return reconstructions;
    }

    private static Reconstruction of(Targets.Depth depth, MaskedClip clip, float[] prediction) {
        Grid grid = depth.grid();
        FeatureTarget target = depth.target();
        boolean[] all = new boolean[grid.size()];
        Arrays.fill(all, true);
        float[] truth = new float[grid.size() * target.dim()];
        target.of(clip.frames(), grid, all, truth, 0);
        return new Reconstruction(
                clip,
                grid,
                views(target, grid, truth),
                views(target, grid, prediction),
                loss(clip.hidden(), target.dim(), truth, prediction));
    }

    private static List<FeatureView> views(FeatureTarget target, Grid grid, float[] tokens) {
        List<FeatureView> views = new ArrayList<>();
        for (int time = 0; time < grid.t(); time++) {
            views.add(target.view(tokens, grid, time));
        }
        return views;
    }

    private static double loss(boolean[] hidden, int dim, float[] truth, float[] prediction) {
        double squares = 0;
        long count = 0;
        for (int token = 0; token < hidden.length; token++) {
            if (hidden[token]) {
                for (int i = token * dim; i < (token + 1) * dim; i++) {
                    double difference = prediction[i] - truth[i];
                    squares += difference * difference;
                    count++;
                }
            }
        }
        return squares / count;
    }
}
