package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Names that would steer a terminal, and names of what is no file. */
@Timeout(60)
class HostileNamesTest {
    private static final String RED = "\u001b[31m";

    @TempDir
    Path temp;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... words) {
        CommandLine line = Commands.line().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return line.execute(words);
    }

    private static void assertPlain(String printed) {
        assertThat(printed.chars()
                        .filter(c -> c != '\n' && c != '\r' && c != '\t')
                        .noneMatch(c -> Character.isISOControl(c) || c == 0x202e))
                .as(printed)
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {RED, "\u0007", "\u009b31m", "\u202e", "\nerror: ", "\r"})
    void namesOfFilesAreEscaped(String control) throws IOException {
        Path data = Files.createDirectories(temp.resolve("d"));
        Files.writeString(data.resolve("a" + control + "b.jpg"), "no image");
        assertThat(run("data", "scan", data.toString())).isEqualTo(Exit.BAD_FILES);
        assertPlain(out + "" + err);
        assertThat(out.toString()).contains("a\\u").doesNotContain("\nerror: ");
    }

    @Test
    void jsonKeepsTheNameExactly() throws IOException {
        Path file = Files.writeString(
                Files.createDirectories(temp.resolve("d")).resolve("a" + RED + "\u202e.jpg"), "no image");
        run("data", "scan", temp.resolve("d").toString(), "--json");
        assertPlain(out.toString());
        JsonNode row = JsonMapper.shared().readTree(out.toString());
        assertThat(row.get("file").asString()).isEqualTo(file.toString());
    }

    @Test
    void errorsAreOneLineWithoutControlCharacters() throws IOException {
        assertThat(run("data", "scan", temp.resolve("no" + RED + "\nne").toString()))
                .isEqualTo(Exit.INPUT);
        assertPlain(err.toString());
        assertThat(err.toString()).contains("no\\u001b[31m\\u000ane");
        Path config = Files.writeString(temp.resolve("c.yaml"), "\"tr\\u001bain\": 1\n");
        run("config", "--config", config.toString());
        assertPlain(err.toString());
    }

    /** The row B14: opening a pipe waits for a writer, reading a device may never end. */
    @Test
    void whatIsNoFileIsRefusedAtOnce() throws IOException, InterruptedException {
        assumeThat(Files.isExecutable(Path.of("/usr/bin/mkfifo"))).isTrue();
        Path pipe = temp.resolve("p.yaml");
        assertThat(new ProcessBuilder("/usr/bin/mkfifo", pipe.toString())
                        .start()
                        .waitFor())
                .isZero();
        for (String[] words : new String[][] {
            {"data", "scan", pipe.toString()},
            {"data", "scan", "/dev/zero"},
            {"pretrain", "--config", pipe.toString(), "--out", temp.resolve("o").toString()},
            {
                "pretrain",
                "tiny-image",
                "--data",
                pipe.toString(),
                "--out",
                temp.resolve("o").toString()
            },
            {
                "pretrain",
                "tiny-image",
                "--data",
                "/dev/zero",
                "--out",
                temp.resolve("o").toString()
            },
            {"weights", "inspect", pipe.toString()},
            {"weights", "inspect", "/dev/zero"},
            {"predict", pipe.toString(), "x.jpg"},
        }) {
            assertThat(run(words)).as(String.join(" ", words)).isIn(Exit.INPUT, Exit.USAGE);
        }
        assertThat(err.toString()).contains("is a pipe").contains("is a device").doesNotContain("\tat ");
    }
}
