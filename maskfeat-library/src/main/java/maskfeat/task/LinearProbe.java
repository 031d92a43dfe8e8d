package maskfeat.task;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import maskfeat.data.Seeds;
import maskfeat.torch.Arrays;
import maskfeat.torch.Ops;
import maskfeat.torch.Scopes;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A linear classifier on frozen features: how much of the classes can be read off them. Softmax regression by SGD with
 * momentum and a cosine schedule, on standardised features (a BatchNorm without affine parameters, as He et al. 2022,
 * appendix A, put before the probe of masked autoencoders).
 *
 * <p>Learning rate and weight decay are chosen by stratified cross-validation on the training features alone. All heads,
 * of every rate, decay and fold, are trained in one pass as one matrix product; then the head that saw all the features
 * at the chosen rate and decay is the result. Weights begin at 0; the order of the samples and the folds depend on the seed
 * alone.
 */
public final class LinearProbe {
    private static final double MOMENTUM = 0.9;

    /** Part of the mean variance that is added to each: numbers that hardly vary are not blown up. */
    private static final double EPS = 1e-6;

    /** Rows that are scored at once. */
    private static final int ROWS = 1024;

    private static final int ALL = -1;

    /**
     * How it is trained.
     *
     * @param rates learning rates to choose from, ascending
     * @param decays weight decays to choose from: {@code decay / 2 * |W|^2} is added to the loss, biases go free
     * @param batch features of a step; fewer features than that all go together
     * @param epochs passes over the features
     * @param leastSteps fewest steps, whatever the epochs
     * @param folds of the cross-validation, at most: a class of fewer features makes it fewer, down to 2
     * @param best what is best in cross-validation
     */
    public record Config(
            List<Double> rates, List<Double> decays, int batch, int epochs, int leastSteps, int folds, Best best) {
        /** The rate and decay of the highest accuracy. */
        public Config(List<Double> rates, List<Double> decays, int batch, int epochs, int leastSteps, int folds) {
            this(rates, decays, batch, epochs, leastSteps, folds, Best.ACCURACY);
        }

        public Config {
            rates = List.copyOf(rates);
            decays = List.copyOf(decays);
            if (rates.isEmpty() || rates.stream().anyMatch(rate -> !(rate > 0 && rate < Double.POSITIVE_INFINITY))) {
                throw new IllegalArgumentException("learning rates " + rates + " must be one at least, all above 0");
            }
            if (decays.isEmpty()
                    || decays.stream().anyMatch(decay -> !(decay >= 0 && decay < Double.POSITIVE_INFINITY))) {
                throw new IllegalArgumentException(
                        "weight decays " + decays + " must be one at least, none of them negative");
            }
            if (batch < 1 || epochs < 1 || leastSteps < 1 || folds < 2) {
                throw new IllegalArgumentException("batch " + batch + ", epochs " + epochs + " and least steps "
                        + leastSteps + " must be at least 1, folds " + folds + " at least 2");
            }
        }

        /** Wide enough for features of 8 to 1152 numbers, of tens of samples and of a million. */
        public static Config defaults() {
            return new Config(
                    List.of(0.003, 0.01, 0.03, 0.1, 0.3, 1.0), List.of(0.0, 1e-3, 1e-2, 0.1, 1.0), 256, 50, 500, 5);
        }

        /** The same, with another choice of rate and decay. */
        public Config choosing(Best other) {
            return new Config(rates, decays, batch, epochs, leastSteps, folds, other);
        }
    }

    /** What is best of several rates and decays. */
    public enum Best {
        /** The highest accuracy, then the lowest loss. */
        ACCURACY(Comparator.comparingDouble(Candidate::top1).thenComparing(Candidate::loss, Comparator.reverseOrder())),
        /** The lowest loss, whose probabilities can be believed: what is to be trained further. */
        LOSS(Comparator.comparing(Candidate::loss, Comparator.reverseOrder()));

        private final Comparator<Candidate> better;

        /** @param finite ascending; of candidates that did not diverge */
        Best(Comparator<Candidate> finite) {
            better = Comparator.<Candidate>comparingInt(each -> Double.isFinite(each.loss) ? 1 : 0)
                    .thenComparing(finite);
        }
    }

