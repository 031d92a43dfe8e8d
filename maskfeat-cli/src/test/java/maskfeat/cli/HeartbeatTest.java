package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import maskfeat.disk.Doing;
import org.junit.jupiter.api.Test;

class HeartbeatTest {
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final PrintStream terminal = new PrintStream(said, true, StandardCharsets.UTF_8);
    private long now;
    private final Heartbeat heart = new Heartbeat(terminal, () -> now);
    private final PrintStream out = heart.noticing(terminal, StandardCharsets.UTF_8);

    private String after(Duration time) {
        said.reset();
        now += time.toNanos();
        heart.beat();
        return said.toString(StandardCharsets.UTF_8);
    }

    @Test
    void speaksAfterTwoSecondsAndGoesAway() {
        assertThat(after(Duration.ofMillis(1900))).isEmpty();
        assertThat(after(Duration.ofMillis(200))).isEqualTo("\rworking, for 2 s");
        assertThat(after(Duration.ofMillis(900))).isEqualTo("\rworking, for 3 s");
        said.reset();
        out.println("Größe");
        assertThat(said.toString(StandardCharsets.UTF_8))
                .isEqualTo("\r" + " ".repeat(16) + "\rGröße" + System.lineSeparator());
        assertThat(after(Duration.ofSeconds(1))).isEmpty();
        assertThat(after(Duration.ofSeconds(1))).isEqualTo("\rworking, for 2 s");
    }

    @Test
    void whatTheProcessTookToStartCountsUnlessAClockWasSet() {
        heart.since(Duration.ofMillis(700));
        assertThat(after(Duration.ofMillis(1200))).isEmpty();
        assertThat(after(Duration.ofMillis(200))).isEqualTo("\rworking, for 2 s");
        out.println("begins");
        heart.since(Duration.ofHours(1));
        heart.since(Duration.ofHours(-1));
        assertThat(after(Duration.ofMillis(1900))).isEmpty();
    }

    @Test
    void saysWhatIsBeingDoneAndHowFarItIs() {
        try (Doing outer = Doing.begin("opening the data")) {
            assertThat(after(Duration.ofSeconds(3))).isEqualTo("\ropening the data, for 3 s");
            try (Doing inner = Doing.begin("counting")) {
                inner.at(3, 9);
                assertThat(after(Duration.ofSeconds(1))).startsWith("\rcounting, 3/9, for 4 s ");
            }
            assertThat(after(Duration.ofSeconds(1))).isEqualTo("\ropening the data, for 5 s");
        }
        assertThat(after(Duration.ofSeconds(1))).startsWith("\rworking, for 6 s ");
    }

    /** Only of what is known to be done, for that changes no output of what is quick. */
    @Test
    void inALogALineNowAndThen() throws InterruptedException {
        now += Duration.ofSeconds(20).toNanos();
        heart.beatInLog();
        assertThat(said.toString(StandardCharsets.UTF_8)).isEmpty();
        try (Doing doing = Doing.begin("generating sample clips")) {
            heart.beatInLog();
            assertThat(said.toString(StandardCharsets.UTF_8)).isEmpty();
            Thread.sleep(2_100);
            doing.at(3, 9);
            heart.beatInLog();
            now += Duration.ofSeconds(9).toNanos();
            heart.beatInLog();
            assertThat(said.toString(StandardCharsets.UTF_8))
                    .isEqualTo("generating sample clips, 3/9" + System.lineSeparator());
            now += Duration.ofSeconds(2).toNanos();
            doing.at(4, 9);
            heart.beatInLog();
            assertThat(said.toString(StandardCharsets.UTF_8).lines())
                    .hasSize(2)
                    .last()
                    .asString()
                    .startsWith("generating sample clips, 4/9, for ");
        }
    }

    @Test
    void aLineThatIsRedrawnStays() {
        out.print("\rscored 3/10 clips");
        assertThat(after(Duration.ofSeconds(5))).isEmpty();
        out.print("\r                 \r"); // taken away
        assertThat(after(Duration.ofSeconds(5))).isEqualTo("\rworking, for 5 s");
    }
}
