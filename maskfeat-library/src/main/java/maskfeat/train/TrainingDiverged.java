package maskfeat.train;

import java.nio.file.Path;
import java.util.Locale;
import maskfeat.disk.Plural;

/** Loss, gradient or what the network says stopped being a number. */
public final class TrainingDiverged extends RuntimeException {
    /** Found in validation. */
    TrainingDiverged(int epoch, String found, double learningRate) {
        super(String.format(
                Locale.ROOT,
                "validation after epoch %d found that %s: training has diverged at learning rate %.3g; the checkpoints and"
                        + " the best weights from before are kept. Lower optim.lr, or begin with more optim.warmup-epochs",
                epoch,
                found,
                learningRate));
    }

    TrainingDiverged(int inARow, long firstStep, double learningRate, Path replay) {
        super(String.format(
                Locale.ROOT,
                "loss or gradient is not finite for %s in a row, from step %d at learning rate %.3g; "
                        + "the weights are as before step %d, %s has loss, norm and the samples by their number in the data, "
                        + "and resuming the run makes them again. Lower optim.lr, or look at those samples",
                Plural.of(inARow, "step"),
                firstStep,
                learningRate,
                firstStep,
                replay));
    }
}
