package maskfeat.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import maskfeat.data.MaskedClip;
import maskfeat.feature.FeatureTarget;
import maskfeat.feature.FeatureView;
import maskfeat.mask.Grid;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The mean squared error of features of the pixels, which were computed with the sample. */
final class PixelObjective implements Objective {
    private final int depth;
    private final FeatureTarget target;
    private final Grid grid;
    private final Device device;

    /** @param depth number of the head, and of its features in a sample */
    PixelObjective(int depth, FeatureTarget target, Grid grid, Device device) {
        this.depth = depth;
        this.target = target;
        this.grid = grid;
        this.device = device;
    }

    @Override
    public Wanted wanted(List<MaskedClip> clips, Tensor rows) {
        float[] features = features(clips);
        Tensor wanted = maskfeat.torch.Arrays.tensor(features, rows.size(0), target.dim())
                .to(device, torch.ScalarType.Float);
        double baseline = baseline(features, target.dim());
        return predicted -> new Compared(torch.mse_loss(predicted, wanted), baseline, Map.of());
    }

    /** Features of the hidden tokens of all clips, [M, dim]. */
    private float[] features(List<MaskedClip> clips) {
        int length = clips.stream()
                .mapToInt(clip -> clip.targets().get(depth).length)
                .sum();
        float[] all = new float[length];
        int filled = 0;
        for (MaskedClip clip : clips) {
            float[] features = clip.targets().get(depth);
            System.arraycopy(features, 0, all, filled, features.length);
            filled += features.length;
        }
        return all;
    }

    /**
     * The loss of the best constant prediction for this batch: the variance of the targets around their mean, averaged
     * over the features. A network that learned nothing but the mean ends there.
     *
     * @param features [M, dim]
     */
    private static double baseline(float[] features, int dim) {
        double[] sum = new double[dim];
        double squares = 0;
        for (int i = 0; i < features.length; i++) {
            sum[i % dim] += features[i];
            squares += (double) features[i] * features[i];
        }
        double count = (double) features.length / dim;
        double meansSquared = 0;
        for (double total : sum) {
            meansSquared += total / count * (total / count);
        }
        return (squares / count - meansSquared) / dim;
    }

    @Override
    public Drawn drawn(MaskedClip clip, float[] prediction) {
        boolean[] all = new boolean[grid.size()];
        Arrays.fill(all, true);
        float[] truth = new float[grid.size() * target.dim()];
        target.of(clip.frames(), grid, all, truth, 0);
        return new Drawn(views(truth), views(prediction), loss(clip.hidden(), target.dim(), truth, prediction));
    }

    private List<FeatureView> views(float[] tokens) {
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
