package maskfeat.task;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import maskfeat.augment.Box;
import maskfeat.augment.Erased;
import maskfeat.augment.Mix;
import maskfeat.augment.Normalize;
import maskfeat.data.Batch;
import maskfeat.data.LabelledClip;
import maskfeat.data.Seeds;
import maskfeat.data.Seeds.Purpose;
import maskfeat.eval.ClassMetrics;
import maskfeat.media.Frames;
import maskfeat.model.Classifier;
import maskfeat.torch.Arrays;
import maskfeat.torch.Ops;
import maskfeat.torch.Scopes;
import maskfeat.train.Task;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Classification of images and clips: cross entropy with soft labels, {@code -sum_c y_c log softmax(z)_c}, its mean over
 * the samples. Labels are smoothed (Szegedy et al. 2016) and mixed with those of another sample.
 */
public final class Classification implements Task<LabelledClip> {
    /**
     * What the loss consists of.
     *
     * @param smoothing share of each label, 0 to 1, that is spread over all classes
     * @param classWeights [classes], factor of each class's part of the loss; empty for none
     * @param mix of samples; empty for none
     */
    public record Objective(double smoothing, Optional<float[]> classWeights, Optional<Mix> mix) {
        public Objective {
            if (!(smoothing >= 0 && smoothing < 1)) {
                throw new IllegalArgumentException("smoothing " + smoothing + " must be at least 0 and below 1");
            }
        }

        /** Plain cross entropy. */
        public static Objective plain() {
            return new Objective(0, Optional.empty(), Optional.empty());
        }
    }

    private final Classifier model;
    private final int classes;
    private final Objective objective;
    private final Seeds seeds;
    private final Pixels pixels;
    private final Device device;

    /**
     * @param classes number of outputs of the model
     * @param seeds of mixing
     */
    public Classification(
            Classifier model, int classes, Normalize normalize, Objective objective, Seeds seeds, Device device) {
        this.model = model;
        this.classes = classes;
        this.objective = objective;
        this.seeds = seeds;
        this.pixels = new Pixels(normalize, device);
        this.device = device;
    }

    @Override
    public Map<String, Tensor> parameters() {
        return model.parameters();
    }

    @Override
    public Outcome loss(Batch<LabelledClip> batch) {
        List<LabelledClip> clips = batch.contents();
        Tensor frames = pixels.of(clips.stream().map(LabelledClip::frames).toList());
        for (int b = 0; b < clips.size(); b++) {
            Tensor one = frames.select(0, b);
            clips.get(b).erased().ifPresent(erased -> paste(erased, one));
        }
        int[] labels = clips.stream().mapToInt(LabelledClip::label).toArray();
        Tensor wanted = smoothed(labels);
        List<Group> groups = groups(batch);
        for (Group group : groups) {
            group.mix(frames, wanted);
        }
        Tensor logits = model.forward(frames);
        return new Outcome(
                crossEntropy(logits, wanted),
                Double.NaN,
                Map.of(ClassMetrics.TRAINING_TOP1.metric().tag(), 100 * hits(logits, labels, groups)));
    }

    /** Counted through the whole step, so that micro-batches of another size have the same groups. */
    private List<Group> groups(Batch<LabelledClip> batch) {
        int size = batch.size();
        if (objective.mix.isEmpty()) {
            return List.of(new Group(0, size, new Mix.Draw(1, Optional.empty())));
        }
        Mix mix = objective.mix.get();
        Frames first = batch.contents().get(0).frames();
        int each = mix.group() == 0 ? size : mix.group();
        int count = (size + each - 1) / each;
        List<Group> groups = new ArrayList<>();
        for (int g = 0; g < count; g++) {
            Mix.Draw draw = mix.draw(
                    first.height(),
                    first.width(),
                    seeds.of(Purpose.MIX, batch.step(), (long) batch.microBatch() * count + g));
            groups.add(new Group(g * each, Math.min(each, size - g * each), draw));
        }
        return groups;
    }

    /** Samples of a batch that are mixed, each with that at the mirrored place. */
    private record Group(int from, int size, Mix.Draw draw) {
        /** In place; frames [B, 3, T, H, W], wanted [B, classes]. */
        void mix(Tensor frames, Tensor wanted) {
            if (draw.share() == 1) {
                return;
            }
            Tensor own = frames.narrow(0, from, size);
            Tensor other = own.flip(0);
            if (draw.box().isPresent()) {
                Box box = draw.box().get();
                part(own, box).copy_(part(other, box));
            } else {
                own.copy_(lerp(own, other, draw.share()));
            }
            Tensor labels = wanted.narrow(0, from, size);
            labels.copy_(lerp(labels, labels.flip(0), draw.share()));
        }

