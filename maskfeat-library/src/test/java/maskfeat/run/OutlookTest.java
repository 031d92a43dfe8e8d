package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutlookTest {
    private final List<String> said = new ArrayList<>();

    private Outlook outlook(boolean validated, boolean ownData, long from) {
        Outlook outlook = new Outlook(validated, false, ownData, said::add);
        outlook.started(from, 2520);
        return outlook;
    }

    /** The first takes longer. */
    @Test
    void isSaidOnceFromStepsThatAreNotTheFirst() {
        Outlook outlook = outlook(false, true, 0);
        outlook.stepMade(1, 2520, 8.5, 7);
        assertThat(said).isEmpty();
        outlook.stepMade(2, 2520, 0.96, 0);
        assertThat(said).isEmpty();
        outlook.stepMade(3, 2520, 0.96, 0);
        outlook.stepMade(4, 2520, 5, 0);
        assertThat(said)
                .singleElement()
                .asString()
                .matches(
                        "a step takes 960 ms: the 2517 steps that are left take about 40 min, until [0-9A-Za-z ]*\\d\\d:\\d\\d"
                                + "; shorter by fewer epochs \\(--epochs\\), by --minutes 20, or by a smaller recipe"
                                + "; [0-9.]+ GiB of memory now, [0-9.]+ GiB at most so far");
    }

    /** After the second at the latest, and minutes are not waited for twice. */
    @Test
    void longStepsAreBelievedAtOnce() {
        outlook(true, true, 0).stepMade(1, 2520, 90, 10);
        assertThat(said)
                .singleElement()
                .asString()
                .matches(
                        "a step takes 90.0 s: the 2519 steps that are left take, without validation, about 2 days 15 h, until .*");
        said.clear();
        Outlook outlook = outlook(false, true, 0);
        outlook.stepMade(1, 2520, 31, 0);
        outlook.stepMade(2, 2520, 29, 0);
        assertThat(said).singleElement().asString().startsWith("a step takes 29.0 s: ");
    }

    /** A run that goes on keeps its epochs. */
    @Test
    void whatWouldShortenItIsWhatCan() {
        Outlook goesOn = outlook(false, true, 100);
        goesOn.stepMade(101, 2520, 8, 0);
        goesOn.stepMade(102, 2520, 8, 1);
        assertThat(said).singleElement().asString().contains("--resume").doesNotContain("--epochs");
        for (boolean own : new boolean[] {true, false}) {
            said.clear();
            Outlook waits = outlook(false, own, 0);
            waits.stepMade(1, 2520, 8, 0);
            waits.stepMade(2, 2520, 8, 6);
            assertThat(said)
                    .singleElement()
                    .asString()
                    .contains("75 % of that is waiting for data", own ? "maskfeat data prepare" : "loader.threads");
        }
    }

    @Test
    void aShortRunNeedsNone() {
        Outlook outlook = outlook(false, true, 0);
        for (int step = 1; step <= 2520; step++) {
            outlook.stepMade(step, 2520, 0.005, 0);
        }
        assertThat(said).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "60, 14:33",
        "34079, 23:59",
        "34090, 30 Nov 00:00",
        "1000000, 11 Dec 04:18",
        "8640000, 9 Mar 2027 14:32",
        "31536000, 29 Nov 2027 14:32"
    })
    void theEndIsATimeOfDay(double seconds, String words) {
        assertThat(Outlook.clock(LocalDateTime.of(2026, 11, 29, 14, 32, 0), seconds))
                .isEqualTo(words);
    }

    @ParameterizedTest
    @CsvSource({
        "0.44, 0.4 s",
        "12, 12 s",
        "99.6, 100 s",
        "2400, 40 min",
        "5940, 99 min",
        "12000, 3 h 20 min",
        "100000, 1 day 4 h",
        "187200, 2 days 4 h"
    })
    void durationsAreWords(double seconds, String words) {
        assertThat(Outlook.duration(seconds)).isEqualTo(words);
    }
}
