package maskfeat.train;

import com.fasterxml.jackson.annotation.JsonAlias;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.Content;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Names;
import maskfeat.disk.NewerFile;
import maskfeat.disk.Plural;
import maskfeat.torch.Generators;
import maskfeat.weights.TensorFile;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a checkpoint holds: parameters, the optimizer's moments, the task's own tensors, libtorch's generator, means not
 * yet reported, the loss of the epoch so far, whether a goal is reached, and what validation has found. All other randomness is a function of the seed and the step.
 */
final class TrainingState {
    static final String MODEL = "model.safetensors";
    private static final String OPTIMIZER = "optimizer.safetensors";
    private static final String STATE = "state.json";
    private static final String AVERAGE = "average.safetensors";
    private static final String BEST = "best.safetensors";
    private static final String TASK = "task.safetensors";

    /** 1 had no version, and "judged" in place of "validated". */
    private static final int VERSION = 2;

    /**
     * The part that is not tensors.
     *
     * @param stepsPerEpoch of the data that the run trains on; null in files written before it was kept
     * @param generator state of libtorch's CPU generator, Base64
     * @param threads that were chosen for the kernels by measuring; null where they were not
     * @param epoch the loss of the epoch so far; null in files written before it was kept
     * @param goal whether the loss has come to where the run is to end; null where it ends with its epochs
     */
    private record Rest(
            @Nullable Integer version,
            long step,
            @Nullable Integer stepsPerEpoch,
            int nonFiniteInARow,
            long nonFinite,
            long meterCount,
            Map<String, Double> meterSums,
            String generator,
            @JsonAlias("judged") @Nullable Validated validated,
            @Nullable Integer threads,
            EpochMeans.@Nullable Progress epoch,
            LossGoal.@Nullable Progress goal) {}

    /**
     * What validation has found so far.
     *
     * @param epoch that was validated last; 0 for none
     * @param bestEpoch epoch of the best result so far; 0 for none
     * @param best its deciding metric
     * @param over whether training is to end early
     */
    record Validated(int epoch, int bestEpoch, double best, boolean over) {
        static final Validated NOTHING = new Validated(0, 0, 0, false);
    }

    private final Task<?> task;
    private final AdamW optimizer;
    private final Meter meter;
    private final Map<String, String> modelMetadata;
    private final int stepsPerEpoch;
    long step;
    int nonFiniteInARow;
    long nonFinite;
    Validated validated = Validated.NOTHING;

    /** Of the kernels, as they were chosen by measuring; null while they were not. */
    @Nullable Integer threads;

    @Nullable MovingAverage average;

    final EpochMeans epoch = new EpochMeans();

    @Nullable LossGoal goal;

    /** File of the best weights. A checkpoint has a copy, as later training may overwrite the file and then be lost. */
    @Nullable Path best;

    TrainingState(Task<?> task, AdamW optimizer, Meter meter, Map<String, String> modelMetadata, int stepsPerEpoch) {
        this.task = task;
        this.optimizer = optimizer;
        this.meter = meter;
        this.modelMetadata = modelMetadata;
        this.stepsPerEpoch = stepsPerEpoch;
    }

    /** The files of a checkpoint. */
    Map<String, Content> files() {
        Rest rest = new Rest(
                VERSION,
                step,
                stepsPerEpoch,
                nonFiniteInARow,
                nonFinite,
                meter.count(),
                meter.sums(),
                Base64.getEncoder().encodeToString(Generators.state()),
                validated,
                threads,
                epoch.progress(),
                goal == null ? null : goal.progress());
        byte[] json = JsonMapper.shared()
                .writerWithDefaultPrettyPrinter()
                .writeValueAsString(rest)
                .getBytes(StandardCharsets.UTF_8);
        Map<String, Content> files = new LinkedHashMap<>();
        files.put(MODEL, TensorFile.content(modelMetadata, task.parameters()));
        files.put(OPTIMIZER, TensorFile.content(Map.of(), optimizer.state()));
        files.put(STATE, out -> out.write(ByteBuffer.wrap(json)));
        Map<String, Tensor> own = task.state();
        if (!own.isEmpty()) {
            files.put(TASK, TensorFile.content(Map.of(), own));
        }
        if (average != null) {
            files.put(AVERAGE, TensorFile.content(modelMetadata, average.state()));
        }
        if (best != null && validated.bestEpoch > 0) {
            files.put(BEST, Content.of(best));
        }
        return files;
    }

