package maskfeat.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * When and by what a network is judged on held-out data while it trains: the best weights are kept in a file, and training
 * ends early when they get no better.
 *
 * @param everyEpochs passes between judgements; the last pass is always judged
 * @param metric tag of the figure that decides, such as {@code val/top1}
 * @param smallerIsBetter whether that figure should fall
 * @param patience passes without a better figure after which training ends; 0 to train to the end
 * @param best file that takes the best weights
 * @param scorer measures
 */
public record Validation(
        int everyEpochs, String metric, boolean smallerIsBetter, int patience, Path best, Scorer scorer) {
    /** Measures the network as it is. */
    public interface Scorer {
        /**
         * Figures by tag.
         *
         * @param stopRequested asked now and then; where it is true, measuring may be given up
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
    }

    boolean due(int epoch, int epochs) {
        return epoch > 0 && (epoch % everyEpochs == 0 || epoch == epochs);
    }

    boolean isBetter(double value, double best) {
        if (Double.isNaN(best)) {
            return !Double.isNaN(value); // a first figure that is no number is the best only until there is another
        }
        return smallerIsBetter ? value < best : value > best;
    }

    double decisive(Map<String, Double> figures) {
        Double value = figures.get(metric);
        if (value == null) {
            throw new IllegalStateException("no figure " + metric + " among " + figures.keySet());
        }
        return value;
    }
}
