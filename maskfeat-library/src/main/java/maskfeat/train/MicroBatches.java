package maskfeat.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import maskfeat.data.Batch;
import maskfeat.data.Sample;
import maskfeat.torch.Flops;
import maskfeat.torch.Ranks;
import maskfeat.torch.Scopes;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Forward and backward of one optimizer step, whose samples go through the network in one or several micro-batches. */
final class MicroBatches<S> {
    private final Task<S> task;
    private final int count;
    private final Ranks ranks;

    MicroBatches(Task<S> task, int count) {
        this(task, count, Ranks.ALONE);
    }

    /** @param count of micro-batches of each rank */
    MicroBatches(Task<S> task, int count, Ranks ranks) {
        this.task = task;
        this.count = count;
        this.ranks = ranks;
    }

    /**
     * Leaves at the parameters the gradient of the mean loss of the whole batch. Waits for the device. Where several ranks train,
     * the batch is this rank's part: the gradients of all are to be summed, and the result is that of all.
     */
    StepResult backward(Batch<S> batch) {
        double total = ranks.sum(weight(batch.samples()))[0];
        List<Tensor> losses = new ArrayList<>();
        Map<String, Double> values = new LinkedHashMap<>();
        double[] flops = {0};
        for (Batch<S> micro : split(batch)) {
            losses.add(Scopes.tidy(() -> {
                // A step may have nothing to learn, such as clips whose boxes were all cropped away.
                double share = total == 0 ? 0 : weight(micro.samples()) / total;
                Task.Outcome[] made = new Task.Outcome[1];
                flops[0] += Flops.of(() -> made[0] = task.loss(micro));
                Task.Outcome outcome = made[0];
                Tensor loss = count == 1 && ranks.isAlone() ? outcome.loss() : outcome.loss().mul(new Scalar(share));
                loss.backward();
                if (!Double.isNaN(outcome.baseline())) {
                    values.merge(StepResult.BASELINE, outcome.baseline() * share, Double::sum);
                }
                outcome.extra().forEach((name, x) -> values.merge(name, x * share, Double::sum));
                return loss.detach();
            }));
        }
        double loss = 0;
        for (Tensor each : losses) {
            loss += each.item_float(); // waits for the device
        }
        values.put(StepResult.LOSS, loss);
        return new StepResult(ofAllRanks(values), Float.NaN, flops[0]);
    }

    /** Every part has its share already. */
    private Map<String, Double> ofAllRanks(Map<String, Double> own) {
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

    private double weight(List<Sample<S>> samples) {
        return samples.stream()
                .mapToDouble(sample -> task.weight(sample.content()))
                .sum();
    }

    private List<Batch<S>> split(Batch<S> batch) {
        int size = batch.size() / count;
        List<Batch<S>> micro = new ArrayList<>();
        for (int from = 0; from < batch.size(); from += size) {
            micro.add(new Batch<>(batch.step(), ranks.rank() * count + micro.size(), batch.samples().subList(from, from + size)));
        }
        return micro;
    }
}
