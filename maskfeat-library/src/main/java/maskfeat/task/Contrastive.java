package maskfeat.task;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import maskfeat.augment.Normalize;
import maskfeat.data.Batch;
import maskfeat.data.TwoViews;
import maskfeat.model.Contrast;
import maskfeat.torch.Ops;
import maskfeat.torch.Ranks;
import maskfeat.torch.Scopes;
import maskfeat.train.Task;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * MoCo v3 (Chen et al. 2021, algorithm 1): of all keys of a batch, each query must find that of the other view of its own
 * image. Keys come from an encoder that follows the trained one slowly, and has no gradient.
 *
 * <p>Where ranks train together, the batch is that of all of them: queries look among the keys of all, and batch norms have the
 * statistics of all.
 */
public final class Contrastive implements Task<TwoViews>, AutoCloseable {
    /** How many queries, in per cent, are nearest to the key of their own image. */
    public static final String KEY_TOP1 = "train/key_top1";

    private static final String BASE = "base_encoder.";
    private static final String MOMENTUM = "momentum_encoder.";
    private static final String PREDICTOR = "predictor.";

    /**
     * How slowly the momentum encoder follows: by a half cosine from the first value to 1, at which it stands still.
     *
     * @param first share of itself that it keeps in the first step
     * @param stepsPerEpoch optimizer steps in one epoch
     * @param epochs of the whole run
     */
    public record Momentum(double first, int stepsPerEpoch, int epochs) {
        /** @param step counted from 0 */
        public double at(long step) {
            double epoch = (double) step / stepsPerEpoch;
            return 1 - 0.5 * (1 + Math.cos(Math.PI * epoch / epochs)) * (1 - first);
        }
    }

    private final Contrast model;
    private final Contrast.Encoder slow;
    private final Pixels pixels;
    private final double temperature;
    private final Momentum momentum;
    private final Map<String, Tensor> before = new LinkedHashMap<>(); // state() as it was when the step began
    private boolean moved; // since before was remembered
    private Ranks ranks = Ranks.ALONE;

