package maskfeat.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import maskfeat.eval.Metric;

/**
 * When and by which metric a network is validated on held-out data while it trains: the best weights are kept in a file,
 * and training ends early when they do not improve any more.
 *
 * @param everyEpochs epochs between validations; the last epoch is always validated
 * @param metric that decides which weights are best
 * @param patience epochs without improvement after which training ends; 0 to train to the end
 * @param best file that takes the best weights
 * @param scorer measures
 */
public record Validation(int everyEpochs, Metric metric, int patience, Path best, Scorer scorer) {
    /** Measures the network as it is. */
    public interface Scorer {
        /**
         * Metrics by tag.
         *
         * @param stopRequested asked now and then; if it is true, measuring may be given up
         * @return empty if it was given up
         * @throws IOException if data cannot be read
         */
        Optional<Map<String, Double>> score(BooleanSupplier stopRequested) throws IOException, InterruptedException;
    }

    public Validation {
        if (everyEpochs < 1 || patience < 0) {
            throw new IllegalArgumentException("every-epochs " + everyEpochs + " must be at least 1, patience "
                    + patience + " must not be negative");
        }
        if (metric.better() == Metric.Better.NEITHER) {
            throw new IllegalArgumentException(
                    metric.tag() + " cannot decide which weights are best: neither high nor low values are better");
        }
    }

    boolean due(int epoch, int epochs) {
        return epoch > 0 && (epoch % everyEpochs == 0 || epoch == epochs);
    }

    boolean isBetter(double value, double best) {
        if (Double.isNaN(best)) {
            return !Double.isNaN(value); // a first result that is not a number is the best only until there is another
        }
        return metric.better().than(value, best);
    }

    double decisive(Map<String, Double> figures) {
        Double value = figures.get(metric.tag());
        if (value == null) {
            throw new IllegalStateException("no metric " + metric.tag() + " among " + figures.keySet());
        }
        return value;
    }
}
