package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import maskfeat.report.Terminal;
import org.junit.jupiter.api.Test;

class ScoringLineTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    private long now;

    private String said() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private void after(Duration time) {
        now += time.toNanos();
    }

    @Test
    void aLogGetsALineNowAndThenAndTheLast() {
        ScoringLine line = new ScoringLine(out, new Terminal(false, 80), "scored", "images", false, () -> now);
        line.at(1, 300);
        after(Duration.ofSeconds(10));
        line.at(100, 300);
        line.at(101, 300);
        after(Duration.ofSeconds(1));
        line.at(300, 300);
        assertThat(said().lines())
                .containsExactly("scored 100/300 images  9.9 a second", "scored 300/300 images  27.2 a second");
    }

    @Test
    void theRateIsThatOfTheWorkNotOfTheWaitBeforeIt() {
        ScoringLine line = new ScoringLine(out, new Terminal(false, 80), "scored", "images", false, () -> now);
        after(Duration.ofMinutes(30));
        line.at(8, 28);
        after(Duration.ofSeconds(2));
        line.at(28, 28);
        assertThat(said().lines()).containsExactly("scored 28/28 images  10.0 a second");
    }

    @Test
    void theItemsOfTheFirstBatchWereMadeBeforeTheClockBegan() {
        ScoringLine line = new ScoringLine(out, new Terminal(false, 80), "scored", "images", false, () -> now);
        for (int done = 1; done <= 48; done++) {
            after(done % 16 == 1 ? Duration.ofSeconds(1) : Duration.ofNanos(1000));
            line.at(done, 48);
        }
        assertThat(said().lines()).containsExactly("scored 48/48 images  16.0 a second");
    }

    @Test
    void oneBatchAloneHasNoRate() {
        ScoringLine line = new ScoringLine(out, new Terminal(false, 80), "scored", "images", false, () -> now);
        for (int done = 1; done <= 16; done++) {
            after(Duration.ofNanos(1000));
            line.at(done, 16);
        }
        assertThat(said().lines()).containsExactly("scored 16/16 images");
    }

    @Test
    void aTerminalGetsOneLineThatIsRedrawn() {
        ScoringLine line = new ScoringLine(out, new Terminal(true, 80), "scored", "clips", false, () -> now);
        line.at(1, 2);
        after(Duration.ofSeconds(1));
        line.at(2, 2);
        assertThat(said()).startsWith("\rscored 1/2 clips").contains("\rscored 2/2 clips  1.0 a second");
        assertThat(said().lines().count()).isGreaterThan(1);
        assertThat(said()).endsWith(System.lineSeparator());
    }

    @Test
    void nothingIsLeftOfAPassingOneOnATerminal() {
        ScoringLine line =
                new ScoringLine(out, new Terminal(true, 30), "scored", "windows of match.mp4", true, () -> now);
        after(Duration.ofSeconds(1));
        line.at(1, 3);
        assertThat(said()).isEqualTo("\rscored 1/3 windows of match.m");
        line.at(3, 3);
        assertThat(said()).endsWith("\r" + " ".repeat(29) + "\r");
        int length = said().length();
        line.clear();
        assertThat(said()).hasSize(length);
    }

    @Test
    void aLogHearsOfAPassingOneOnlyWhereItTakesLong() {
        ScoringLine line = new ScoringLine(out, new Terminal(false, 80), "scanned", "files", true, () -> now);
        after(Duration.ofSeconds(1));
        line.at(1, 3000);
        assertThat(said()).isEmpty();
        after(Duration.ofMinutes(1));
        line.at(601, 3000);
        line.at(3000, 3000);
        assertThat(said().lines()).containsExactly("scanned 601/3000 files  10.0 a second");
    }
}
