package maskfeat.train;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.Content;
import maskfeat.disk.DamagedFile;
import maskfeat.torch.Generators;
import maskfeat.weights.TensorFile;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Everything a run must remember besides its settings, because all other randomness is a function of the step: the
 * parameters, the optimizer's moments, libtorch's generator, the means not yet reported, what validation has found.
 */
final class TrainingState {
    static final String MODEL = "model.safetensors";
    private static final String OPTIMIZER = "optimizer.safetensors";
    private static final String STATE = "state.json";
    private static final String AVERAGE = "average.safetensors";
    private static final String BEST = "best.safetensors";

    /**
     * The part that is not tensors.
     *
     * @param stepsPerEpoch of the data that the run is on
     * @param generator state of libtorch's CPU generator, Base64
     */
    private record Rest(
            long step,
            @Nullable Integer stepsPerEpoch,
            int nonFiniteInARow,
            long nonFinite,
            long meterCount,
            Map<String, Double> meterSums,
            String generator,
            @Nullable Judged judged) {}

    /**
     * What validation has found so far.
     *
     * @param epoch judged last; 0 for none
     * @param bestEpoch of the best so far; 0 for none
     * @param best the deciding figure of it
     * @param over whether training is to end early
     */
    record Judged(int epoch, int bestEpoch, double best, boolean over) {
        static final Judged NOTHING = new Judged(0, 0, 0, false);
    }

    private final Task task;
    private final AdamW optimizer;
    private final Meter meter;
    private final Map<String, String> modelMetadata;
    private final int stepsPerEpoch;
    long step;
    int nonFiniteInARow;
    long nonFinite;
    Judged judged = Judged.NOTHING;

    @Nullable MovingAverage average;

    /** File of the best weights, which are part of a checkpoint: a later one may be lost, and they be overwritten by it. */
    @Nullable Path best;

    TrainingState(Task task, AdamW optimizer, Meter meter, Map<String, String> modelMetadata, int stepsPerEpoch) {
        this.task = task;
        this.optimizer = optimizer;
        this.meter = meter;
        this.modelMetadata = modelMetadata;
        this.stepsPerEpoch = stepsPerEpoch;
    }

    /** The files of a checkpoint. */
    Map<String, Content> files() {
        Rest rest = new Rest(
                step,
                stepsPerEpoch,
                nonFiniteInARow,
                nonFinite,
                meter.count(),
                meter.sums(),
                Base64.getEncoder().encodeToString(Generators.state()),
                judged);
        byte[] json = JsonMapper.shared()
                .writerWithDefaultPrettyPrinter()
                .writeValueAsString(rest)
                .getBytes(StandardCharsets.UTF_8);
        Map<String, Content> files = new LinkedHashMap<>();
        files.put(MODEL, TensorFile.content(modelMetadata, task.parameters()));
        files.put(OPTIMIZER, TensorFile.content(Map.of(), optimizer.state()));
        files.put(STATE, out -> out.write(ByteBuffer.wrap(json)));
        if (average != null) {
            files.put(AVERAGE, TensorFile.content(modelMetadata, average.state()));
        }
        if (best != null && judged.bestEpoch > 0) {
            files.put(BEST, Content.of(best));
        }
        return files;
    }

    /**
     * Puts everything back as it was when the checkpoint was written.
     *
     * @throws IllegalArgumentException if it was written on data of another size
     */
    void restore(Checkpoint checkpoint) throws IOException {
        Path file = checkpoint.file(STATE);
        Rest rest;
        try {
            rest = JsonMapper.shared().readValue(Files.readString(file), Rest.class);
        } catch (JacksonException damaged) {
            throw new DamagedFile(file, "is not the state of a run: " + damaged.getOriginalMessage());
        }
        if (rest.stepsPerEpoch != null && rest.stepsPerEpoch != stepsPerEpoch) {
            throw new IllegalArgumentException("the data makes " + stepsPerEpoch + " steps an epoch, and when "
                    + checkpoint.folder().getFileName() + " was written it made " + rest.stepsPerEpoch
                    + "; a resumed run needs the data that it was begun on, or begin a new one with another --out");
        }
        TensorFile.load(checkpoint.file(MODEL), task.parameters());
        Map<String, Tensor> moments = optimizer.state();
        TensorFile.load(checkpoint.file(OPTIMIZER), moments);
        if (average != null) {
            TensorFile.load(checkpoint.file(AVERAGE), average.state());
        }
        judged = rest.judged == null ? Judged.NOTHING : rest.judged;
        if (best != null && judged.bestEpoch > 0) {
            AtomicFile.write(best, Content.of(checkpoint.file(BEST)));
        }
        Generators.restore(Base64.getDecoder().decode(rest.generator));
        meter.restore(rest.meterSums, rest.meterCount);
        step = rest.step;
        nonFiniteInARow = rest.nonFiniteInARow;
        nonFinite = rest.nonFinite;
    }
}
