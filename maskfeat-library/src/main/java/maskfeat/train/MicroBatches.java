package maskfeat.train;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import maskfeat.data.Batch;
import maskfeat.torch.Flops;
import maskfeat.torch.Ranks;
import maskfeat.torch.Scopes;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Forward and backward of one optimizer step, whose samples go through the network in one or several micro-batches. */
final class MicroBatches<S> {
    /** Of the same numbers, summed in another order. */
    private static final double ROUNDING = 1e-9;

    private final Task<S> task;
    private final int count;
    private final Ranks ranks;

    MicroBatches(Task<S> task, int count) {
        this(task, count, Ranks.ALONE);
    }

    /** Is told of each micro-batch. */
    interface Between {
        /**
         * @param done micro-batches of the step
         * @return whether to go on with the step; true after the last
         */
        boolean goOn(int done);
    }

    /** @param count of micro-batches of each rank */
    MicroBatches(Task<S> task, int count, Ranks ranks) {
        this.task = task;
        this.count = count;
        this.ranks = ranks;
    }

    /**
     * Leaves at the parameters the gradient of the mean loss of the whole step. Waits for samples and for the device. Where several
     * ranks train, the samples are this rank's part: the gradients of all are to be summed, and the result is that of all.
     *
     * @param between told of each micro-batch
     * @return empty if the step was given up, with gradients of a part of it
     */
    Optional<StepResult> backward(StepSamples<S> samples, Between between) throws IOException, InterruptedException {
        Sums sums = new Sums(samples.weight(), ranks.sum(samples.weight())[0]);
        for (int i = 0; i < count; i++) {
            sums.add(samples.take()); // kept in no variable, so that it can be collected while the next is waited for
            if (!between.goOn(i + 1)) {
                return Optional.empty();
            }
        }
        return Optional.of(sums.result(ranks));
    }

    /** The work of a step, all of whose micro-batches are this one. */
    void rehearse(Batch<S> micro) {
        double weight = count * weight(micro);
        Sums sums = new Sums(weight, weight);
        for (int i = 0; i < count; i++) {
            sums.add(micro);
        }
        sums.result(Ranks.ALONE);
    }

    private double weight(Batch<S> batch) {
        return batch.contents().stream().mapToDouble(task::weight).sum();
    }

    private final class Sums {
        private final double own;
        private final double total;
        private final List<Tensor> losses = new ArrayList<>();
        private final Map<String, Double> values = new LinkedHashMap<>();
        private double flops;
        private double weighed;

        /**
         * @param own weight of this rank's samples
         * @param total weight of those of all ranks
         */
        Sums(double own, double total) {
            this.own = own;
            this.total = total;
        }

        void add(Batch<S> micro) {
            double weight = weight(micro);
            weighed += weight;
            losses.add(Scopes.tidy(() -> {
                // A step may have nothing to learn, such as clips whose boxes were all cropped away.
                double share = total == 0 ? 0 : weight / total;
                Task.Outcome[] made = new Task.Outcome[1];
                flops += Flops.of(() -> made[0] = task.loss(micro));
                Task.Outcome outcome = made[0];
                Tensor loss = count == 1 && ranks.isAlone()
                        ? outcome.loss()
                        : outcome.loss().mul(new Scalar(share));
                ranks.backward(loss);
                if (!Double.isNaN(outcome.baseline())) {
                    values.merge(StepResult.BASELINE, outcome.baseline() * share, Double::sum);
                }
                outcome.extra().forEach((name, x) -> values.merge(name, x * share, Double::sum));
                return loss.detach();
            }));
        }

        StepResult result(Ranks all) {
            if (Math.abs(weighed - own) > ROUNDING * Math.abs(own)) {
                throw new IllegalStateException(
                        "the samples of a step weigh " + weighed + ", and " + own + " was said before they were made");
            }
            double loss = 0;
            for (Tensor each : losses) {
                loss += each.item_float(); // waits for the device
            }
            values.put(StepResult.LOSS, loss);
            return new StepResult(ofAll(all, values), Float.NaN, flops);
        }
    }

    /** Every part has its share already. */
    private static Map<String, Double> ofAll(Ranks ranks, Map<String, Double> own) {
        if (ranks.isAlone()) {
            return own;
        }
        SortedMap<String, Double> sorted = new TreeMap<>(own); // a map's own order differs between processes
        double[] sums = ranks.sum(
                sorted.values().stream().mapToDouble(Double::doubleValue).toArray());
        Map<String, Double> all = new LinkedHashMap<>();
        sorted.keySet().forEach(name -> all.put(name, sums[all.size()]));
        return all;
    }
}
