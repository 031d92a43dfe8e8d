package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.condition.OS.LINUX;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import maskfeat.sample.SampleSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Output that cannot be written, to files and to standard output: said, with the exit code of the disk. */
@EnabledOnOs(LINUX)
class FailingDiskTest {
    @TempDir
    Path temp;

    @Test
    void resultsThatStandardOutputDidNotTakeAreNoSuccess() throws Exception {
        MaskfeatProcess full = MaskfeatProcess.shell(temp, "", ">/dev/full", "recipes");
        assertThat(full.exitCode()).isEqualTo(Exit.DISK);
        assertThat(full.stderr()).contains("standard output", "No space left on device");
        assertThat(full.stderr().lines()).hasSize(1);
    }

    @Test
    void aReaderThatHasGoneIsNoError() throws Exception {
        MaskfeatProcess gone = MaskfeatProcess.shell(temp, "", "| true", "config", "--recipe", "tiny-image");
        assertThat(gone.stderr()).doesNotContain("standard output");
    }

    @Test
    void aFileThatDoesNotFitIsNamedAndNothingIsLeftOfIt() throws Exception {
        Path data = temp.resolve("data");
        SampleSet.write(data, SampleSet.Size.TINY.imagesOnly());
        Path list = temp.resolve("good.txt");
        MaskfeatProcess limited = MaskfeatProcess.shell(
                temp,
                "ulimit -f 8;", // half a kilobyte each in some shells, one in others
                "",
                "data",
                "scan",
                data.resolve("images/train").toString(),
                "--write-list",
                list.toString());
        assertThat(limited.exitCode()).as(limited.stderr()).isEqualTo(Exit.DISK);
        assertThat(limited.stderr()).contains(list.toString(), "could not be written");
        assertThat(left("good")).isZero();
    }

    @Test
    void aFolderThatCannotBeMadeIsNamed() throws Exception {
        MaskfeatProcess readOnly = MaskfeatProcess.run(temp, "data", "sample", "/proc/maskfeat", "--tiny");
        assertThat(readOnly.exitCode()).as(readOnly.stderr()).isEqualTo(Exit.DISK);
        assertThat(readOnly.stderr()).contains("/proc/maskfeat", "could not be written");
    }

    @Test
    void nativeLibrariesThatCannotBeUnpackedAreOneSentence() throws Exception {
        Path data = temp.resolve("data");
        SampleSet.write(data, SampleSet.Size.TINY);
        Path cache = temp.resolve("cache");
        String small = "ulimit -f 600; JAVA_TOOL_OPTIONS=-Dorg.bytedeco.javacpp.cachedir=" + cache
                + "; export JAVA_TOOL_OPTIONS;";
        for (String[] command : new String[][] {
            {"data", "scan", data.resolve("clips/train").toString()},
            {"pretrain", "tiny-image", "--data", data.resolve("images/train").toString(), "--out", temp + "/run"}
        }) {
            MaskfeatProcess limited = MaskfeatProcess.shell(temp, small, "", command);
            assertThat(limited.exitCode()).as(limited.stderr()).isEqualTo(Exit.DISK);
            assertThat(limited.stderr().lines().filter(line -> line.startsWith("error:")))
                    .singleElement()
                    .asString()
                    .contains("native libraries", cache.toString(), "File too large", "cachedir");
            assertThat(limited.stderr()).doesNotContain("\tat ");
        }
        MaskfeatProcess doctor = MaskfeatProcess.shell(temp, small, "", "doctor", "--json");
        assertThat(doctor.exitCode()).isEqualTo(Exit.DISK);
        assertThat(JsonMapper.shared()
                        .readTree(doctor.stdout())
                        .path("complaints")
                        .get(0)
                        .asString())
                .contains("native libraries", cache.toString());
    }

    private long left(String part) throws IOException {
        try (Stream<Path> files = Files.list(temp)) {
            return files.filter(file -> file.getFileName().toString().contains(part))
                    .count();
        }
    }
}
