package maskfeat.train;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import maskfeat.disk.AtomicFile;
import maskfeat.torch.Generators;
import maskfeat.weights.TensorFile;

/** Carries a {@link Validation} out: measures, keeps the best weights, and says when training ends early. */
final class Validator {
    private final Validation settings;
    private final Task<?> task;
    private final TrainingState state;
    private final Map<String, String> modelMetadata;
    private final List<Listener> listeners;

    Validator(
            Validation settings,
            Task<?> task,
            TrainingState state,
            Map<String, String> modelMetadata,
            List<Listener> listeners) {
        this.settings = settings;
        this.task = task;
        this.state = state;
        this.modelMetadata = modelMetadata;
        this.listeners = listeners;
    }

    boolean due(int epoch, int epochs) {
        return state.validated.epoch() < epoch && settings.due(epoch, epochs);
    }

    /**
     * Measures the network after this epoch, with the averaged weights if there are any, and remembers the result.
     *
     * @return whether it was measured; false if it was given up because a stop was requested
     */
    boolean validate(int epoch, BooleanSupplier stopRequested) throws IOException, InterruptedException {
        byte[] generator = Generators.state();
        swapAverage();
        try {
            Optional<Map<String, Double>> figures = settings.scorer().score(stopRequested);
            if (figures.isPresent()) {
                remember(epoch, figures.get());
            }
            return figures.isPresent();
        } finally {
            swapAverage();
            Generators.restore(generator); // validation must not change training, however often it is begun
        }
    }

    private void swapAverage() {
        if (state.average != null) {
            state.average.swap();
        }
    }

    /** Called while the network has the weights that were measured. */
    private void remember(int epoch, Map<String, Double> figures) throws IOException {
        TrainingState.Validated before = state.validated;
        double value = settings.decisive(figures);
        boolean best = before.bestEpoch() == 0 || settings.isBetter(value, before.best());
        int bestEpoch = best ? epoch : before.bestEpoch();
        boolean over = settings.patience() > 0 && epoch - bestEpoch >= settings.patience();
        if (best) {
            AtomicFile.write(settings.best(), TensorFile.content(modelMetadata, task.parameters()));
        }
        state.validated = new TrainingState.Validated(epoch, bestEpoch, best ? value : before.best(), over);
        listeners.forEach(listener -> listener.scores(state.step, figures));
    }
}
