package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.condition.OS.LINUX;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import maskfeat.disk.PathText;
import maskfeat.sample.SampleSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.io.TempDir;

/** Names that are not ASCII where the locale is, as in bare containers and cron: the same run as anywhere else. */
@EnabledOnOs(LINUX)
class LocaleTest {
    private static final String ASCII = "LC_ALL=C; export LC_ALL;";
    private static final String UTF_8 = "LC_ALL=C.UTF-8; export LC_ALL;";

    @TempDir
    Path temp;

    private Path train;

    @BeforeEach
    void twoClassesThatDifferInOneLetterAndABadFile() throws IOException {
        SampleSet.write(temp.resolve("data"), SampleSet.Size.TINY.imagesOnly());
        train = temp.resolve("data/images/train");
        Files.move(train.resolve("heart-dots"), PathText.in(train, "ärzte"));
        Files.move(train.resolve("square-dots"), PathText.in(train, "örzte"));
        Files.writeString(PathText.in(train, "ärzte/schön.jpg"), "no image");
    }

    @Test
    void aBadFileIsLoggedAndRememberedWhateverTheLocale() throws Exception {
        Path out = temp.resolve("run");
        String[] begin = {
            "pretrain",
            "tiny-image",
            "--data",
            train.toString(),
            "--out",
            out.toString(),
            "--set",
            "train.epochs=2",
            "--set",
            "train.threads=1",
            "--set",
            "data.max-bad-share=0.1",
            "--set",
            "report.pictures-every=0"
        };
        MaskfeatProcess ascii = MaskfeatProcess.shell(temp, ASCII, "", begin);
        assertThat(ascii.exitCode()).as(ascii.stderr()).isZero();
        assertThat(Files.readString(out.resolve("bad-files.jsonl"))).contains("ärzte/schön.jpg");
        assertThat(Files.readString(out.resolve("report.html"))).contains("ärzte/schön.jpg", "örzte");
        assertThat(Files.readString(out.resolve("data.tsv"))).contains("ärzte/schön.jpg");

        MaskfeatProcess resumed = MaskfeatProcess.shell(temp, UTF_8, "", "pretrain", "--resume", out.toString());
        assertThat(resumed.exitCode()).as(resumed.stderr()).isZero();
        assertThat(Files.readAllLines(out.resolve("bad-files.jsonl"))).hasSize(1);

        Path again = temp.resolve("again");
        begin[5] = again.toString();
        MaskfeatProcess utf8 = MaskfeatProcess.shell(temp, UTF_8, "", begin);
        assertThat(utf8.exitCode()).as(utf8.stderr()).isZero();
        assertThat(again.resolve("model.safetensors")).hasSameBinaryContentAs(out.resolve("model.safetensors"));
    }

    @Test
    void aScanSeesTheSameClassesAndItsListIsReadInAnyLocale() throws Exception {
        Path list = temp.resolve("good.txt");
        MaskfeatProcess.shell(temp, ASCII, "", "data", "scan", train.toString(), "--write-list", list.toString());
        assertThat(Files.readString(list, StandardCharsets.UTF_8)).contains("/ärzte/0000.jpg", "/örzte/0000.jpg");
        for (String locale : new String[] {ASCII, UTF_8}) {
            MaskfeatProcess scan = MaskfeatProcess.shell(temp, locale, "", "data", "scan", list.toString());
            assertThat(scan.exitCode()).as(scan.stdout() + scan.stderr()).isZero();
        }
    }
}
