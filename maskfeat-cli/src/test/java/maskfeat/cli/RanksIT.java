package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import maskfeat.sample.SampleSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Several processes that train together give what one gives, and one that dies is named and does no harm. */
class RanksIT {
    /** Processes that live for seconds spend most of them on compiling themselves well. */
    private static final String SHORT_LIVED = "JAVA_TOOL_OPTIONS=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

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
        return started(launch(ranks, options, words));
    }

    private static MaskfeatProcess started(String... words) throws IOException {
        return MaskfeatProcess.startWith(folder, List.of(SHORT_LIVED), words);
    }

    private static String[] launch(int ranks, List<String> options, List<String> words) {
        List<String> all = new ArrayList<>(List.of("launch", "--ranks", Integer.toString(ranks)));
        all.addAll(options);
        all.add("--");
        all.addAll(words);
        return all.toArray(String[]::new);
    }

    @Test
    void twoGiveTheWeightsOfOne() throws Exception {
        Path one = folder.resolve("one");
        Path two = folder.resolve("two");
        MaskfeatProcess alone = started(words("tiny-image-ft", one).toArray(String[]::new));
        Path temporary = Files.createDirectory(folder.resolve("temporary"));
        MaskfeatProcess both = MaskfeatProcess.startWith(
                folder,
                List.of(SHORT_LIVED + " -Djava.io.tmpdir=" + temporary),
                launch(2, List.of(), words("tiny-image-ft", two)));

        assertThat(both.exitCode()).as(both.stderr()).isZero();
        assertThat(alone.exitCode()).as(alone.stderr()).isZero();
        assertThat(both.stdout().strip())
                .isEqualTo(two.resolve("model.safetensors").toString());
        assertThat(largestDifference(one, two)).isLessThan(1e-6f);
        assertThat(steps(two)).isEqualTo(steps(one)).isEqualTo(10);
        assertThat(two.resolve("report.html")).exists();
        assertThat(Files.readAllLines(two.resolve("predictions.csv")))
                .hasSameSizeAs(Files.readAllLines(one.resolve("predictions.csv")));
        try (Stream<Path> left = Files.list(temporary)) {
            assertThat(left.filter(file -> file.getFileName().toString().startsWith("maskfeat-rank")))
                    .isEmpty();
        }
    }

    /** A rank that is killed and started again, a signal, rank 0 that is killed: the end is that of a run without all this. */
    @Test
    void whateverHappensTheRunEndsAsIfItHadNot() throws Exception {
        String[] longer = {
            "train.epochs=28",
            "train.batch=12",
            "train.accumulate=1",
            "model.drop-path=0.1",
            "checkpoint.every-epochs=28"
        };
        Path straight = folder.resolve("straight");
        MaskfeatProcess undisturbed = launched(2, List.of(), words("tiny-image", straight, longer));

        Path out = folder.resolve("disturbed");
        MaskfeatProcess run = launched(2, List.of("--max-restarts", "1"), words("tiny-image", out, longer));
        waitForSteps(run, out, 8);
        List<ProcessHandle> first = run.children();
        first.get(1).destroyForcibly();
        waitFor(run, "going on after step");
        waitForSteps(run, out, steps(out) + 4);
        run.terminate();
        assertThat(run.exitCode()).as(run.stderr()).isEqualTo(75);
        String died = "rank 1 (process " + first.get(1).pid();
        assertThat(run.stderr())
                .contains(died + ") was killed by signal 9")
                .containsPattern("\\Q" + died + "\\E on .*\\) died, around step \\d+")
                .contains("starting all ranks again, 1 of 1")
                .contains("stopped and saved");
        assertThat(first).noneMatch(ProcessHandle::isAlive);

        String goOn = "launch --ranks 2 -- pretrain --resume --out " + out;
        assertThat(run.stderr()).contains("go on with: maskfeat " + goOn);
        MaskfeatProcess second = started(goOn.split(" "));
        int before = steps(out);
        waitForSteps(second, out, before + 6);
        List<ProcessHandle> both = second.children();
        both.get(0).destroyForcibly();
        assertThat(second.exitCode()).as(second.stderr()).isEqualTo(7);
        assertThat(second.stderr())
                .contains("rank 0 (process " + both.get(0).pid() + ") was killed by signal 9")
                .containsPattern("rank 1: .*rank 0 is gone: rank 1 has saved step \\d+ in " + out)
                .contains("go on with: maskfeat " + goOn);
        assertThat(both).noneMatch(ProcessHandle::isAlive);

        MaskfeatProcess third = started(goOn.split(" "));
        assertThat(third.exitCode()).as(third.stderr()).isZero();
        assertThat(third.stderr()).containsPattern("going on after step (\\d+)");
        assertThat(goesOnAfter(third)).isGreaterThanOrEqualTo(before + 6);
        assertThat(undisturbed.exitCode()).as(undisturbed.stderr()).isZero();
        assertThat(out.resolve("model.safetensors")).hasSameBinaryContentAs(straight.resolve("model.safetensors"));
    }

    /**
     * Ranks that contrast wait for each other within a step too, forward and backward, when one of them dies. RanksTest has that
     * without processes.
     */
    @Test
    @EnabledIfSystemProperty(named = "slow", matches = "true")
    void aKilledRankDoesNoHarmToMomentumEncoderAndStatistics() throws Exception {
        String[] contrast = {"train.epochs=8", "train.batch=12", "train.accumulate=1", "checkpoint.every-epochs=8"};
        Path straight = folder.resolve("moco-straight");
        Path out = folder.resolve("moco-disturbed");
        MaskfeatProcess undisturbed = launched(2, List.of(), words("tiny-mocov3", straight, contrast));
        MaskfeatProcess run = launched(2, List.of("--max-restarts", "1"), words("tiny-mocov3", out, contrast));
        waitForSteps(run, out, 8);
        run.children().get(1).destroyForcibly();

        assertThat(run.exitCode()).as(run.stderr()).isZero();
        assertThat(run.stderr()).containsPattern("going on after step \\d+");
        assertThat(goesOnAfter(run)).isBetween(8, 39);
        assertThat(undisturbed.exitCode()).as(undisturbed.stderr()).isZero();
        for (String file : List.of("model.safetensors", "task.safetensors")) {
            assertThat(last(out).resolve(file))
                    .hasSameBinaryContentAs(last(straight).resolve(file));
        }
    }

    private static Path last(Path run) throws IOException {
        Path checkpoints = run.resolve("checkpoints");
        return checkpoints.resolve(
                Files.readString(checkpoints.resolve("LATEST")).strip());
    }

    private static int goesOnAfter(MaskfeatProcess run) {
        Matcher matcher = Pattern.compile("going on after step (\\d+)").matcher(run.stderr());
        assertThat(matcher.find()).isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    private static void waitForSteps(MaskfeatProcess run, Path out, int count) throws Exception {
        while (!Files.exists(out.resolve("metrics.jsonl")) || steps(out) < count) {
            assertThat(run.endsWithin(20)).as(run.stderr()).isFalse();
        }
    }

    private static void waitFor(MaskfeatProcess run, String said) throws Exception {
        while (!run.stderr().contains(said)) {
            assertThat(run.endsWithin(20)).as(run.stderr()).isFalse();
        }
    }

    @Test
    void whatAllRefuseIsSaidOnce() throws Exception {
        MaskfeatProcess run = launched(
                3, List.of(), words("tiny-image", folder.resolve("odd"), "train.batch=5", "train.accumulate=1"));

        assertThat(run.exitCode()).as(run.stderr()).isEqualTo(2);
        assertThat(run.stderr().lines().filter(line -> line.contains("error:")))
                .singleElement()
                .asString()
                .startsWith("error: a step of 5 samples")
                .contains("does not divide among 3 ranks");
        assertThat(run.stderr()).doesNotContain("ended with exit code");
    }

    /** Two launchers, as on two machines. */
    @Test
    void whatOneRefusesOtherwiseIsSaidToo() throws Exception {
        List<String> first = words("tiny-image", folder.resolve("refused"), "train.batch=5", "train.accumulate=1");
        List<String> second = new ArrayList<>(first);
        second.set(second.indexOf("--data") + 1, "nowhere");
        int port = freePort();
        List<MaskfeatProcess> runs = new ArrayList<>();
        for (List<String> words : List.of(first, second)) {
            runs.add(launched(
                    2,
                    List.of("--nodes", "2", "--node-rank", "" + runs.size(), "--master", "127.0.0.1:" + port),
                    words));
        }

        for (MaskfeatProcess run : runs) {
            assertThat(run.exitCode()).as(run.stderr()).isIn(2, 3);
            assertThat(run.stderr()).doesNotContain("ended with exit code");
        }
        assertThat(errors(runs.get(0)))
                .singleElement()
                .asString()
                .matches("rank 0 on \\S+: error: a step of 5 samples .*");
        assertThat(errors(runs.get(1))).singleElement().asString().matches("rank [23] on \\S+: error: .*nowhere.*");
    }

    private static List<String> errors(MaskfeatProcess run) {
        return run.stderr().lines().filter(line -> line.contains("error:")).toList();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** Started by hand, as by a scheduler. */
    private static List<MaskfeatProcess> ranks(int size, List<String> words) throws IOException {
        int port = freePort();
        List<MaskfeatProcess> ranks = new ArrayList<>();
        for (int rank = 0; rank < size; rank++) {
            ranks.add(MaskfeatProcess.startWith(
                    folder,
                    List.of(
                            SHORT_LIVED,
                            "RANK=" + rank,
                            "WORLD_SIZE=" + size,
                            "MASTER_ADDR=127.0.0.1",
                            "MASTER_PORT=" + port),
                    words.toArray(String[]::new)));
        }
        return ranks;
    }

    @Test
    void anOptionThatNoneTakesIsSaidOnceHoweverTheyAreStarted() throws Exception {
        List<MaskfeatProcess> ranks = ranks(3, List.of("pretrain", "tiny-image", "--ephocs", "3"));
        for (MaskfeatProcess rank : ranks) {
            assertThat(rank.exitCode()).as(rank.stderr()).isEqualTo(2);
        }
        assertThat(errors(ranks.get(0))).singleElement().asString().matches("rank 0 on \\S+: error: .*'--ephocs'.*");
        assertThat(ranks.get(1).stderr()).doesNotContain("ephocs");
        assertThat(ranks.get(2).stderr()).doesNotContain("ephocs");
    }

    @Test
    void whereRank0DiesTheLowestThatIsLeftTellsOfItAndTheOthersInALine() throws Exception {
        Path out = folder.resolve("orphaned");
        List<MaskfeatProcess> ranks = ranks(3, words("tiny-image", out, "train.epochs=200"));
        waitForSteps(ranks.get(0), out, 3);
        ranks.get(0).kill();

        assertThat(ranks.get(1).exitCode()).as(ranks.get(1).stderr()).isEqualTo(7);
        assertThat(ranks.get(2).exitCode()).as(ranks.get(2).stderr()).isEqualTo(7);
        assertThat(errors(ranks.get(1)))
                .singleElement()
                .asString()
                .matches("rank 1 on \\S+: error: rank 0 .*(died|is gone), .*");
        assertThat(ranks.get(2).stderr())
                .doesNotContain("error:")
                .containsPattern("rank 2 on \\S+: ends, for rank 0 is gone");
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
