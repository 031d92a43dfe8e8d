package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import maskfeat.sample.SampleSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The arithmetic. Whether it is near what a run takes, {@link MemoryNeedIT} measures. */
class MemoryNeedTest {
    private static final double GIB = 1 << 30;

    @TempDir
    private static Path data = Path.of("");

    @BeforeAll
    static void make() throws Exception {
        SampleSet.write(data.resolve("set"), SampleSet.Size.TINY);
    }

    private static MachineMemory machine(double gib) {
        return new MachineMemory(2 * gib * GIB, gib * GIB, 0, 0);
    }

    /** ViT-B in steps of 16 pictures. */
    private static Training training(String... more) throws Exception {
        Run run = Runs.settings("in1k-vit-b-pt", more)
                .set("data.path=" + data.resolve("set/images/train"))
                .set("train.batch=16")
                .set("train.accumulate=1")
                .value();
        return Training.of(run, RunData.open(run));
    }

    @Test
    void isWhatARunIsMadeOf() throws Exception {
        try (Training training = training()) {
            MemoryNeed need = training.memory(machine(100));
            double parameters = training.plan().network().parameterCount();
            assertThat(need.program()).isEqualTo(MemoryNeed.WORKING);
            assertThat(need.weights()).isCloseTo(16 * parameters, within(1.0));
            // Two steps of 16 pictures are made ready, and one is at hand.
            int batches = training.run().loader().ahead() + 1;
            assertThat(need.data()).isEqualTo(batches * 16 * 3 * 224 * 224);
            // A block of 197 tokens of 768: twice 1 for norms; 1, 3 and 1 for attention; 1, 4 and 4 for the MLP.
            double block = 197 * 16 * 768 * 4;
            double outside = (3 * 224 * 224 + 3 * 197 * 768) * 4;
            assertThat(need.microBatch()).isCloseTo(16 * (13 * block + outside), within(1.0));
            assertThat(training.memory(machine(100), 4, false).microBatch())
                    .isCloseTo(need.microBatch() / 4, within(1.0));
            // Of all blocks the input, of one the rest, and as much for gradients in hand.
            assertThat(training.memory(machine(100), 16, true).microBatch())
                    .isCloseTo(16 * ((12 / 16.0 + 2) * block + outside), within(1.0));
            assertThat(need.text(16))
                    .matches("about 3\\.[0-9] GiB: 0\\.2 program, 1\\.3 weights, gradients and optimizer, 1\\.[0-9] a"
                            + " micro-batch of 16");
        }
    }

    @Test
    void ofSeveralMicroBatchesNoWholeStepIsMadeReady() throws Exception {
        double picture = 3 * 224 * 224;
        try (Training whole = training("loader.threads=4");
                Training parts = training("loader.threads=4")) {
            assertThat(whole.run().loader().ahead()).isEqualTo(2);
            assertThat(whole.memory(machine(100)).data()).isEqualTo((2 + 1) * 16 * picture);
            assertThat(parts.memory(machine(100), 4, false).data()).isEqualTo((2 + 1) * 4 * picture);
            // Four threads are at work on eight pictures at least.
            assertThat(parts.memory(machine(100), 1, false).data()).isEqualTo((8 + 1) * picture);
        }
    }

    @Test
    void averagesAndPrecisionCount() throws Exception {
        try (Training plain = training();
                Training other = training("optim.ema=0.99", "train.precision=bfloat16")) {
            MemoryNeed need = plain.memory(machine(100));
            MemoryNeed changed = other.memory(machine(100));
            assertThat(changed.weights() / need.weights()).isCloseTo(5 / 4.0, within(1e-6));
            assertThat(changed.microBatch() / need.microBatch()).isBetween(0.5, 0.75);
        }
    }

    @Test
    void theRemedyFitsAndIsTheSameStep() throws Exception {
        try (Training training = training()) {
            assertThat(training.memory(machine(4.5)).fits(machine(4.5))).isTrue();
            assertThat(training.memory(machine(3.5)).fits(machine(3.5))).isFalse();
            assertThat(training.lessMemory(machine(3.5), false))
                    .startsWith("train.recompute=true takes more time and gives the same");
            assertThat(training.lessMemory(machine(2.2), false))
                    .startsWith("train.batch=2 with train.accumulate=8 is the same step, about 1.");
            assertThat(training.lessMemory(machine(1), false)).startsWith("smaller micro-batches do not help");
        }
        try (Training training = training("train.recompute=true")) {
            assertThat(training.lessMemory(machine(2.2), false))
                    .startsWith("train.batch=8 with train.accumulate=2 is the same");
        }
    }

    /** It is refused other micro-batches, so that it must not be told to take some. */
    @Test
    void aResumedRunIsToldWhatItMayChange() throws Exception {
        try (Training training = training()) {
            assertThat(training.lessMemory(machine(3.5), true)).startsWith("train.recompute=true takes more time");
            assertThat(training.lessMemory(machine(2.2), true))
                    .startsWith("a resumed run keeps its micro-batches; train.recompute=true takes less")
                    .doesNotContain("train.accumulate");
        }
        try (Training training = training("train.recompute=true")) {
            assertThat(training.lessMemory(machine(2.2), true)).doesNotContain("recompute", "train.accumulate");
        }
    }

    @Test
    void whereTheSystemDoesNotTellARunIsTried() {
        MachineMemory unknown = new MachineMemory(Double.NaN, Double.NaN, Double.NaN, Double.NaN);
        assertThat(new MemoryNeed(0, 1e15, 0, 0).fits(unknown)).isTrue();
    }
}
