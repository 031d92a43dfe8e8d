package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import maskfeat.sample.SampleSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A run that is killed anywhere and resumed ends with the same bytes as one that is not. {@code -Dkills=20} for more
 * than the few of every build, {@code -Dkills.seed=7} for others, {@code -Dslow=true} for all kinds of runs.
 */
@ParameterizedClass
@MethodSource("kinds")
class ResumeIT {
    private static final int KILLS = Integer.getInteger("kills", 2);

    /** About what a process takes until its first step. */
    private static final int START_MILLIS = 3000;

    /** A small run on data of which one file cannot be read: its replacement must be the same after a resume. */
    enum Kind {
        IMAGE("tiny-image", "images", "jpg", 15),
        VIDEO("tiny-video", "clips", "mp4", 15),
        /** Mixed, augmented and erased at random, with drop path and an average, judged every third epoch. */
        IMAGE_FINETUNING("tiny-image-ft", "images", "jpg", 9),
        /** The same with two samples of each clip. */
        VIDEO_FINETUNING("tiny-video-ft", "clips", "mp4", 9);

        private final String recipe;
        private final String part;
        private final String ending;
        private final int epochs;

        /** @param part folder of the sample set */
        Kind(String recipe, String part, String ending, int epochs) {
            this.recipe = recipe;
            this.part = part;
            this.ending = ending;
            this.epochs = epochs;
        }

        boolean finetunes() {
            return recipe.endsWith("-ft");
        }

        private boolean ofImages() {
            return part.equals("images");
        }

        SampleSet.Size size() {
            return ofImages() ? SampleSet.Size.TINY.imagesOnly() : SampleSet.Size.TINY.clipsOnly();
        }

        String firstClass() {
            return (ofImages() ? SampleSet.imageClasses() : SampleSet.clipClasses()).get(0);
        }
    }

    /** Between them, two have all that a run has. */
    static List<Kind> kinds() {
        return Boolean.getBoolean("slow") ? List.of(Kind.values()) : List.of(Kind.IMAGE, Kind.VIDEO_FINETUNING);
    }

    @TempDir
    private static Path all = Path.of("");

    private static int straightMillis;

    private final Kind kind;
    private final Path folder;
    private final Path train;
    private final Path pretrained;
    private final Path straight;

    /** Runs once without interruption, where that is not done yet. */
    ResumeIT(Kind kind) throws Exception {
        this.kind = kind;
        folder = all.resolve(kind.recipe);
        train = folder.resolve("set").resolve(kind.part).resolve("train");
        pretrained = folder.resolve("pretrained");
        straight = folder.resolve("straight");
        if (!Files.exists(folder)) {
            SampleSet.write(folder.resolve("set"), kind.size());
            Files.writeString(train.resolve(kind.firstClass()).resolve("broken." + kind.ending), "not what it says");
            if (kind.finetunes()) {
                MaskfeatProcess before = MaskfeatProcess.run(folder, pretraining());
                assertThat(before.exitCode()).as(before.stderr()).isZero();
            }
            long start = System.nanoTime();
            MaskfeatProcess run = MaskfeatProcess.run(folder, command(straight));
            straightMillis = (int) TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            assertThat(run.exitCode()).as(run.stderr()).isZero();
            assertThat(straight.resolve("bad-files.jsonl")).content().contains("broken");
        }
    }

    private String[] pretraining() {
        return new String[] {
            "pretrain",
            kind.recipe.replace("-ft", ""),
            "--out",
            pretrained.toString(),
            "--data",
            train.toString(),
            "--set",
            "train.epochs=1",
            "--set",
            "data.max-bad-share=0.1"
        };
    }

    private String name() {
        return kind.finetunes() ? "finetune" : "pretrain";
    }

    /** Begins the run, or goes on with it. */
    private String[] command(Path out, String... more) {
        if (!Files.exists(out)) {
            return beginning(out, more);
        }
        List<String> args = new ArrayList<>(List.of(name(), "--resume", "--out", out.toString()));
        args.addAll(List.of(more));
        return args.toArray(String[]::new);
    }

