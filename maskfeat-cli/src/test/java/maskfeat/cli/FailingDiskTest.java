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

    private long left(String part) throws IOException {
        try (Stream<Path> files = Files.list(temp)) {
            return files.filter(file -> file.getFileName().toString().contains(part))
                    .count();
        }
    }
}
