package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import maskfeat.sample.SampleSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several processes that train together give what one gives, and one that dies is named and does no harm. */
class RanksIT {
    @TempDir
    private static Path folder = Path.of("");

    private static Path images = Path.of("");

    @BeforeAll
    static void writeData() throws Exception {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY.imagesOnly());
        images = folder.resolve("set").resolve("images");
    }

    /** Ten steps of 12 images without drop path, which ranks draw differently. */
    private static List<String> words(String recipe, Path out, String... more) {
        boolean finetunes = recipe.endsWith("-ft");
        List<String> words =
                new ArrayList<>(List.of(finetunes ? "finetune" : "pretrain", recipe, "--out", out.toString()));
        words.addAll(List.of("--data", (finetunes ? images : images.resolve("train")).toString()));
        List<String> settings = new ArrayList<>(List.of(
                "train.epochs=2",
                "train.threads=1",
                "model.drop-path=0",
                "report.pictures-every=0",
                "report.log-every=1",
                "checkpoint.every-epochs=1",
                "train.batch=6",
                "train.accumulate=2"));
        if (finetunes) {
            words.addAll(List.of("--from", "none"));
        }
        settings.addAll(List.of(more));
        settings.forEach(setting -> words.addAll(List.of("--set", setting)));
        return words;
    }

    private static MaskfeatProcess launched(int ranks, List<String> options, List<String> words) throws IOException {
        return MaskfeatProcess.start(folder, launch(ranks, options, words));
    }

    private static String[] launch(int ranks, List<String> options, List<String> words) {
        List<String> all = new ArrayList<>(List.of("launch", "--ranks", Integer.toString(ranks)));
        all.addAll(options);
        all.add("--");
        all.addAll(words);
        return all.toArray(String[]::new);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny-image", "tiny-image-ft"})
    void twoGiveTheWeightsOfOne(String recipe) throws Exception {
        Path one = folder.resolve(recipe + "-one");
        Path two = folder.resolve(recipe + "-two");
        MaskfeatProcess alone = MaskfeatProcess.run(folder, words(recipe, one).toArray(String[]::new));
        Path temporary = Files.createDirectory(folder.resolve(recipe + "-temporary"));
        MaskfeatProcess both = MaskfeatProcess.startWith(
                folder,
                List.of("JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=" + temporary),
                launch(2, List.of(), words(recipe, two)));

        assertThat(both.exitCode()).as(both.stderr()).isZero();
        assertThat(alone.exitCode()).as(alone.stderr()).isZero();
        assertThat(both.stdout().strip())
                .isEqualTo(two.resolve("model.safetensors").toString());
        assertThat(largestDifference(one, two)).isLessThan(1e-6f);
        assertThat(steps(two)).isEqualTo(steps(one)).isEqualTo(10);
        assertThat(two.resolve("report.html")).exists();
        try (Stream<Path> left = Files.list(temporary)) {
            assertThat(left.filter(file -> file.getFileName().toString().startsWith("maskfeat-rank")))
                    .isEmpty();
        }
    }

    @Test
    void aRankThatDiesIsNamedAndTheRunEndsAsIfItHadNot() throws Exception {
        String[] longer = {"train.epochs=24", "train.batch=12", "train.accumulate=1", "model.drop-path=0.1"};
        Path straight = folder.resolve("straight");
        MaskfeatProcess undisturbed = launched(3, List.of(), words("tiny-image", straight, longer));
        assertThat(undisturbed.exitCode()).as(undisturbed.stderr()).isZero();

        Path killed = folder.resolve("killed");
        MaskfeatProcess run = launched(3, List.of("--max-restarts", "1"), words("tiny-image", killed, longer));
        while (!Files.exists(killed.resolve("metrics.jsonl")) || steps(killed) < 8) {
            assertThat(run.endsWithin(20)).as(run.stderr()).isFalse();
        }
        Optional<ProcessHandle> second = run.children().stream().skip(1).findFirst();
        second.orElseThrow().destroyForcibly();

        assertThat(run.exitCode()).as(run.stderr()).isZero();
        assertThat(run.stderr())
                .contains("rank 1 (process " + second.get().pid() + ") was killed by signal 9")
                .contains("starting all ranks again, 1 of 1")
                .contains("going on after step");
        assertThat(killed.resolve("model.safetensors")).hasSameBinaryContentAs(straight.resolve("model.safetensors"));
    }

    @Test
    void aRankThatDiesEndsTheOthersWithItsName() throws Exception {
        Path out = folder.resolve("dies");
        MaskfeatProcess run = launched(2, List.of(), words("tiny-image", out, "train.epochs=4000"));
        while (!Files.exists(out.resolve("metrics.jsonl")) || steps(out) < 3) {
            assertThat(run.endsWithin(20)).as(run.stderr()).isFalse();
        }
        List<ProcessHandle> both = run.children();
        both.get(1).destroyForcibly();

        assertThat(run.exitCode()).as(run.stderr()).isEqualTo(7);
        assertThat(run.stderr())
                .containsPattern("rank 1 \\(process " + both.get(1).pid()
                        + " on .*\\) died, (around step \\d+|before the first step)");
        assertThat(run.stderr()).contains("go on with: maskfeat launch --ranks 2 -- pretrain --resume --out " + out);
        assertThat(both).noneMatch(ProcessHandle::isAlive);
        assertThat(out.resolve("checkpoints").resolve("LATEST")).exists();
    }

    @Test
    void aSignalStopsAllAfterTheSameStep() throws Exception {
        Path out = folder.resolve("stopped");
        MaskfeatProcess run = launched(2, List.of(), words("tiny-image", out, "train.epochs=4000"));
        while (!Files.exists(out.resolve("metrics.jsonl")) || steps(out) < 3) {
            assertThat(run.endsWithin(20)).as(run.stderr()).isFalse();
        }
        run.terminate();

        assertThat(run.exitCode()).as(run.stderr()).isEqualTo(75);
        assertThat(run.stderr()).contains("stopped and saved").doesNotContain("error");
    }

    @Test
    void ranksOfDifferentRunsAreRefused() throws Exception {
        List<String> meeting = List.of("WORLD_SIZE=2", "MASTER_ADDR=127.0.0.1", "MASTER_PORT=" + freePort());
        MaskfeatProcess first = rank(0, meeting, words("tiny-image", folder.resolve("differs")));
        MaskfeatProcess second = rank(1, meeting, words("tiny-image", folder.resolve("differs"), "optim.lr=0.5"));

        assertThat(first.exitCode()).as(first.stderr()).isIn(2, 7);
        assertThat(second.exitCode()).as(second.stderr()).isIn(2, 7);
        assertThat(first.stderr() + second.stderr())
                .contains("the ranks train different runs: optim.lr is 0.002 on rank 0 and 0.5 on rank 1");
        assertThat(folder.resolve("differs")).doesNotExist();
    }

    private static MaskfeatProcess rank(int rank, List<String> meeting, List<String> words) throws IOException {
        List<String> environment = new ArrayList<>(meeting);
        environment.add("RANK=" + rank);
        return MaskfeatProcess.startWith(folder, environment, words.toArray(String[]::new));
    }

    @Test
    void aStepThatDoesNotDivideIsRefused() throws Exception {
        MaskfeatProcess run = launched(
                2, List.of(), words("tiny-image", folder.resolve("odd"), "train.batch=5", "train.accumulate=1"));

        assertThat(run.exitCode()).as(run.stderr()).isEqualTo(2);
        assertThat(run.stderr()).contains("a step of 5 samples").contains("does not divide among 2 ranks");
    }

    @Test
    void contrastiveLearningStaysInOneProcess() throws Exception {
        MaskfeatProcess run = launched(
                2,
                List.of(),
                List.of(
                        "pretrain",
                        "tiny-mocov3",
                        "--out",
                        folder.resolve("moco").toString(),
                        "--data",
                        images.toString()));

        assertThat(run.exitCode()).as(run.stderr()).isEqualTo(2);
        assertThat(run.stderr()).contains("task.kind contrast trains in one process alone so far");
    }

    private static int freePort() throws IOException {
        try (java.net.ServerSocket socket = new java.net.ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static int steps(Path run) throws IOException {
        return (int) Files.readAllLines(run.resolve("metrics.jsonl")).stream()
                .filter(line -> line.contains("train/loss"))
                .count();
    }

    /** Of all weights of two files of the same layout. */
    private static float largestDifference(Path one, Path two) throws IOException {
        FloatBuffer first = weights(one);
        FloatBuffer second = weights(two);
        assertThat(second.remaining()).isEqualTo(first.remaining()).isPositive();
        float largest = 0;
        while (first.hasRemaining()) {
            largest = Math.max(largest, Math.abs(first.get() - second.get()));
        }
        return largest;
    }

    private static FloatBuffer weights(Path run) throws IOException {
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(run.resolve("model.safetensors")))
                .order(ByteOrder.LITTLE_ENDIAN);
        file.position(8 + Math.toIntExact(file.getLong(0)));
        return file.slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    }
}
