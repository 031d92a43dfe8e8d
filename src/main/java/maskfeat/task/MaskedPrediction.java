package maskfeat.task;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import maskfeat.augment.Normalize;
import maskfeat.data.Batch;
import maskfeat.data.Sample;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;
import maskfeat.model.MaskFeat;
import maskfeat.network.Targets;
import maskfeat.torch.Arrays;
import maskfeat.torch.Scopes;
import maskfeat.train.Task;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Masked feature prediction (Wei et al. 2022): the mean squared error, over hidden tokens and their features, between
 * what the network predicts for them and what is there. Where several depths predict, their errors are added.
 */
public final class MaskedPrediction implements Task {
    private final MaskFeat model;
    private final Pixels pixels;
    private final Targets targets;
    private final Device device;

    public MaskedPrediction(MaskFeat model, Normalize normalize, Targets targets, Device device) {
        this.model = model;
        this.pixels = new Pixels(normalize, device);
        this.targets = targets;
        this.device = device;
    }

    /** What is predicted. */
    public Targets targets() {
        return targets;
    }

    @Override
    public Map<String, Tensor> parameters() {
        return model.parameters();
    }

    @Override
    public Outcome loss(Batch batch) {
        List<Tensor> rows = new ArrayList<>();
        List<Tensor> wanted = new ArrayList<>(); // for each depth [M, dim]
        double constant = 0;
        for (int i = 0; i < targets.depths().size(); i++) {
            Targets.Depth depth = targets.depths().get(i);
            float[] features = features(batch, i);
            rows.add(rows(batch, depth.grid()));
            wanted.add(
                    Arrays.tensor(features, rows.get(i).size(0), depth.target().dim())
                            .to(device, torch.ScalarType.Float));
            constant += constantLoss(features, depth.target().dim());
        }
        List<Tensor> predictions = model.forward(pixels.of(frames(batch)), mask(batch, targets.embedGrid()), rows);
        Tensor loss = torch.mse_loss(predictions.get(0), wanted.get(0));
        for (int i = 1; i < predictions.size(); i++) {
            loss = loss.add(torch.mse_loss(predictions.get(i), wanted.get(i)));
        }
        double share = (double) batch.hiddenCount()
                / (batch.size() * (double) targets.maskGrid().size());
        return new Outcome(loss, constant, Map.of("train/mask_ratio", share));
    }

    @Override
    public double weight(Sample sample) {
        return sample.hiddenCount();
    }

    /**
     * What the last block predicts for every token of some samples, hidden or not. Leaves drop path and gradients alone.
     *
     * @return for each sample [tokens, dim]
     */
    public List<float[]> predict(List<Sample> samples) {
        return model.inUse(() -> samples.stream()
                .map(sample -> Scopes.withoutGradients(() -> predict(sample)))
                .toList());
    }

    private float[] predict(Sample sample) {
        Batch one = new Batch(0, List.of(sample));
        return Arrays.floats(model.predictAll(pixels.of(frames(one)), mask(one, targets.embedGrid())));
    }

    private static List<Frames> frames(Batch batch) {
        return batch.samples().stream().map(Sample::frames).toList();
    }

    /** Features of the hidden tokens of all samples at a depth, [M, dim]. */
    private static float[] features(Batch batch, int depth) {
        int length = batch.samples().stream()
                .mapToInt(sample -> sample.targets().get(depth).length)
                .sum();
        float[] all = new float[length];
        int filled = 0;
        for (Sample sample : batch.samples()) {
            float[] features = sample.targets().get(depth);
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
    private static double constantLoss(float[] features, int dim) {
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

    /** Which tokens of a grid are hidden, [B, N]. */
    private Tensor mask(Batch batch, Grid grid) {
        boolean[] mask = new boolean[batch.size() * grid.size()];
        for (int b = 0; b < batch.size(); b++) {
            boolean[] hidden = hidden(batch.samples().get(b), grid);
            System.arraycopy(hidden, 0, mask, b * grid.size(), grid.size());
        }
        return Arrays.tensor(mask, batch.size(), grid.size()).to(device, torch.ScalarType.Bool);
    }

    /** Positions of the hidden tokens of a grid in [B * N], [M], ascending. */
    private Tensor rows(Batch batch, Grid grid) {
        List<boolean[]> hidden =
                batch.samples().stream().map(sample -> hidden(sample, grid)).toList();
        long[] rows = new long[hidden.stream().mapToInt(Targets::count).sum()];
        int row = 0;
        int place = 0;
        for (boolean[] sample : hidden) {
            for (boolean token : sample) {
                if (token) {
                    rows[row++] = place;
                }
                place++;
            }
        }
        return Arrays.tensor(rows, rows.length).to(device, torch.ScalarType.Long);
    }

    private boolean[] hidden(Sample sample, Grid grid) {
        return targets.maskGrid().resize(sample.hidden(), grid);
    }
}
