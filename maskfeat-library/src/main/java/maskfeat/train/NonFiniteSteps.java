package maskfeat.train;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.NewerFile;
import maskfeat.torch.Generators;
import maskfeat.torch.Ranks;
import tools.jackson.databind.json.JsonMapper;

/**
 * Counts steps whose loss or gradient is not finite. Such a step changed nothing; a file names its samples, and too many
 * in a row end the run.
 */
final class NonFiniteSteps {
    private static final int VERSION = 1;

    private final Path folder;
    private final int stepsPerEpoch;
    private final int mostInARow;
    private final TrainingState state;
    private final Meter meter;

    /**
     * @param folder takes a file for each such step
     * @param mostInARow such steps in a row that end the run
     */
    NonFiniteSteps(Path folder, int stepsPerEpoch, int mostInARow, TrainingState state, Meter meter) {
        this.folder = folder;
        this.stepsPerEpoch = stepsPerEpoch;
        this.mostInARow = mostInARow;
        this.state = state;
        this.meter = meter;
    }

    /**
     * Looks at a step that the state has counted already.
     *
     * @param ranks that trained it together, each on its part of the step
     * @param generator libtorch's, before the step: a step that changes nothing must not advance it either
     * @return what ends the run, if it was one too many; the state is then as it was before the first of them
     */
    Optional<TrainingDiverged> count(
            StepResult result, StepSamples<?> samples, double learningRate, byte[] generator, Ranks ranks)
            throws IOException {
        if (result.isFinite()) {
            state.nonFiniteInARow = 0;
            return Optional.empty();
        }
        Generators.restore(generator);
        if (state.nonFiniteInARow == 0) {
            meter.mark();
            state.epoch.mark();
            if (state.goal != null) {
                state.goal.mark();
            }
        }
        state.nonFiniteInARow++;
        state.nonFinite++;
        Path replay = write(result, samples, learningRate, ranks);
        if (state.nonFiniteInARow < mostInARow) {
            return Optional.empty();
        }
        int inARow = state.nonFiniteInARow;
        long first = state.step - inARow;
        // As if the run had been stopped before the first of them: a resumed run makes the same steps again.
        state.step = first;
        state.nonFiniteInARow = 0;
        state.nonFinite -= inARow;
        meter.rewind();
        state.epoch.rewind();
        if (state.goal != null) {
            state.goal.rewind();
        }
        return Optional.of(new TrainingDiverged(inARow, first, learningRate, replay));
    }

    private Path write(StepResult result, StepSamples<?> samples, double learningRate, Ranks ranks) throws IOException {
        String own = samples.indices().stream().map(String::valueOf).collect(Collectors.joining(" "));
        List<String> ofRanks = ranks.exchange("samples-" + samples.step() + "-" + state.nonFinite, own);
        AtomicFile.folder(folder);
        Path file = folder.resolve("step-" + samples.step() + ".json");
        Map<String, Object> content = new LinkedHashMap<>();
        content.put(NewerFile.VERSION, VERSION);
        content.put("step", samples.step());
        content.put("epoch", samples.step() / stepsPerEpoch);
        content.put("learning-rate", learningRate);
        content.put("loss", String.valueOf(result.loss()));
        content.put("grad-norm", String.valueOf(result.gradNorm()));
        content.put(
                "samples",
                ofRanks.stream()
                        .flatMap(each -> Stream.of(each.split(" ")))
                        .map(Integer::valueOf)
                        .toList());
        byte[] json = JsonMapper.shared()
                .writerWithDefaultPrettyPrinter()
                .writeValueAsString(content)
                .getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(file, out -> out.write(ByteBuffer.wrap(json)));
        return file;
    }
}