    /**
     * @param slow the momentum encoder, of the shape of the model's; {@link #begin} copies the weights
     * @param temperature that similarities are divided by
     */
    public Contrastive(
            Contrast model,
            Contrast.Encoder slow,
            Normalize normalize,
            double temperature,
            Momentum momentum,
            Device device) {
        this.model = model;
        this.slow = slow;
        this.pixels = new Pixels(normalize, device);
        this.temperature = temperature;
        this.momentum = momentum;
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            slow.parameters().values().forEach(parameter -> parameter.set_requires_grad(false));
            state().forEach((name, tensor) -> before.put(name, Scopes.keep(tensor.clone())));
        }
    }

    /** Lets each step be one with others, each of whom has the same number of samples. To be called before the first. */
    public void among(Ranks others) {
        ranks = others;
        model.among(others);
        slow.among(others);
    }

    /** The momentum encoder begins as a copy of the trained one. */
    public void begin() {
        follow(0);
    }

    @Override
    public Map<String, Tensor> parameters() {
        return model.parameters();
    }

    /** The momentum encoder with its running statistics, and those of the trained network, by their official names. */
    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        slow.parameters().forEach((name, tensor) -> state.put(MOMENTUM + name, tensor));
        slow.buffers().forEach((name, tensor) -> state.put(MOMENTUM + name, tensor));
        model.buffers().forEach((name, tensor) -> state.put(officialName(name), tensor));
        return state;
    }

    /** The official name of a parameter or buffer of the trained network. */
    static String officialName(String name) {
        return name.startsWith(PREDICTOR) ? name : BASE + name;
    }

    @Override
    public Outcome loss(Batch<TwoViews> batch) {
        List<TwoViews> views = batch.contents();
        Result result = loss(
                batch.step(),
                pixels.of(views.stream().map(TwoViews::first).toList()),
                pixels.of(views.stream().map(TwoViews::second).toList()));
        return new Outcome(
                result.first.loss.add(result.second.loss),
                chance(batch.size() * ranks.size()),
                Map.of(KEY_TOP1, (result.first.accuracy() + result.second.accuracy()) / 2));
    }

    /** The loss where each of so many keys is as near as any other. */
    double chance(int batch) {
        return 2 * 2 * temperature * Math.log(batch);
    }

    /** Both directions, with what they were computed from: this rank's queries and the keys of all. */
    record Result(Tensor q1, Tensor q2, Tensor k1, Tensor k2, Directed first, Directed second) {}

    /**
     * Both views of a batch. The momentum encoder moves before it gives the keys, towards the weights as they are before this
     * step's update.
     *
     * @param x1 [B, 3, 1, H, W], normalised; x2 too
     */
    Result loss(long step, Tensor x1, Tensor x2) {
        remember();
        Tensor q1 = model.forward(x1); // the running statistics of batch norms see the first view first
        Tensor q2 = model.forward(x2);
        follow(momentum.at(step));
        Tensor k1;
        Tensor k2;
        try (NoGradGuard guard = new NoGradGuard()) {
            k1 = ranks.rows(slow.forward(x1));
            k2 = ranks.rows(slow.forward(x2));
        }
        long others = ranks.rank() * q1.size(0);
        return new Result(q1, q2, k1, k2, contrast(q1, k2, others, temperature), contrast(q2, k1, others, temperature));
    }

    /**
     * One direction.
     *
     * @param loss scalar: the mean cross entropy times {@code 2 * temperature}
     * @param logits [n, N]
     * @param labels [n], the key of each query's own image
     */
    record Directed(Tensor loss, Tensor logits, Tensor labels) {
        /** Per cent of the queries that are nearest to the key of their own image; waits for the device. */
        double accuracy() {
            Tensor hits = Ops.argmax(logits.detach(), 1).eq(labels);
            return 100.0 * hits.sum().item_long() / labels.size(0);
        }
    }

    /**
     * From queries to keys.
     *
     * @param q [n, out]
     * @param k [N, out], the keys of all ranks in their order
     * @param before how many keys stand before that of the first query
     */
    static Directed contrast(Tensor q, Tensor k, long before, double temperature) {
        Tensor logits = Ops.matmul(Ops.unitRows(q), Ops.unitRows(k).t()).div(new Scalar(temperature));
        Tensor labels = Ops.range(q.size(0), q).add(new Scalar(before));
        Tensor loss = torch.cross_entropy_loss(logits, labels).mul(new Scalar(2 * temperature));
        return new Directed(loss, logits, labels);
    }

    /** {@code keep} times itself and the rest the trained encoder. Parameters alone; running statistics are its own. */
    private void follow(double keep) {
        Map<String, Tensor> leading = model.encoder().parameters();
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            slow.parameters().forEach((name, own) -> {
                Tensor lead = leading.get(name);
                if (lead == null) {
                    throw new IllegalStateException("the momentum encoder has " + name + ", and the other has not");
                }
                own.lerp_(lead.detach(), new Scalar(1 - keep)); // what is equal stays equal to the last bit
            });
        }
    }

    private void remember() {
        copy(state(), before);
        moved = true;
    }

    @Override
    public void afterStep(long step) {
        moved = false;
    }

    /** A step that is left out moves neither the momentum encoder nor running statistics. */
    @Override
    public void leftOut(long step) {
        if (moved) { // else it broke off before its loss, and what is remembered is of a step that counts
            copy(before, state());
            moved = false;
        }
    }

    private static void copy(Map<String, Tensor> from, Map<String, Tensor> to) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            to.forEach((name, tensor) -> {
                Tensor value = from.get(name);
                if (value == null) {
                    throw new IllegalStateException("there is no " + name + " any more");
                }
                tensor.copy_(value);
            });
        }
    }

    @Override
    public double weight(TwoViews views) {
        return 1;
    }

    /** Frees what is remembered; networks are their owner's. */
    @Override
    public void close() {
        before.values().forEach(Scopes::release);
        before.clear();
    }
}
