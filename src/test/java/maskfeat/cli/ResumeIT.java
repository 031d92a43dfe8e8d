package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import maskfeat.data.SampleSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A run that is killed anywhere and resumed ends with the same bytes as one that is not. {@code -Dkills=20} for more
 * than the few of every build, {@code -Dkills.seed=7} for others.
 */
@ParameterizedClass
@EnumSource
class ResumeIT {
    private static final int KILLS = Integer.getInteger("kills", 4);

    /** A small run on data of which one file cannot be read: its replacement must be the same after a resume. */
    enum Kind {
        IMAGE("tiny-image", SampleSet.Size.TINY.imagesOnly(), "images/train", SampleSet.imageClasses(), "jpg", 40),
        VIDEO("tiny-video", SampleSet.Size.TINY.clipsOnly(), "clips/train", SampleSet.clipClasses(), "mp4", 40);

        private final String recipe;
        private final SampleSet.Size size;
        private final String train;
        private final String firstClass;
        private final String ending;
        private final int epochs;

        Kind(String recipe, SampleSet.Size size, String train, List<String> classes, String ending, int epochs) {
            this.recipe = recipe;
            this.size = size;
            this.train = train;
            this.firstClass = classes.get(0);
            this.ending = ending;
            this.epochs = epochs;
        }
    }

    @TempDir
    private static Path all = Path.of("");

    private final Kind kind;
    private final Path folder;
    private final Path data;
    private final Path straight;

    /** Runs once without interruption, where that is not done yet. */
    ResumeIT(Kind kind) throws Exception {
        this.kind = kind;
        folder = all.resolve(kind.recipe);
        data = folder.resolve("set").resolve(kind.train);
        straight = folder.resolve("straight");
        if (!Files.exists(folder)) {
            SampleSet.write(folder.resolve("set"), kind.size);
            Files.writeString(data.resolve(kind.firstClass).resolve("broken." + kind.ending), "not what it says");
            MaskfeatProcess run = MaskfeatProcess.run(folder, command(straight));
            assertThat(run.exitCode()).as(run.stderr()).isZero();
            assertThat(straight.resolve("bad-files.jsonl")).content().contains("broken");
        }
    }

    private String[] command(Path out, String... more) {
        List<String> args = new ArrayList<>(List.of("pretrain", kind.recipe, "--out", out.toString()));
        if (Files.exists(out)) {
            args = new ArrayList<>(List.of("pretrain", "--resume", "--out", out.toString()));
        } else {
            args.addAll(List.of("--data", data.toString(), "--set", "train.epochs=" + kind.epochs));
            args.addAll(List.of("--set", "data.max-bad-share=0.1", "--set", "checkpoint.every-epochs=3"));
            args.addAll(List.of("--set", "report.log-every=5", "--set", "report.pictures-every=0"));
        }
        args.addAll(List.of(more));
        return args.toArray(String[]::new);
    }

    @Test
    void endsWithTheSameBytesHoweverOftenItIsKilled() throws Exception {
        Random random = new Random(Long.getLong("kills.seed", 1));
        Path killed = folder.resolve("killed");
        int kills = 0;
        while (kills < KILLS) {
            int threads = 1 + random.nextInt(3);
            MaskfeatProcess run = MaskfeatProcess.start(folder, command(killed, "--set", "loader.threads=" + threads));
            // Anywhere from the start of the virtual machine to well into training.
            if (run.endsWithin(300 + random.nextInt(4000))) {
                assertThat(run.exitCode()).as(run.stderr()).isZero();
                assertSame(killed);
                killed = folder.resolve("killed-" + kills);
            } else {
                run.kill();
                kills++;
            }
            if (!Files.exists(killed.resolve("config.yaml"))) {
                deleteAll(killed); // killed before there was a run to resume
            }
        }
        if (Files.exists(killed)) {
            MaskfeatProcess last = MaskfeatProcess.run(folder, command(killed));
            assertThat(last.exitCode()).as(last.stderr()).isZero();
            assertSame(killed);
        }
    }

    @Test
    void stopsAtASignalAndGoesOnLater() throws Exception {
        Path stopped = folder.resolve("stopped");
        MaskfeatProcess run = MaskfeatProcess.start(folder, command(stopped));
        while (!Files.exists(stopped.resolve("metrics.jsonl")) && !run.endsWithin(20)) {
            assertThat(run.stderr()).doesNotContain("error");
        }
        run.terminate();
        assertThat(run.exitCode()).as(run.stderr()).isIn(75, 0);
        MaskfeatProcess rest = MaskfeatProcess.run(folder, command(stopped));
        assertThat(rest.exitCode()).as(rest.stderr()).isZero();
        assertSame(stopped);
    }

    @Test
    void anotherNumberOfLoaderThreadsChangesNothing() throws Exception {
        Path other = folder.resolve("threads");
        MaskfeatProcess run =
                MaskfeatProcess.run(folder, command(other, "--set", "loader.threads=3", "--set", "loader.ahead=7"));
        assertThat(run.exitCode()).as(run.stderr()).isZero();
        assertSame(other);
    }

    private void assertSame(Path run) throws IOException {
        assertThat(run.resolve("model.safetensors")).hasSameBinaryContentAs(straight.resolve("model.safetensors"));
        for (String file : List.of("model.safetensors", "optimizer.safetensors", "state.json")) {
            assertThat(last(run).resolve(file))
                    .hasSameBinaryContentAs(last(straight).resolve(file));
        }
        assertThat(metrics(run)).isEqualTo(metrics(straight));
        assertThat(run.resolve("DONE")).exists();
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
