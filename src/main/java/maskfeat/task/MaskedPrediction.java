package maskfeat.task;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import maskfeat.augment.Normalize;
import maskfeat.data.Batch;
import maskfeat.data.MaskedClip;
import maskfeat.mask.Grid;
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
 * what the network predicts for them and the target. Where several depths predict, their errors are added.
 */
public final class MaskedPrediction implements Task<MaskedClip> {
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
    public Outcome loss(Batch<MaskedClip> batch) {
        List<MaskedClip> clips = batch.contents();
        List<Tensor> rows = new ArrayList<>();
        List<Tensor> wanted = new ArrayList<>(); // for each depth [M, dim]
        double baseline = 0;
        for (int i = 0; i < targets.depths().size(); i++) {
            Targets.Depth depth = targets.depths().get(i);
            float[] features = features(clips, i);
            rows.add(rows(clips, depth.grid()));
            wanted.add(
                    Arrays.tensor(features, rows.get(i).size(0), depth.target().dim())
                            .to(device, torch.ScalarType.Float));
            baseline += baseline(features, depth.target().dim());
        }
        List<Tensor> predictions = model.forward(pixels.of(frames(clips)), mask(clips, targets.embedGrid()), rows);
        Tensor loss = torch.mse_loss(predictions.get(0), wanted.get(0));
        for (int i = 1; i < predictions.size(); i++) {
            loss = loss.add(torch.mse_loss(predictions.get(i), wanted.get(i)));
        }
        double share = clips.stream().mapToInt(MaskedClip::hiddenCount).sum()
                / (clips.size() * (double) targets.maskGrid().size());
        return new Outcome(loss, baseline, Map.of("train/mask_ratio", share));
    }

    @Override
    public double weight(MaskedClip clip) {
        return clip.hiddenCount();
    }

    /**
     * What the last block predicts for every token, hidden or not, without drop path and without gradients.
     *
     * @return for each clip [tokens, dim]
     */
    public List<float[]> predict(List<MaskedClip> clips) {
        boolean training = model.training();
        model.train(false);
        try {
            return clips.stream()
                    .map(clip -> Scopes.withoutGradients(() -> predict(clip)))
                    .toList();
        } finally {
            model.train(training);
        }
    }

    private float[] predict(MaskedClip clip) {
        List<MaskedClip> one = List.of(clip);
        return Arrays.floats(model.predictAll(pixels.of(frames(one)), mask(one, targets.embedGrid())));
    }

    private static List<Frames> frames(List<MaskedClip> clips) {
        return clips.stream().map(MaskedClip::frames).toList();
    }

    /** Features of the hidden tokens of all clips at a depth, [M, dim]. */
    private static float[] features(List<MaskedClip> clips, int depth) {
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

    /** Which tokens of a grid are hidden, [B, N]. */
    private Tensor mask(List<MaskedClip> clips, Grid grid) {
        boolean[] mask = new boolean[clips.size() * grid.size()];
        for (int b = 0; b < clips.size(); b++) {
            boolean[] hidden = hidden(clips.get(b), grid);
            System.arraycopy(hidden, 0, mask, b * grid.size(), grid.size());
        }
        return Arrays.tensor(mask, clips.size(), grid.size()).to(device, torch.ScalarType.Bool);
    }

    /** Positions of the hidden tokens of a grid in [B * N], [M], ascending. */
    private Tensor rows(List<MaskedClip> clips, Grid grid) {
        List<boolean[]> hidden = clips.stream().map(clip -> hidden(clip, grid)).toList();
        long[] rows = new long[hidden.stream().mapToInt(Targets::count).sum()];
        int row = 0;
        int place = 0;
        for (boolean[] clip : hidden) {
            for (boolean token : clip) {
                if (token) {
                    rows[row++] = place;
                }
                place++;
            }
        }
        return Arrays.tensor(rows, rows.length).to(device, torch.ScalarType.Long);
    }

    private boolean[] hidden(MaskedClip clip, Grid grid) {
        return targets.maskGrid().resize(clip.hidden(), grid);
    }
}