    /**
     * How well a rate and a decay do on training features that were left out.
     *
     * @param rate learning rate
     * @param decay weight decay
     * @param top1 accuracy on the features that were left out, 0 to 1
     * @param loss mean of the left out features, in nats
     */
    public record Candidate(double rate, double decay, double top1, double loss) {}

    /**
     * A head among those that are trained together.
     *
     * @param fold that it is not trained on; -1 for none
     */
    record Head(double rate, double decay, int fold) {}

    /** Standardised features of one network, with their labels and folds, on a device. */
    private record Rows(Tensor x, Tensor labels, Tensor folds, int classes) {
        long count() {
            return x.size(0);
        }
    }

    private final double[] mean;
    private final double[] scale;
    private final int classes;
    private final float[] weight; // [classes * D]
    private final float[] bias; // [classes]
    private final List<Candidate> candidates;
    private final Candidate chosen;
    private final int folds;
    private final Device device;

    /**
     * Trains.
     *
     * @param features [N][D]
     * @param labels [N], numbers of classes, two different ones at least
     * @param classes how many there are
     * @param device to compute on
     * @throws IllegalArgumentException if features and labels are not as many, a label is no class, all are of one class,
     *     features differ in length or one is not finite, naming it
     */
    public static LinearProbe train(
            float[][] features, int[] labels, int classes, Config config, long seed, Device device) {
        return train(features, labels, classes, config, seed, device, (step, of) -> {});
    }

    /** As {@link #train(float[][], int[], int, Config, long, Device)}, which takes seconds on many features. */
    public static LinearProbe train(
            float[][] features, int[] labels, int classes, Config config, long seed, Device device, Progress progress) {
        check(features, labels, classes);
        return new LinearProbe(features, labels, classes, config, new Seeds(seed), device, progress);
    }

    /** Is told of the steps of training. */
    @FunctionalInterface
    public interface Progress {
        void at(int step, int of);
    }

    private LinearProbe(
            float[][] features,
            int[] labels,
            int classes,
            Config config,
            Seeds seeds,
            Device device,
            Progress progress) {
        this.classes = classes;
        this.device = device;
        mean = mean(features);
        scale = scale(features, mean);
        folds = foldCount(labels, classes, config.folds());
        int[] foldOf = foldsOf(labels, classes, folds, seeds);

        List<Head> heads = new ArrayList<>();
        for (double decay : config.decays()) {
            for (double rate : config.rates()) {
                IntStream.range(ALL, folds).forEach(fold -> heads.add(new Head(rate, decay, fold)));
            }
        }
        Trained trained =
                train(standardised(features), labels, classes, foldOf, heads, config, seeds, device, progress);
        candidates = new ArrayList<>();
        int best = 0;
        for (int first = 0; first < heads.size(); first += folds + 1) {
            double right = 0;
            double loss = 0;
            for (int h = first + 1; h <= first + folds; h++) {
                right += trained.right[h];
                loss += trained.loss[h];
            }
            Head head = heads.get(first);
            candidates.add(new Candidate(head.rate, head.decay, right / labels.length, loss / labels.length));
            if (config.best.better.compare(candidates.get(first / (folds + 1)), candidates.get(best)) > 0) {
                best = first / (folds + 1);
            }
        }
        chosen = candidates.get(best);
        int head = best * (folds + 1);
        int dim = mean.length;
        weight = java.util.Arrays.copyOfRange(trained.weight, head * classes * dim, (head + 1) * classes * dim);
        bias = java.util.Arrays.copyOfRange(trained.bias, head * classes, (head + 1) * classes);
    }

