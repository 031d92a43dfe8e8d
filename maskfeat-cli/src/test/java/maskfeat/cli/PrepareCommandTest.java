package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import maskfeat.media.Frames;
import maskfeat.media.JpegWriter;
import maskfeat.report.Terminal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PrepareCommandTest {
    @TempDir
    Path temp;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void images() throws Exception {
        Files.createDirectories(temp.resolve("in/a"));
        for (int i = 0; i < 3; i++) {
            byte[] jpeg = JpegWriter.bytes(new Frames(1, 80, 100, new byte[80 * 100 * 3]), 90);
            Files.write(temp.resolve("in/a/" + i + ".jpg"), jpeg);
        }
    }

    private int run(String... options) {
        CommandLine line = Commands.line();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        String[] words = {
            "data",
            "prepare",
            temp.resolve("in").toString(),
            temp.resolve("out").toString(),
            "--short-side",
            "64"
        };
        return line.execute(Stream.concat(Stream.of(words), Stream.of(options)).toArray(String[]::new));
    }

    @Test
    void saysWhatWasDoneAndHowMuchFasterItIs() {
        assertThat(run("--recipe", "tiny-image")).as(err.toString()).isZero();
        assertThat(out.toString())
                .contains("3 files: 3 written anew, 0 copied, 0 there before, 0 unreadable", "MiB before", "MiB after")
                .containsPattern("samples of tiny-image: [0-9.]+ a second before, [0-9.]+ after");
        assertThat(temp.resolve("out/a/2.jpg")).exists();
    }

    @Test
    void nothingIsMeasuredForNoRecipe() {
        assertThat(run("--recipe", "none")).as(err.toString()).isZero();
        assertThat(out.toString()).contains("3 written anew").doesNotContain("samples of");
        assertThat(err.toString()).doesNotContain("measuring");
    }

    @Test
    void aDryRunSaysWhatWouldBeDoneAndWritesNothing() throws Exception {
        Files.writeString(temp.resolve("in/a/bad.jpg"), "no picture");
        Files.writeString(temp.resolve("in/notes.md"), "notes");
        assertThat(run("--dry-run")).isEqualTo(Exit.BAD_FILES);
        assertThat(err.toString()).contains("would be left out: ", "bad.jpg").doesNotContain("measuring");
        assertThat(out.toString())
                .contains("5 files: 3 would be written anew, 1 copied, 0 are there, 1 unreadable; nothing was written")
                .containsPattern("[0-9.]+ MiB before; after, [0-9.]+ MiB of 4 files\\R");
        assertThat(temp.resolve("out")).doesNotExist();
        Files.delete(temp.resolve("in/a/bad.jpg"));
        assertThat(run("--dry-run")).isZero();
    }

    @Test
    void unreadableFilesAreNamedAndEndItWithTheirCode() throws Exception {
        Files.writeString(temp.resolve("in/a/bad.jpg"), "no picture");
        assertThat(run("--recipe", "none")).isEqualTo(Exit.BAD_FILES);
        assertThat(err.toString()).contains("left out: ", "bad.jpg");
        assertThat(out.toString()).contains("4 files: 3 written anew", "1 unreadable");
    }

    @Test
    void nothingIsSaidOfMeasuringWhereNothingCouldBeRead() throws Exception {
        for (int i = 0; i < 3; i++) {
            Files.writeString(temp.resolve("in/a/" + i + ".jpg"), "no picture any more");
        }
        assertThat(run()).isEqualTo(Exit.BAD_FILES);
        assertThat(err.toString()).contains("left out: ").doesNotContain("measur");
    }

    @Test
    void whatMakesNoSenseIsRefusedBeforeAnythingIsWritten() {
        assertThat(run("--gop", "0")).isEqualTo(Exit.USAGE);
        assertThat(run("--quality", "101")).isEqualTo(Exit.USAGE);
        assertThat(run("--threads", "0")).isEqualTo(Exit.USAGE);
        assertThat(run("--recipe", "tiny-image-ft")).isEqualTo(Exit.USAGE);
        assertThat(run("--recipe", "nonsense")).isEqualTo(Exit.USAGE);
        assertThat(temp.resolve("out")).doesNotExist();
    }

    @Test
    void inALogThereIsALineAtOnceAndAtIntervals() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        AtomicLong nanos = new AtomicLong();
        PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        try (PreparingLine line = new PreparingLine("prepared", stream, new Terminal(false, 80), nanos::get)) {
            line.at(0, 10, 0);
            nanos.addAndGet(1_000_000_000L);
            line.at(1, 10, 50);
            nanos.addAndGet(9_000_000_000L);
            line.at(5, 10, 1000);
            line.at(10, 10, 2000);
            nanos.addAndGet(20_000_000_000L);
            line.at(10, 10, 2000);
        }
        assertThat(bytes.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "prepared 0/10 files",
                        "prepared 5/10 files  1,000 frames  100 a second  10 s left",
                        "prepared 10/10 files  2,000 frames  200 a second");
    }

    @Test
    void shardsAndWhatIsExtraAreSaid() throws Exception {
        for (int i = 3; i < 8; i++) {
            Files.copy(temp.resolve("in/a/0.jpg"), temp.resolve("in/a/" + i + ".jpg"));
        }
        assertThat(run("--recipe", "tiny-image", "--shards", "2k"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .contains("8 files: 8 written anew")
                .containsPattern("MiB before, [0-9.]+ MiB after in [0-9]+ shards, in [0-9]+ s")
                .containsPattern("samples of tiny-image: [0-9.]+ a second before, [0-9.]+ after");
        assertThat(temp.resolve("out/000001.tar")).exists();
        for (int i = 0; i < 5; i++) {
            Files.delete(temp.resolve("in/a/" + i + ".jpg"));
        }
        out.getBuffer().setLength(0);
        assertThat(run("--shards", "2k", "--dry-run")).isZero();
        assertThat(out.toString())
                .contains(
                        "5 copies of files that are not in ",
                        " any more stay: a/0.jpg, a/1.jpg, a/2.jpg and 2 more;" + " --delete-extra deletes them");
        out.getBuffer().setLength(0);
        assertThat(run("--recipe", "none", "--shards", "2k", "--delete-extra", "--dry-run"))
                .isZero();
        assertThat(out.toString())
                .contains("would be deleted: 5 copies of files")
                .doesNotContain("stay");
        assertThat(run("--recipe", "none", "--shards", "2k", "--delete-extra")).isZero();
        assertThat(out.toString()).contains("3 there before", "deleted 5 copies of files that are not in ");
    }

    @Test
    void sizesOfShardsAreChecked() {
        for (String size : new String[] {"", "g", "1", "1t", "-1g", "0g", "1 g"}) {
            assertThat(run("--shards", size)).as(size).isEqualTo(Exit.USAGE);
        }
        assertThat(err.toString())
                .contains("--shards: '1t' is no size; write for example 1g, 500MB or 1000000", "at least 1024");
        for (String size : new String[] {"2k", "2KB", "2kib", "2048", "2048b"}) {
            assertThat(run("--shards", size, "--dry-run")).as(size).isZero();
        }
        assertThat(run("--animations", "nonsense")).isEqualTo(Exit.USAGE);
        assertThat(temp.resolve("out")).doesNotExist();
    }
}