    private String[] beginning(Path out, String... more) {
        List<String> args = new ArrayList<>(List.of(name(), kind.recipe, "--out", out.toString()));
        args.addAll(List.of("--set", "train.epochs=" + kind.epochs));
        args.addAll(List.of("--set", "data.max-bad-share=0.1"));
        args.addAll(
                List.of("--set", "train.threads=1")); // a number chosen by measuring may differ, and so the last bits
        args.addAll(List.of("--set", "report.log-every=5", "--set", "report.pictures-every=0"));
        args.addAll(
                kind.finetunes()
                        ? List.of(
                                "--data",
                                folder.resolve("set").resolve(kind.part).toString(),
                                "--from",
                                pretrained.toString(),
                                "--set",
                                "checkpoint.every-epochs=2",
                                "--set",
                                "validate.every-epochs=3")
                        : List.of(
                                "--data",
                                train.toString(),
                                "--set",
                                "checkpoint.every-epochs=3",
                                "--set",
                                "report.features-every=4"));
        args.addAll(List.of(more));
        return args.toArray(String[]::new);
    }

    @Test
    void endsWithTheSameBytesHoweverOftenItIsKilled() throws Exception {
        Random random = new Random(Long.getLong("kills.seed", 1));
        Path killed = folder.resolve("killed");
        int kills = 0;
        int lived = 0;
        while (kills < KILLS) {
            int threads = 1 + random.nextInt(3);
            MaskfeatProcess run = MaskfeatProcess.start(folder, command(killed, "--set", "loader.threads=" + threads));
            // Anywhere from the start of the virtual machine to the end, which is nearer for what has lived before.
            int left = Math.max(straightMillis - lived, START_MILLIS);
            int millis = 300 + random.nextInt(left);
            if (run.endsWithin(millis)) {
                assertThat(run.exitCode()).as(run.stderr()).isZero();
                assertSame(killed);
                killed = folder.resolve("killed-" + kills);
                lived = 0;
            } else {
                run.kill();
                kills++;
                lived += Math.max(0, millis - START_MILLIS);
            }
            if (!Files.exists(killed.resolve("config.yaml"))) {
                deleteAll(killed); // killed before there was a run to resume
                lived = 0;
            }
        }
        if (Files.exists(killed)) {
            MaskfeatProcess last = MaskfeatProcess.run(folder, command(killed));
            assertThat(last.exitCode()).as(last.stderr()).isZero();
            assertSame(killed);
        }
    }

    @Test
    void stopsAtASignalAndGoesOnLaterWithAnotherNumberOfLoaderThreads() throws Exception {
        Path stopped = folder.resolve("stopped");
        MaskfeatProcess run =
                MaskfeatProcess.start(folder, command(stopped, "--set", "loader.threads=3", "--set", "loader.ahead=7"));
        while (!Files.exists(stopped.resolve("metrics.jsonl")) && !run.endsWithin(20)) {
            assertThat(run.stderr()).doesNotContain("error");
        }
        run.terminate();
        assertThat(run.exitCode()).as(run.stderr()).isIn(75, 0);
        // By the words that it began with, as Slurm starts a job again that it puts back into its queue.
        MaskfeatProcess rest = MaskfeatProcess.startWith(folder, List.of("SLURM_RESTART_COUNT=1"), beginning(stopped));
        assertThat(rest.exitCode()).as(rest.stderr()).isZero();
        assertSame(stopped);
    }

    private void assertSame(Path run) throws IOException {
        assertSameFile(run, straight, "model.safetensors");
        if (kind.finetunes()) {
            assertSameFile(run, straight, "best.safetensors");
            assertSameFile(run, straight, "weights.json");
        }
        List<String> files = files(last(straight));
        assertThat(files(last(run))).isEqualTo(files).hasSize(kind.finetunes() ? 6 : 4);
        for (String file : files) {
            assertSameFile(last(run), last(straight), file);
        }
        assertThat(metrics(run)).isEqualTo(metrics(straight));
        assertThat(run.resolve("DONE")).exists();
    }

    private static void assertSameFile(Path actual, Path expected, String name) {
        assertThat(actual.resolve(name)).hasSameBinaryContentAs(expected.resolve(name));
    }

    private static List<String> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static Path last(Path run) throws IOException {
        Path checkpoints = run.resolve("checkpoints");
        return checkpoints.resolve(
                Files.readString(checkpoints.resolve("LATEST")).strip());
    }

    /** All rows, without what the clock said. */
    private static List<String> metrics(Path run) throws IOException {
        return Files.readAllLines(run.resolve("metrics.jsonl")).stream()
                .map(row -> row.replaceAll(",\"time/[a-z_]+\":[^,}]+", ""))
                .toList();
    }

    private static void deleteAll(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
