package maskfeat.train;

import java.nio.file.Path;
import java.util.Locale;

/** The loss or its gradient stopped being a number, several steps in a row. */
public final class TrainingDiverged extends RuntimeException {
    TrainingDiverged(int inARow, long firstStep, double learningRate, Path replay) {
        super(String.format(
                Locale.ROOT,
                "loss or gradient is not finite for %d steps in a row, from step %d at learning rate %.3g; "
                        + "the weights are as before step %d, %s has loss, norm and the samples by their number in the data, "
                        + "and resuming the run makes them again. Lower optim.lr, or look at those samples",
                inARow,
                firstStep,
                learningRate,
                firstStep,
                replay));
    }
}
