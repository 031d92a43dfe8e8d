package maskfeat.train;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import maskfeat.torch.Generators;
import maskfeat.weights.Content;
import maskfeat.weights.DamagedFile;
import maskfeat.weights.TensorFile;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Everything a run must remember besides its settings, because all other randomness is a function of the step: the
 * parameters, the optimizer's moments, libtorch's generator, the means not yet reported.
 */
final class TrainingState {
    static final String MODEL = "model.safetensors";
    private static final String OPTIMIZER = "optimizer.safetensors";
    private static final String STATE = "state.json";

    /**
     * The part that is not tensors.
     *
     * @param generator state of libtorch's CPU generator, Base64
     */
    private record Rest(
            long step,
            int nonFiniteInARow,
            long nonFinite,
            long meterCount,
            Map<String, Double> meterSums,
            String generator) {}

    private final Task task;
    private final AdamW optimizer;
    private final Meter meter;
    private final Map<String, String> modelMetadata;
    long step;
    int nonFiniteInARow;
    long nonFinite;

    TrainingState(Task task, AdamW optimizer, Meter meter, Map<String, String> modelMetadata) {
        this.task = task;
        this.optimizer = optimizer;
        this.meter = meter;
        this.modelMetadata = modelMetadata;
    }

    /** The files of a checkpoint. */
    Map<String, Content> files() {
        Rest rest = new Rest(
                step,
                nonFiniteInARow,
                nonFinite,
                meter.count(),
                meter.sums(),
                Base64.getEncoder().encodeToString(Generators.state()));
        byte[] json = JsonMapper.shared()
                .writerWithDefaultPrettyPrinter()
                .writeValueAsString(rest)
                .getBytes(StandardCharsets.UTF_8);
        return Map.of(
                MODEL, TensorFile.content(modelMetadata, task.parameters()),
                OPTIMIZER, TensorFile.content(Map.of(), optimizer.state()),
                STATE, out -> out.write(ByteBuffer.wrap(json)));
    }

    /** Puts everything back as it was when the checkpoint was written. */
    void restore(Checkpoint checkpoint) throws IOException {
        Path file = checkpoint.file(STATE);
        Rest rest;
        try {
            rest = JsonMapper.shared().readValue(Files.readString(file), Rest.class);
        } catch (JacksonException damaged) {
            throw new DamagedFile(file, "is not the state of a run: " + damaged.getOriginalMessage());
        }
        TensorFile.load(checkpoint.file(MODEL), task.parameters());
        Map<String, Tensor> moments = optimizer.state();
        TensorFile.load(checkpoint.file(OPTIMIZER), moments);
        Generators.restore(Base64.getDecoder().decode(rest.generator));
        meter.restore(rest.meterSums, rest.meterCount);
        step = rest.step;
        nonFiniteInARow = rest.nonFiniteInARow;
        nonFinite = rest.nonFinite;
    }
}
