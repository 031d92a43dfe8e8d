package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.NewerFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunResultTest {
    @TempDir
    private Path folder;

    @Test
    void comesBackAsItWasWritten() throws IOException {
        RunResult result = new RunResult("finetune", Map.of("val/top1", 63.5), Map.of("began with", "runs/a"));
        Path file = folder.resolve("result.json");
        result.write(file);
        assertThat(RunResult.read(file)).isEqualTo(result);
        assertThat(file).content().startsWith("{\n  \"version\" : 1,");
    }

    @Test
    void aFileWithoutVersionIsReadAndANewerOneIsRefusedByName() throws IOException {
        Path file = folder.resolve("result.json");
        Files.writeString(file, "{\"kind\": \"probe\", \"figures\": {}, \"facts\": {}}");
        assertThat(RunResult.read(file)).isEqualTo(new RunResult("probe", Map.of(), Map.of()));
        Files.writeString(file, "{\"version\": 2, \"kinds\": []}");
        assertThatExceptionOfType(NewerFile.class)
                .isThrownBy(() -> RunResult.read(file))
                .withMessageContaining("result.json has version 2 of its format");
    }

    @Test
    void aFileThatWasCutOffIsNamedWithoutWhatTheReaderSays() throws IOException {
        Path file = folder.resolve("result.json");
        Files.writeString(file, "{");
        assertThatExceptionOfType(DamagedFile.class)
                .isThrownBy(() -> RunResult.read(file))
                .withMessage(file + " is not the result of a run: it is cut off or damaged");
    }

    @Test
    void badFilesAreReadWithAndWithoutVersionAndNewerLinesAreRefused() throws IOException {
        Path file = folder.resolve("bad-files.jsonl");
        Files.writeString(file, "{\"file\":\"a.png\",\"reason\":\"is empty\"}\n");
        BadFilesLog log = new BadFilesLog(file);
        log.leftOut(Path.of("b.png"), "is torn");
        assertThat(log.entries())
                .isEqualTo(List.of(
                        new BadFilesLog.Entry(Path.of("a.png"), "is empty"),
                        new BadFilesLog.Entry(Path.of("b.png"), "is torn")));
        Files.writeString(file, "{\"version\":2,\"file\":\"a.png\"}\n");
        assertThatExceptionOfType(NewerFile.class).isThrownBy(log::entries);
    }
}
