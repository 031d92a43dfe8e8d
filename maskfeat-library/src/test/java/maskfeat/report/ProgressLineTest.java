package maskfeat.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import maskfeat.train.StepReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ProgressLineTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    private final AtomicLong seconds = new AtomicLong();

    private ProgressLine line(boolean interactive, int columns) {
        return new ProgressLine(
                out, new Terminal(interactive, columns), Duration.ofSeconds(10), () -> seconds.get() * 1_000_000_000L);
    }

    private String written() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** What a person sees: each carriage return writes over the line from its start. */
    private static String[] screen(String written) {
        StringBuilder all = new StringBuilder();
        StringBuilder line = new StringBuilder();
        int column = 0;
        for (int i = 0; i < written.length(); i++) {
            char c = written.charAt(i);
            if (c == '\r') {
                column = 0;
            } else if (c == '\n') {
                all.append(line.toString().stripTrailing()).append('\n');
                line.setLength(0);
                column = 0;
            } else {
                if (column == line.length()) {
                    line.append(c);
                } else {
                    line.setCharAt(column, c);
                }
                column++;
            }
        }
        return all.append(line.toString().stripTrailing()).toString().split("\n", -1);
    }

    @Test
    void aWideLineSaysEverything() {
        assertThat(ProgressLine.fit(Reports.of(1234, 0.0812, 0.0931, Map.of("train/mask_ratio", 0.396)), 200))
                .isEqualTo("1234/15600  epoch 23.73/300  loss 0.0812 (baseline 0.0931, 0.87x)  lr 1.33e-04"
                        + "  mask_ratio 0.3960  412 samples/s  data 3%  2m10s left");
    }

    @Test
    void eightyColumnsKeepWhatMattersMost() {
        assertThat(ProgressLine.fit(Reports.at(1234), 79))
                .isEqualTo("1234/15600  loss 0.0812 (0.87x baseline)  lr 1.33e-04  data 3%  2m10s left");
    }

    /** In a file, a line soon after the first long thing begins, and then one every ten seconds. */
    @Test
    void longStepsAreNotSilentInAFile() {
        ProgressLine line = line(false, 80);
        line.started(0, 100);
        seconds.set(1);
        line.tick();
        assertThat(written()).isEmpty();
        seconds.set(2);
        line.tick();
        line.tick();
        seconds.set(9);
        line.stepBegins(0, 100, 4);
        line.tick();
        seconds.set(21);
        line.microBatch(0, 100, 1, 4);
        seconds.set(29);
        line.microBatch(0, 100, 2, 4);
        seconds.set(40);
        line.tick();
        seconds.set(50);
        line.microBatch(0, 100, 4, 4);
        line.stepMade(1, 100, 48, 9);
        seconds.set(63);
        line.microBatch(1, 100, 1, 4);
        assertThat(written().lines())
                .containsExactly(
                        "making ready for the first step, for 2 s",
                        "in step 1/100, micro-batch 1/4, for 9 s",
                        "in step 1/100, micro-batch 2/4, for 21 s, about 84 s a step",
                        "in step 1/100, micro-batch 3/4, for 40 s, about 58 s a step",
                        "in step 2/100, micro-batch 1/4, about 50 s a step",
                        "in step 2/100, micro-batch 2/4, for 13 s, 48 s a step");
        line.ended(1, 100);
        seconds.set(200);
        line.tick();
        assertThat(written().lines()).hasSize(6);
    }

    /** Steps that are done in time say so by their reports. */
    @Test
    void quickStepsSayNothingOfThemselvesInAFile() {
        ProgressLine line = line(false, 80);
        line.started(0, 100);
        for (int step = 0; step < 9; step++) {
            line.stepBegins(step, 100, 1);
            seconds.incrementAndGet();
            line.microBatch(step, 100, 1, 1);
            line.stepMade(step + 1, 100, 1, 0);
            line.tick();
        }
        assertThat(written()).isEmpty();
    }

    /** On a terminal from the second second on, counting. */
    @Test
    void longStepsAreNotSilentOnATerminal() {
        ProgressLine line = line(true, 60);
        line.started(0, 100);
        seconds.set(1);
        line.tick();
        assertThat(written()).isEmpty();
        for (int second = 2; second <= 4; second++) {
            seconds.set(second);
            line.tick();
        }
        assertThat(screen(written())).containsExactly("making ready for the first step, for 4 s");
        line.step(Reports.at(1));
        line.microBatch(1, 100, 1, 1);
        seconds.set(7);
        line.tick();
        assertThat(screen(written())).containsExactly("in step 3/100, for 3 s, about 4.0 s a step");
        line.validating(3, 9);
        seconds.set(9);
        line.tick();
        assertThat(screen(written())).containsExactly("validating, 3/9, for 2 s; loss of step 1: 0.0812");
    }

    /** When measuring is over, what is said is what goes on then. */
    @Test
    void measuringIsSaidByNameAndNotAfterItsEnd() {
        for (boolean terminal : new boolean[] {false, true}) {
            bytes.reset();
            seconds.set(0);
            ProgressLine line = line(terminal, 80);
            line.started(0, 100);
            line.measuringFeatures(0, 400);
            seconds.set(2);
            line.tick();
            assertThat(screen(written())[0]).isEqualTo("measuring features, 0/400, for 2 s");
            seconds.set(13);
            line.measuringFeatures(96, 400);
            assertThat(written()).endsWith("measuring features, 96/400, for 13 s" + (terminal ? "" : "\n"));
            line.measuringFeatures(400, 400);
            seconds.set(25);
            line.tick();
            assertThat(written()).endsWith("making ready for the first step, for 12 s" + (terminal ? "" : "\n"));
            line.stepBegins(0, 100, 2);
            line.microBatch(0, 100, 2, 2);
            line.validating(0, 9);
            seconds.set(39);
            line.validating(4, 9);
            assertThat(written()).contains("validating, 4/9, for 14 s");
            line.validating(9, 9);
            seconds.set(51);
            line.tick();
            assertThat(written()).contains("in step 2/100, micro-batch 1/2, for 12 s");
        }
    }

    /** As of pictures of one colour: a share of nothing is no number. */
    @Test
    void aBaselineOfZeroIsNotShown() {
        assertThat(ProgressLine.fit(Reports.of(10, 2.25, 0, Map.of()), 200))
                .contains("loss 2.2500  lr")
                .doesNotContain("Infinity");
    }

    @Test
    void aTaskWithoutBaselineShowsTheLossAlone() {
        assertThat(ProgressLine.fit(Reports.of(10, 2.25, Double.NaN, Map.of()), 200))
                .contains("loss 2.2500  lr")
                .doesNotContain("baseline")
                .doesNotContain("NaN");
    }

    @Test
    void aDivergedLossIsShown() {
        assertThat(ProgressLine.fit(Reports.of(10, Double.NaN, 0.0931, Map.of()), 200))
                .contains("loss NaN  lr");
    }

    @Test
    void theShareOfFrozenNetworksIsSaidWhereThereAreAny() {
        assertThat(ProgressLine.fit(Reports.taught(0.409), 200)).contains("  data 3%  teacher 41%  ");
        assertThat(ProgressLine.fit(Reports.at(13), 200)).contains("data 3%").doesNotContain("teacher");
    }

    @Test
    void theShareOfOtherRanksIsSaidWhereThereAreAny() {
        assertThat(ProgressLine.fit(Reports.shared(0.034), 200)).contains("  data 3%  ranks 3%  mfu 50%  ");
        assertThat(ProgressLine.fit(Reports.at(13), 200)).doesNotContain("ranks");
    }

    @Test
    void theShareOfTheRateOfAProductIsSaidWhereItIsKnown() {
        assertThat(ProgressLine.fit(Reports.utilised(0.409), 200)).contains("  data 3%  mfu 41%  ");
        assertThat(ProgressLine.fit(Reports.at(13), 200)).doesNotContain("mfu");
    }

    static LongStream seeds() {
        return LongStream.range(0, 200);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void neverIsWiderThanAsked(long seed) {
        Random random = new Random(seed);
        StepReport report = new StepReport(
                random.nextInt(1 << random.nextInt(1, 31)),
                1L << random.nextInt(1, 40),
                random.nextDouble() * 300,
                300,
                Math.exp(20 * random.nextGaussian()),
                random.nextBoolean() ? Double.NaN : Math.exp(5 * random.nextGaussian()),
                Math.exp(5 * random.nextGaussian()),
                1,
                Math.exp(5 * random.nextGaussian()),
                random.nextDouble(),
                random.nextBoolean() ? Double.NaN : random.nextDouble(),
                random.nextBoolean() ? Double.NaN : random.nextDouble(),
                random.nextBoolean() ? Double.NaN : random.nextDouble(),
                1,
                Math.exp(10 * random.nextGaussian()),
                Map.of("val/top1", random.nextGaussian()));
        int columns = random.nextInt(1, 160);
        String fitted = ProgressLine.fit(report, columns);
        assertThat(fitted.length()).isBetween(1, columns);
        assertThat(fitted).matches("[ -~]+").isEqualTo(fitted.strip());
        assertThat(ProgressLine.fit(report, fitted.length())).isEqualTo(fitted);
    }

    @ParameterizedTest
    @CsvSource({"0,0s", "59.4,59s", "59.6,1m00s", "130,2m10s", "3599.7,1h00m", "11100,3h05m", "187200,2d04h"})
    void durationsReadAsPeopleSayThem(double seconds, String text) {
        assertThat(Numbers.duration(seconds)).isEqualTo(text);
    }

    @Test
    void elsewhereThanOnATerminalNoLineIsRedrawn() {
        ProgressLine progress = line(false, 80);
        progress.started(0, 15600);
        for (int step = 1; step <= 25; step++) {
            progress.step(Reports.at(step));
            seconds.incrementAndGet();
        }
        progress.ended(25, 15600);
        assertThat(written()).doesNotContain("\r").doesNotContain("\u001b");
        assertThat(written().lines().map(text -> text.substring(0, text.indexOf('/'))))
                .containsExactly("1", "11", "21", "25");
    }

    @Test
    void theLastReportIsNotWrittenTwice() {
        ProgressLine progress = line(false, 80);
        progress.step(Reports.at(1));
        progress.ended(1, 15600);
        assertThat(written().lines()).hasSize(1);
    }

    @Test
    void aTerminalShowsOneLineThatEndsWithTheLastReport() {
        ProgressLine progress = line(true, 80);
        for (int step : new int[] {99999, 7}) {
            progress.step(Reports.at(step));
            seconds.incrementAndGet();
        }
        progress.ended(7, 15600);
        assertThat(screen(written())).containsExactly(ProgressLine.fit(Reports.at(7), 79), "");
        assertThat(written().split("[\r\n]")).allMatch(part -> part.length() < 80);
    }

    @Test
    void aFastLoopDoesNotDrawEachStep() {
        ProgressLine progress = line(true, 80);
        for (int step = 1; step <= 1000; step++) {
            progress.step(Reports.at(step));
        }
        assertThat(written()).hasSizeLessThan(300);
        progress.ended(1000, 15600);
        assertThat(screen(written())[0]).startsWith("1000/15600");
    }

    @Test
    void logLinesStandAboveTheLineAndLeaveItWhole() {
        ProgressLine progress = line(true, 80);
        progress.interrupt(() -> out.println("before"));
        progress.step(Reports.at(10));
        progress.interrupt(() -> {
            out.println("saved");
            progress.interrupt(() -> out.println("nested"));
        });
        assertThat(screen(written()))
                .containsExactly("before", "saved", "nested", ProgressLine.fit(Reports.at(10), 79));
    }

    @Test
    void aThrowingLogLeavesTheLineWhole() {
        ProgressLine progress = line(true, 80);
        progress.step(Reports.at(10));
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> progress.interrupt(() -> {
                    throw new IllegalStateException("log");
                })))
                .hasMessage("log");
        assertThat(screen(written())).containsExactly(ProgressLine.fit(Reports.at(10), 79));
    }

    @Test
    void theLineIsTheSameInEveryCountry() {
        Locale before = Locale.getDefault();
        String here = ProgressLine.fit(Reports.at(10), 200);
        try {
            for (String tag : new String[] {"de-DE", "ar-EG-u-nu-arab", "hi-IN-u-nu-deva"}) {
                Locale.setDefault(Locale.forLanguageTag(tag));
                assertThat(ProgressLine.fit(Reports.at(10), 200)).isEqualTo(here);
            }
        } finally {
            Locale.setDefault(before);
        }
    }

    @ParameterizedTest
    @CsvSource({"132,132", "0,80", "-4,80", "wide,80", "99999999999,80", "'',80"})
    void oddWidthsMeanEighty(String columns, int expected) {
        assertThat(Terminal.of(true, Map.of("COLUMNS", columns))).isEqualTo(new Terminal(true, expected));
    }

    @Test
    void aDumbTerminalCannotRedraw() {
        assertThat(Terminal.of(true, Map.of("TERM", "dumb")).interactive()).isFalse();
    }

    private static Map<String, Double> scores(double top1) {
        return Map.of("val/loss", 1.234, "val/top5", 92.1, "val/top1", top1, "val/zoo", 3.0, "time/eval_s", 9.0);
    }

    /** An epoch has 52 steps. */
    @Test
    void anEvaluationIsALineThatNamesTheBest() {
        ProgressLine progress = line(false, 80);
        progress.step(Reports.at(26));
        progress.scores(26, scores(60));
        progress.scores(520, scores(64.04));
        progress.scores(624, scores(63.4));
        progress.scores(676, scores(64.04));
        assertThat(written().lines().skip(1))
                .containsExactly(
                        "epoch 0.50  val top1 60.0 %  top5 92.1 %  loss 1.2340  zoo 3",
                        "epoch 10  val top1 64.0 %  top5 92.1 %  loss 1.2340  zoo 3  best so far",
                        "epoch 12  val top1 63.4 %  top5 92.1 %  loss 1.2340  zoo 3  best 64.0 % (epoch 10)",
                        "epoch 13  val top1 64.0 %  top5 92.1 %  loss 1.2340  zoo 3  best 64.0 % (epoch 10)");
    }

    @Test
    void anEvaluationAtTheEndOfAnEpochHasItsNumber() {
        ProgressLine progress = line(false, 80);
        progress.epoch(7, 350);
        progress.scores(350, Map.of("val/loss", 2.0));
        progress.scores(351, Map.of("val/loss", 2.0));
        progress.scores(352, Map.of("val/loss", 2.0, "epoch", 7.25));
        progress.scores(353, Map.of("val/top1", Double.NaN));
        assertThat(written().lines())
                .containsExactly(
                        "epoch 7  val loss 2.0000",
                        "step 351  val loss 2.0000",
                        "epoch 7.25  val loss 2.0000",
                        "step 353  val top1 NaN");
    }

    @Test
    void scoresOfNothingHeldOutAreNoLine() {
        line(false, 80).scores(1, Map.of("train/top1", 3.0));
        assertThat(written()).isEmpty();
    }

    @Test
    void onATerminalScoresStandAboveTheLine() {
        ProgressLine progress = line(true, 80);
        progress.step(Reports.at(52));
        progress.scores(52, Map.of("val/top1", 12.5));
        assertThat(screen(written())).containsExactly("epoch 1  val top1 12.5 %", ProgressLine.fit(Reports.at(52), 79));
    }

    @Test
    void anAccuracyInTheLineIsPerCent() {
        assertThat(ProgressLine.fit(Reports.of(10, 2.25, Double.NaN, Map.of("train/top1", 31.25)), 200))
                .contains("  top1 31.3 %  ");
    }
}
