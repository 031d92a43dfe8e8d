package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import maskfeat.train.StepReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutlookTest {
    private final List<String> said = new ArrayList<>();

    private Outlook outlook(boolean validated) {
        Outlook outlook = new Outlook(validated, false, said::add);
        outlook.started(0, 2520);
        return outlook;
    }

    /** Of a run of 2520 steps, 252 an epoch. */
    private static StepReport report(long step, double seconds) {
        return new StepReport(
                step,
                2520,
                step / 252.0,
                10,
                1,
                1,
                1e-3,
                1,
                1,
                0,
                Double.NaN,
                Double.NaN,
                1,
                seconds,
                seconds * (2520 - step),
                Map.of());
    }

    @Test
    void isSaidOnceFromStepsThatAreNotTheFirst() {
        Outlook outlook = outlook(false);
        outlook.step(report(10, 3));
        assertThat(said).isEmpty();
        outlook.step(report(20, 0.96));
        outlook.step(report(30, 0.96));
        assertThat(said)
                .singleElement()
                .asString()
                .matches("about 40 min to go, until [0-9A-Za-z ]*\\d\\d:\\d\\d: 2500 steps of 960 ms, 4 min an epoch"
                        + "; [0-9.]+ GiB of memory now, [0-9.]+ GiB at most so far");
    }

    /** Ten steps of a minute are not waited for twice. */
    @Test
    void longStepsAreBelievedAtOnce() {
        outlook(true).step(report(10, 30));
        assertThat(said)
                .singleElement()
                .asString()
                .matches(
                        "about 20 h 55 min to go without validation, until [^:]*:\\d\\d: 2510 steps of 30.0 s, 2 h 6 min an epoch.*");
    }

    @Test
    void aShortRunNeedsNone() {
        Outlook outlook = outlook(false);
        for (int step = 10; step <= 2520; step += 10) {
            outlook.step(report(step, 0.01));
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
