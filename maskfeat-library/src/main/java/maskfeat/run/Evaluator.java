package maskfeat.run;

import java.io.IOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import maskfeat.infer.Progress;
import maskfeat.report.Measurement;

/** Measures a network on data that it was not trained on, as it is at the moment. */
@FunctionalInterface
public interface Evaluator {
    /**
     * Measures.
     *
     * @param stopRequested asked now and then; true gives up
     * @return empty if it was given up
     * @throws IOException if data cannot be read
     */
    Optional<Measurement> measure(BooleanSupplier stopRequested, Progress progress)
            throws IOException, InterruptedException;
}
