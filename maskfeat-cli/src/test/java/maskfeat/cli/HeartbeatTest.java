package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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
    void aLineThatIsRedrawnStays() {
        out.print("\rscored 3/10 clips");
        assertThat(after(Duration.ofSeconds(5))).isEmpty();
        out.print("\r                 \r"); // taken away
        assertThat(after(Duration.ofSeconds(5))).isEqualTo("\rworking, for 5 s");
    }
}
