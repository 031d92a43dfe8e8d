package maskfeat.task;

import java.util.List;
import java.util.Map;
import maskfeat.augment.Normalize;
import maskfeat.data.Batch;
import maskfeat.data.Sample;
import maskfeat.media.Frames;
import maskfeat.model.MaskFeat;
import maskfeat.torch.Arrays;
import maskfeat.torch.Scopes;
import maskfeat.train.Task;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Masked feature prediction (Wei et al. 2022): the mean squared error, over hidden tokens and their features, between
 * what the network predicts for them and what is there.
 */
public final class MaskedPrediction implements Task {
    private final MaskFeat model;
    private final Pixels pixels;
    private final int targetDim;
    private final Device device;

    public MaskedPrediction(MaskFeat model, Normalize normalize, int targetDim, Device device) {
        this.model = model;
        this.pixels = new Pixels(normalize, device);
        this.targetDim = targetDim;
        this.device = device;
    }

    @Override
    public Map<String, Tensor> parameters() {
        return model.parameters();
    }

    @Override
    public Outcome loss(Batch batch) {
        Hidden hidden = Hidden.of(batch, device);
        Tensor targets = targets(batch); // [M, dim]
        Tensor predictions = model.forward(pixels.of(frames(batch)), hidden.mask(), hidden.rows()); // [M, dim]
        double share = (double) batch.hiddenCount() / hidden.mask().numel();
        return new Outcome(
                torch.mse_loss(predictions, targets), constantLoss(batch), Map.of("train/mask_ratio", share));
    }

    @Override
    public double weight(Sample sample) {
        return sample.hiddenCount();
    }

    /**
     * What the network predicts for every token of some samples, hidden or not. Leaves drop path and gradients alone.
     *
     * @return for each sample [tokens, dim]
     */
    public List<float[]> predict(List<Sample> samples) {
        boolean training = model.training();
        model.train(false);
        try {
            return samples.stream()
                    .map(sample -> Scopes.withoutGradients(() -> predict(sample)))
                    .toList();
        } finally {
            model.train(training);
        }
    }

    private float[] predict(Sample sample) {
        Batch one = new Batch(0, List.of(sample));
        return Arrays.floats(
                model.predictAll(pixels.of(frames(one)), Hidden.of(one, device).mask()));
    }

    private static List<Frames> frames(Batch batch) {
        return batch.samples().stream().map(Sample::frames).toList();
    }

    private Tensor targets(Batch batch) {
        float[] all = new float[batch.hiddenCount() * targetDim];
        int filled = 0;
        for (Sample sample : batch.samples()) {
            System.arraycopy(sample.targets(), 0, all, filled, sample.targets().length);
            filled += sample.targets().length;
        }
        return Arrays.tensor(all, batch.hiddenCount(), targetDim).to(device, torch.ScalarType.Float);
    }

    /**
     * The loss of the best constant prediction for this batch: the variance of the targets around their mean, averaged
     * over the features. A network that learned nothing but the mean ends there.
     */
    private double constantLoss(Batch batch) {
        double[] sum = new double[targetDim];
        double squares = 0;
        for (Sample sample : batch.samples()) {
            float[] targets = sample.targets();
            for (int i = 0; i < targets.length; i++) {
                sum[i % targetDim] += targets[i];
                squares += (double) targets[i] * targets[i];
            }
        }
        double count = batch.hiddenCount();
        double meansSquared = 0;
        for (double total : sum) {
            meansSquared += total / count * (total / count);
        }
        return (squares / count - meansSquared) / targetDim;
    }

    /**
     * Which tokens are hidden.
     *
     * @param mask [B, N], true = hidden from the network
     * @param rows [M], their positions in [B * N], ascending
     */
    private record Hidden(Tensor mask, Tensor rows) {
        static Hidden of(Batch batch, Device device) {
            int tokens = batch.samples().get(0).hidden().length;
            boolean[] mask = new boolean[batch.size() * tokens];
            long[] rows = new long[batch.hiddenCount()];
            int place = 0;
            int row = 0;
            for (Sample sample : batch.samples()) {
                for (boolean token : sample.hidden()) {
                    if (token) {
                        rows[row++] = place;
                    }
                    mask[place++] = token;
                }
            }
            return new Hidden(
                    Arrays.tensor(mask, batch.size(), tokens).to(device, torch.ScalarType.Bool),
                    Arrays.tensor(rows, rows.length).to(device, torch.ScalarType.Long));
        }
    }
}
