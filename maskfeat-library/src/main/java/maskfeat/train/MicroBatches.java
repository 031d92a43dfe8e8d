package maskfeat.train;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import maskfeat.data.Batch;
import maskfeat.torch.Flops;
import maskfeat.torch.Scopes;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Forward and backward of one optimizer step, whose samples go through the network in one or several micro-batches. */
final class MicroBatches<S> {
    /** Of the same numbers, summed in another order. */
    private static final double ROUNDING = 1e-9;

    private final Task<S> task;
    private final int count;

    MicroBatches(Task<S> task, int count) {
        this.task = task;
        this.count = count;
    }

    /** Leaves at the parameters the gradient of the mean loss of the whole step. Waits for samples and for the device. */
    StepResult backward(StepSamples<S> samples) throws IOException, InterruptedException {
        Sums sums = new Sums(samples.weight());
        for (int i = 0; i < count; i++) {
            sums.add(samples.take()); // kept in no variable, so that it can be collected while the next is waited for
        }
        return sums.result();
    }

    /** The work of a step, all of whose micro-batches are this one. */
    void rehearse(Batch<S> micro) {
        Sums sums = new Sums(count * weight(micro));
        for (int i = 0; i < count; i++) {
            sums.add(micro);
        }
        sums.result();
    }

    private double weight(Batch<S> batch) {
        return batch.contents().stream().mapToDouble(task::weight).sum();
    }

    private final class Sums {
        private final double total;
        private final List<Tensor> losses = new ArrayList<>();
        private final Map<String, Double> values = new LinkedHashMap<>();
        private double flops;
        private double weighed;

        Sums(double total) {
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
                Tensor loss = count == 1 ? outcome.loss() : outcome.loss().mul(new Scalar(share));
                loss.backward();
                if (!Double.isNaN(outcome.baseline())) {
                    values.merge(StepResult.BASELINE, outcome.baseline() * share, Double::sum);
                }
                outcome.extra().forEach((name, x) -> values.merge(name, x * share, Double::sum));
                return loss.detach();
            }));
        }

        StepResult result() {
            if (Math.abs(weighed - total) > ROUNDING * Math.abs(total)) {
                throw new IllegalStateException("the samples of a step weigh " + weighed + ", and " + total
                        + " was said before they were made");
            }
            double loss = 0;
            for (Tensor each : losses) {
                loss += each.item_float(); // waits for the device
            }
            values.put(StepResult.LOSS, loss);
            return new StepResult(values, Float.NaN, flops);
        }
    }
}