        /** How many labels are predicted; of a mixed sample each of the two labels counts with its share. */
        double hits(long[] top, int[] labels) {
            double hits = 0;
            for (int i = 0; i < size; i++) {
                hits += top[from + i] == labels[from + i] ? draw.share() : 0;
                hits += top[from + i] == labels[from + size - 1 - i] ? 1 - draw.share() : 0;
            }
            return hits;
        }
    }

    @Override
    public double weight(LabelledClip clip) {
        return 1;
    }

    /** Scalar: the mean over samples of {@code -sum_c y_c w_c log softmax(z)_c}; both [B, classes]. */
    Tensor crossEntropy(Tensor logits, Tensor wanted) {
        Tensor target = objective.classWeights.isEmpty()
                ? wanted
                : wanted.mul(
                        Arrays.tensor(objective.classWeights.get(), classes).to(device, ScalarType.Float));
        return torch.log_softmax(logits, 1).mul(target).sum(1).mean().neg();
    }

    /**
     * One-hot labels, of which {@code smoothing} is spread over all classes, their own too.
     *
     * @return [B, classes]
     */
    Tensor smoothed(int[] labels) {
        float off = (float) (objective.smoothing / classes);
        float[] rows = new float[labels.length * classes];
        java.util.Arrays.fill(rows, off);
        for (int b = 0; b < labels.length; b++) {
            rows[b * classes + labels[b]] += (float) (1 - objective.smoothing);
        }
        return Arrays.tensor(rows, labels.length, classes).to(device, ScalarType.Float);
    }

    static Tensor lerp(Tensor own, Tensor other, double share) {
        return own.mul(new Scalar(share)).add_(other.mul(new Scalar(1 - share)));
    }

    /** Noise over a part of a clip; frames [3, T, H, W]. */
    private void paste(Erased erased, Tensor frames) {
        Box box = erased.box();
        long count = frames.size(1);
        Tensor noise = Arrays.tensor(erased.noise(), count, box.height(), box.width(), Frames.CHANNELS)
                .to(device, ScalarType.Float)
                .permute(3, 0, 1, 2);
        part(frames, box).copy_(noise);
    }

    /** What lies in the box of the last two axes. */
    private static Tensor part(Tensor frames, Box box) {
        long axes = frames.dim();
        return frames.narrow(axes - 2, box.top(), box.height()).narrow(axes - 1, box.left(), box.width());
    }

    /** Accuracy; of a mixed sample each of the two labels counts with its share. */
    private static double hits(Tensor logits, int[] labels, List<Group> groups) {
        long[] top = Arrays.longs(Ops.argmax(logits.detach(), 1));
        return groups.stream().mapToDouble(group -> group.hits(top, labels)).sum() / labels.length;
    }

    /**
     * Probabilities of the classes: softmax, as the official head gives in evaluation. Leaves training as it was.
     *
     * @param clips of the size that the network reads
     * @return for each clip [classes]
     */
    public List<float[]> scores(List<Frames> clips) {
        float[] all = model.inUse(
                () -> Scopes.withoutGradients(() -> Arrays.floats(probabilities(model.forward(pixels.of(clips))))));
        return java.util.stream.IntStream.range(0, clips.size())
                .mapToObj(b -> java.util.Arrays.copyOfRange(all, b * classes, (b + 1) * classes))
                .toList();
    }

    /**
     * What the last layer sees, as it does in evaluation. Leaves training as it was.
     *
     * @param clips of the size that the network reads
     * @return for each clip [C]
     */
    public List<float[]> features(List<Frames> clips) {
        float[] all = model.inUse(() -> Scopes.withoutGradients(() -> Arrays.floats(model.feature(pixels.of(clips)))));
        int dim = all.length / clips.size();
        return java.util.stream.IntStream.range(0, clips.size())
                .mapToObj(b -> java.util.Arrays.copyOfRange(all, b * dim, (b + 1) * dim))
                .toList();
    }

    /**
     * Puts a linear classifier of {@link #features} into the last layer, so that {@link #scores} are its own.
     *
     * @param weight [classes * C], row by row
     * @param bias [classes]
     */
    public void beginWith(float[] weight, float[] bias) {
        Scopes.withoutGradients(() -> {
            model.parameters().forEach((name, parameter) -> {
                if (name.equals(Classifier.LAST + ".weight")) {
                    parameter.copy_(Arrays.tensor(weight, parameter.shape()));
                } else if (name.equals(Classifier.LAST + ".bias")) {
                    parameter.copy_(Arrays.tensor(bias, parameter.shape()));
                }
            });
            return null;
        });
    }

    /** Of logits, both [B, classes]. */
    static Tensor probabilities(Tensor logits) {
        return torch.softmax(logits, 1);
    }
}