    /**
     * Puts everything back as it was when the checkpoint was written.
     *
     * @throws IllegalArgumentException if it was written on data of another size, or by a task with other state
     */
    void restore(Checkpoint checkpoint) throws IOException {
        Rest rest = read(checkpoint.file(STATE));
        if (rest.step != checkpoint.step()) {
            throw new DamagedFile(
                    checkpoint.file(STATE), "is of step " + rest.step + ", and the checkpoint of " + checkpoint.step());
        }
        if (rest.stepsPerEpoch != null && rest.stepsPerEpoch != stepsPerEpoch) {
            throw new IllegalArgumentException(
                    "the data makes " + Plural.of(stepsPerEpoch, "step") + " an epoch, and when "
                            + checkpoint.folder().getFileName() + " was written it made " + rest.stepsPerEpoch
                            + "; a resumed run needs the data that it was begun on, or begin a new one in another folder");
        }
        Map<String, Tensor> own = task.state();
        refuseOtherState(checkpoint, own.keySet());
        TensorFile.load(checkpoint.file(MODEL), task.parameters());
        Map<String, Tensor> moments = optimizer.state();
        TensorFile.loadMoments(checkpoint.file(OPTIMIZER), moments);
        if (!own.isEmpty()) {
            TensorFile.load(checkpoint.file(TASK), own);
        }
        if (average != null) {
            TensorFile.load(checkpoint.file(AVERAGE), average.state());
        }
        validated = rest.validated == null ? Validated.NOTHING : rest.validated;
        if (best != null && validated.bestEpoch > 0) {
            AtomicFile.write(best, Content.of(checkpoint.file(BEST)));
        }
        Generators.restore(Base64.getDecoder().decode(rest.generator));
        meter.restore(rest.meterSums, rest.meterCount);
        step = rest.step;
        nonFiniteInARow = rest.nonFiniteInARow;
        nonFinite = rest.nonFinite;
        threads = rest.threads;
        epoch.restore(rest.epoch == null ? EpochMeans.Progress.NONE : rest.epoch);
        if (goal != null) {
            goal.restore(rest.goal == null ? LossGoal.Progress.NONE : rest.goal);
        }
    }

    private static Rest read(Path file) throws IOException {
        try {
            JsonNode json = JsonMapper.shared().readTree(Files.readString(file));
            NewerFile.refuse(file, json, VERSION);
            return checked(file, JsonMapper.shared().treeToValue(json, Rest.class));
        } catch (JacksonException damaged) {
            throw new DamagedFile(file, "is not the state of a run: " + damaged.getOriginalMessage());
        }
    }

    /** Jackson leaves out what is missing, and numbers may be anything. */
    private static Rest checked(Path file, @Nullable Rest rest) throws DamagedFile {
        if (rest == null
                || rest.step < 0
                || rest.stepsPerEpoch != null && rest.stepsPerEpoch < 1
                || rest.nonFiniteInARow < 0
                || rest.nonFinite < 0
                || rest.meterCount < 0
                || (Object) rest.meterSums == null
                || rest.meterSums.containsValue(null)
                || (Object) rest.generator == null
                || rest.threads != null && rest.threads < 1
                || rest.epoch != null && !rest.epoch.makesSense()
                || rest.goal != null && !rest.goal.makesSense()
                || rest.validated != null && (rest.validated.epoch < 0 || rest.validated.bestEpoch < 0)) {
            throw new DamagedFile(file, "is not the state of a run: a number or a part of it is missing or cannot be");
        }
        try {
            int length = Base64.getDecoder().decode(rest.generator).length;
            if (length != Generators.state().length) {
                throw new DamagedFile(file, "is not the state of a run: its generator has " + length + " bytes");
            }
        } catch (IllegalArgumentException notBase64) {
            throw new DamagedFile(file, "is not the state of a run: its generator is no Base64");
        }
        return rest;
    }

    private static void refuseOtherState(Checkpoint checkpoint, Set<String> own) {
        if (checkpoint.files().containsKey(TASK) == !own.isEmpty()) {
            return;
        }
        String found = own.isEmpty()
                ? " has " + TASK + ", and the task of this run has no state of its own"
                : " has no " + TASK + ", in which the task of this run keeps " + Names.of(own);
        throw new IllegalArgumentException(checkpoint.folder().getFileName() + found
                + "; resume it with the task that it was begun with, or begin a new run in another folder");
    }
}