    private static void check(float[][] features, int[] labels, int classes) {
        if (features.length != labels.length) {
            throw new IllegalArgumentException(
                    features.length + " features and " + labels.length + " labels; there must be one for each");
        }
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new IllegalArgumentException("label " + labels[i] + " of feature " + i + " is none of the "
                        + classes + " classes; they are numbered from 0");
            }
        }
        if (java.util.Arrays.stream(labels).distinct().count() < 2) {
            throw new IllegalArgumentException("features of " + (labels.length == 0 ? "no" : "one")
                    + " class; a linear probe needs two different ones at least");
        }
        checkRows(features, features[0].length);
    }

    private static void checkRows(float[][] features, int dim) {
        for (int i = 0; i < features.length; i++) {
            if (features[i].length != dim || dim == 0) {
                throw new IllegalArgumentException("feature " + i + " has " + features[i].length
                        + " numbers; it must be " + Math.max(1, dim) + " (are they of one network?)");
            }
            for (float number : features[i]) {
                if (!Float.isFinite(number)) {
                    throw new IllegalArgumentException("feature " + i + " holds a number that is not finite");
                }
            }
        }
    }

    private static double[] mean(float[][] features) {
        double[] mean = new double[features[0].length];
        for (float[] feature : features) {
            for (int d = 0; d < mean.length; d++) {
                mean[d] += (double) feature[d] / features.length;
            }
        }
        return mean;
    }

    /** One over the deviation of each number; 0 throughout for features that are all the same. */
    private static double[] scale(float[][] features, double[] mean) {
        double[] variance = new double[mean.length];
        for (float[] feature : features) {
            for (int d = 0; d < mean.length; d++) {
                variance[d] += (feature[d] - mean[d]) * (feature[d] - mean[d]) / features.length;
            }
        }
        double least = EPS * java.util.Arrays.stream(variance).average().orElseThrow();
        return java.util.Arrays.stream(variance)
                .map(each -> each + least > 0 ? 1 / Math.sqrt(each + least) : 0)
                .toArray();
    }

    private float[] standardised(float[][] features) {
        int dim = mean.length;
        float[] rows = new float[Math.multiplyExact(features.length, dim)];
        for (int i = 0; i < features.length; i++) {
            for (int d = 0; d < dim; d++) {
                rows[i * dim + d] = (float) ((features[i][d] - mean[d]) * scale[d]);
            }
        }
        return rows;
    }

    /** As many as the smallest class that occurs can fill, but 2 at least. */
    private static int foldCount(int[] labels, int classes, int most) {
        int[] counts = new int[classes];
        for (int label : labels) {
            counts[label]++;
        }
        int smallest =
                java.util.Arrays.stream(counts).filter(count -> count > 0).min().orElseThrow();
        return Math.max(2, Math.min(most, smallest));
    }

    /**
     * Deals the features of each class, shuffled, to the folds in turn; the next class begins where the last one ended, so
     * that folds are equally large.
     */
    static int[] foldsOf(int[] labels, int classes, int folds, Seeds seeds) {
        int[] foldOf = new int[labels.length];
        int dealt = 0;
        for (int c = 0; c < classes; c++) {
            int label = c;
            int[] own = IntStream.range(0, labels.length)
                    .filter(i -> labels[i] == label)
                    .toArray();
            shuffle(own, seeds, Seeds.Purpose.SPLIT, c);
            for (int i : own) {
                foldOf[i] = dealt++ % folds;
            }
        }
        return foldOf;
    }

    private static void shuffle(int[] numbers, Seeds seeds, Seeds.Purpose purpose, long index) {
        RandomGenerator random = seeds.of(purpose, 0, index);
        for (int i = numbers.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = numbers[i];
            numbers[i] = numbers[j];
            numbers[j] = swapped;
        }
    }

    /**
     * What came of heads.
     *
     * @param weight [heads * classes * D]
     * @param bias [heads * classes]
     * @param right [heads], number of correct predictions of each head on the fold that it was not trained on
     * @param loss [heads], the sum of their losses
     */
    @SuppressWarnings("ArrayRecordComponent") // taken apart at once; nobody compares them with equals
    record Trained(float[] weight, float[] bias, double[] right, double[] loss) {}

    /** @param x [N * D], standardised */
    static Trained train(
            float[] x,
            int[] labels,
            int classes,
            int[] foldOf,
            List<Head> heads,
            Config config,
            Seeds seeds,
            Device device,
            Progress progress) {
        return Scopes.withoutGradients(() -> {
            int count = labels.length;
            Rows rows = new Rows(
                    Arrays.tensor(x, count, x.length / count).to(device, ScalarType.Float),
                    longs(labels).to(device, ScalarType.Long),
                    longs(foldOf).to(device, ScalarType.Long),
                    classes);
            Tensor unseen = longs(heads.stream().mapToInt(Head::fold).toArray()).to(device, ScalarType.Long); // [heads]
            Tensor weight = Arrays.zeros(rows.x, (long) heads.size() * classes, rows.x.size(1));
            Tensor bias = Arrays.zeros(rows.x, (long) heads.size() * classes);
            descend(rows, heads, unseen, weight, bias, config, seeds, progress);
            double[] right = new double[heads.size()];
            double[] loss = new double[heads.size()];
            score(rows, unseen, weight, bias, right, loss);
            return new Trained(Arrays.floats(weight), Arrays.floats(bias), right, loss);
        });
    }

    private static Tensor longs(int... values) {
        return Arrays.tensor(IntStream.of(values).asLongStream().toArray(), values.length);
    }

    // B features of a step, H heads, C classes, D numbers of a feature

    /** @param weight [H * C, D], and {@code bias} [H * C]: changed */
    private static void descend(
            Rows rows,
            List<Head> heads,
            Tensor unseen,
            Tensor weight,
            Tensor bias,
            Config config,
            Seeds seeds,
            Progress progress) {
        int count = Math.toIntExact(rows.count());
        int stepsPerPass = (count + config.batch() - 1) / config.batch();
        int steps = Math.max(config.epochs() * stepsPerPass, config.leastSteps());
        Tensor rate = perOutput(heads.stream().mapToDouble(Head::rate).toArray(), rows);
        Tensor decay = perOutput(heads.stream().mapToDouble(Head::decay).toArray(), rows);
        // One over the share of the features that a head sees: its gradient is the mean over those.
        Tensor seen = rows.folds.unsqueeze(1).ne(unseen.unsqueeze(0)).to(ScalarType.Float);
        Tensor perSeen = seen.mean(new long[] {0}, true, null).reciprocal(); // [1, H]
        Tensor weightMomentum = torch.zeros_like(weight);
        Tensor biasMomentum = torch.zeros_like(bias);
        int[] order = IntStream.range(0, count).toArray();
        for (int step = 0; step < steps; step++) {
            progress.at(step, steps);
            int part = step % stepsPerPass;
            if (part == 0 && stepsPerPass > 1) {
                shuffle(order, seeds, Seeds.Purpose.ORDER, step / stepsPerPass);
            }
            double cosine = 0.5 * (1 + Math.cos(Math.PI * step / steps));
            // Parts of equal size, but for one feature: a last small one would be a step of noise.
            int from = (int) ((long) count * part / stepsPerPass);
            int to = (int) ((long) count * (part + 1) / stepsPerPass);
            try (PointerScope scope = new PointerScope()) {
                Rows own = stepsPerPass == 1 ? rows : chosen(rows, java.util.Arrays.copyOfRange(order, from, to));
                Tensor gradient = gradient(own, unseen, perSeen, weight, bias); // [B, H * C]
                weightMomentum
                        .mul_(new Scalar(MOMENTUM))
                        .add_(gradient.t().matmul(own.x))
                        .add_(weight.mul(decay.unsqueeze(1)));
                biasMomentum.mul_(new Scalar(MOMENTUM)).add_(gradient.sum(new long[] {0}, false, null));
                Tensor now = rate.mul(new Scalar(cosine)); // [H * C]
                weight.sub_(weightMomentum.mul(now.unsqueeze(1)));
                bias.sub_(biasMomentum.mul(now));
            }
        }
        progress.at(steps, steps);
    }

    private static Rows chosen(Rows rows, int[] numbers) {
        Tensor index = longs(numbers).to(rows.x.device(), ScalarType.Long);
        return new Rows(
                rows.x.index_select(0, index),
                rows.labels.index_select(0, index),
                rows.folds.index_select(0, index),
                rows.classes);
    }

    /** [H * C], a number for each output from one for each head. */
    private static Tensor perOutput(double[] perHead, Rows rows) {
        float[] values = new float[perHead.length * rows.classes];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) perHead[i / rows.classes];
        }
        return Arrays.tensor(values, values.length).to(rows.x.device(), ScalarType.Float);
    }

    /** [B, H, C]. */
    private static Tensor logits(Rows rows, Tensor weight, Tensor bias) {
        return rows.x.matmul(weight.t()).add_(bias).view(rows.count(), bias.size(0) / rows.classes, rows.classes);
    }

    /** Of each head's mean loss by its outputs, {@code softmax(z) - y}, 0 for what the head must not see; [B, H * C]. */
    private static Tensor gradient(Rows rows, Tensor unseen, Tensor perSeen, Tensor weight, Tensor bias) {
        Tensor one =
                Arrays.zeros(rows.x, rows.count(), rows.classes).scatter_(1, rows.labels.unsqueeze(1), new Scalar(1.0));
        Tensor share = rows.folds
                .unsqueeze(1)
                .ne(unseen.unsqueeze(0))
                .to(ScalarType.Float)
                .mul_(perSeen)
                .div_(new Scalar((double) rows.count())); // [B, H]
        return torch.softmax(logits(rows, weight, bias), 2)
                .sub_(one.unsqueeze(1))
                .mul_(share.unsqueeze(2))
                .view(rows.count(), bias.size(0));
    }

    /** Adds up over the features of the fold that each head did not see. */
    private static void score(Rows rows, Tensor unseen, Tensor weight, Tensor bias, double[] right, double[] loss) {
        for (long from = 0; from < rows.count(); from += ROWS) {
            long length = Math.min(ROWS, rows.count() - from);
            try (PointerScope scope = new PointerScope()) {
                Rows part = new Rows(
                        rows.x.narrow(0, from, length),
                        rows.labels.narrow(0, from, length),
                        rows.folds.narrow(0, from, length),
                        rows.classes);
                Tensor logs = torch.log_softmax(logits(part, weight, bias), 2); // [B, H, C]
                Tensor own = logs.gather(
                                2, part.labels.view(length, 1, 1).expand(new long[] {length, unseen.size(0), 1}, false))
                        .squeeze(2);
                Tensor asked = part.folds.unsqueeze(1).eq(unseen.unsqueeze(0)).to(ScalarType.Float); // [B, H]
                Tensor hits = Ops.argmax(logs, 2)
                        .eq(part.labels.unsqueeze(1))
                        .to(ScalarType.Float)
                        .mul_(asked);
                float[] hit = Arrays.floats(hits.sum(new long[] {0}, false, null));
                float[] lost = Arrays.floats(own.mul(asked).sum(new long[] {0}, false, null));
                for (int h = 0; h < right.length; h++) {
                    right[h] += hit[h];
                    loss[h] -= lost[h];
                }
            }
        }
    }

    /**
     * Probabilities of the classes.
     *
     * @param features [M][D]
     * @return [M][classes]
     * @throws IllegalArgumentException if a feature is of another length or not finite, naming it by its place
     */
    public float[][] scores(float[][] features) {
        checkRows(features, mean.length);
        float[][] scores = new float[features.length][];
        for (int from = 0; from < features.length; from += ROWS) {
            int first = from;
            float[][] part = java.util.Arrays.copyOfRange(features, from, Math.min(from + ROWS, features.length));
            float[] all = Scopes.withoutGradients(() -> {
                Tensor x = Arrays.tensor(standardised(part), part.length, mean.length)
                        .to(device, ScalarType.Float);
                Tensor w = Arrays.tensor(weight, classes, mean.length).to(device, ScalarType.Float);
                Tensor b = Arrays.tensor(bias, classes).to(device, ScalarType.Float);
                return Arrays.floats(torch.softmax(x.matmul(w.t()).add_(b), 1));
            });
            for (int i = 0; i < part.length; i++) {
                scores[first + i] = java.util.Arrays.copyOfRange(all, i * classes, (i + 1) * classes);
            }
        }
        return scores;
    }

    /**
     * The same classifier for features as they are, not standardised.
     *
     * @return [classes * D], row by row
     */
    public float[] weight() {
        int dim = mean.length;
        float[] plain = new float[weight.length];
        for (int i = 0; i < plain.length; i++) {
            plain[i] = (float) (weight[i] * scale[i % dim]);
        }
        return plain;
    }

    /**
     * What {@link #weight()} adds to.
     *
     * @return [classes]
     */
    public float[] bias() {
        int dim = mean.length;
        float[] plain = new float[classes];
        for (int c = 0; c < classes; c++) {
            double moved = bias[c];
            for (int d = 0; d < dim; d++) {
                moved -= weight[c * dim + d] * scale[d] * mean[d];
            }
            plain[c] = (float) moved;
        }
        return plain;
    }

    /** Rate and decay that were chosen, with what cross-validation found. */
    public Candidate chosen() {
        return chosen;
    }

    /** All rates and decays that were tried, decay by decay. */
    public List<Candidate> candidates() {
        return List.copyOf(candidates);
    }

    /** Folds that the training features were cut into; fewer than asked for if a class has fewer features. */
    public int folds() {
        return folds;
    }
}
