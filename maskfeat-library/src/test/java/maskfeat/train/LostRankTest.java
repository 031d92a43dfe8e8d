package maskfeat.train;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import maskfeat.data.Batch;
import maskfeat.data.Loader;
import maskfeat.data.MaskedClip;
import maskfeat.data.Order;
import maskfeat.data.PictureFiles;
import maskfeat.data.Samples;
import maskfeat.data.Seeds;
import maskfeat.torch.Arrays;
import maskfeat.torch.RankLost;
import maskfeat.torch.Ranks;
import maskfeat.torch.RanksHere;
import maskfeat.torch.Scopes;
import maskfeat.weights.TensorFile;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is saved where a rank goes in the middle of a step. */
class LostRankTest {
    private static final Seeds SEEDS = new Seeds(2);
    private static final int BATCH = 4;

    @TempDir
    private Path folder = Path.of("");

    /** Has a state that moves with each loss, as a momentum encoder does. */
    private static final class Counting implements Task<MaskedClip>, AutoCloseable {
        private final ColourTask colours = new ColourTask(1, 0);
        private final Tensor losses = Scopes.keep(Arrays.tensor(new float[1], 1));

        @Override
        public Map<String, Tensor> parameters() {
            return colours.parameters();
        }

        @Override
        public Map<String, Tensor> state() {
            return Map.of("losses", losses);
        }

        @Override
        public Outcome loss(Batch<MaskedClip> batch) {
            losses.add_(new Scalar(1.0));
            return colours.loss(batch);
        }

        @Override
        public void leftOut(long step) {
            losses.sub_(new Scalar(1.0));
        }

        @Override
        public double weight(MaskedClip sample) {
            return colours.weight(sample);
        }

        @Override
        public void close() {
            colours.close();
            Scopes.release(losses);
        }
    }

    /** @param failing makes no step, because one of its parameters gets no gradient: known after its loss, before the sum of gradients */
    private Throwable train(Ranks ranks, boolean failing) throws Exception {
        Map<String, Tensor> trained;
        Tensor unused = Scopes.keep(Arrays.tensor(new float[1], 1));
        try (Counting task = new Counting()) {
            trained = new LinkedHashMap<>(task.parameters());
            if (failing) {
                trained.put("unused", unused);
            }
            Samples<MaskedClip> samples = ColourTask.samples(folder.resolve("images"), SEEDS, 0);
            try (AdamW optimizer = new AdamW(trained, new AdamW.Config(0.9, 0.999, 1e-8, 0.05, 0.02))) {
                Trainer<MaskedClip> trainer = new Trainer<>(
                                task,
                                optimizer,
                                new Schedule(0, 0, new Schedule.Cosine(1e-3, 1e-4, 0, 1)),
                                new Trainer.Plan(3, 1, 1, 1, 100, Double.MAX_VALUE, 3),
                                Checkpoints.open(saved(ranks.rank()), 1, notice -> {}),
                                Map.of("format", "pt"),
                                folder.resolve("nonfinite"),
                                List.of(),
                                () -> false)
                        .among(ranks, SEEDS);
                Throwable failure = catchThrowable(() -> trainer.run(first -> new Loader<>(
                        samples,
                        Order.shuffled(SEEDS, samples.size()),
                        BATCH,
                        1,
                        1,
                        1,
                        1,
                        first,
                        3,
                        new Loader.Part(ranks.rank(), ranks.size()))));
                if (failing) {
                    ranks.fail(String.valueOf(failure.getMessage()));
                }
                return failure;
            }
        } finally {
            Scopes.release(unused);
        }
    }

    private Path saved(int rank) {
        return folder.resolve("rank-" + rank);
    }

    @Test
    void whereTheSumOfTheGradientsFailsTheStepIsTakenBack() throws Exception {
        PictureFiles.folder(folder.resolve("images"), 3 * BATCH, 24);
        List<Throwable> failures = RanksHere.each(2, ranks -> train(ranks, ranks.rank() == 1));
        assertThat(failures.get(1)).hasMessageContaining("parameter unused has no gradient");
        assertThat(failures.get(0)).isInstanceOf(RankLost.class).hasMessageContaining("parameter unused");

        Checkpoint left = Checkpoints.latestIn(saved(0), notice -> {}).orElseThrow();
        assertThat(left.step()).isZero();
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> state = TensorFile.read(left.file("task.safetensors"));
            assertThat(Arrays.floats(requireNonNull(state.get("losses")))).containsExactly(0);
        }
    }
}
