package maskfeat.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import maskfeat.disk.NewerFile;
import maskfeat.train.StepReport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

class MetricsFileTest {
    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("run/metrics.jsonl");
    }

    private void run(long after, long... steps) {
        try (MetricsFile metrics = new MetricsFile(file)) {
            metrics.started(after, 100);
            for (long step : steps) {
                metrics.step(Reports.at(step));
            }
            metrics.ended(100, 100);
        }
    }

    @Test
    void theShareOfFrozenNetworksStandsThereWhereThereAreAny() throws IOException {
        try (MetricsFile metrics = new MetricsFile(file)) {
            metrics.started(0, 100);
            metrics.step(Reports.taught(0.41));
        }
        assertThat(Files.readString(file)).contains("\"time/data_share\":0.031,\"time/teacher_share\":0.41,");
    }

    @Test
    void theShareOfOtherRanksStandsThereWhereThereAreAny() throws IOException {
        try (MetricsFile metrics = new MetricsFile(file)) {
            metrics.started(0, 100);
            metrics.step(Reports.shared(0.034));
        }
        assertThat(Files.readString(file)).contains("\"time/data_share\":0.03,\"time/ranks_share\":0.034,");
    }

    @Test
    void theShareOfTheRateOfAProductStandsThereWhereItIsKnown() throws IOException {
        try (MetricsFile metrics = new MetricsFile(file)) {
            metrics.started(0, 100);
            metrics.step(Reports.utilised(0.41));
            metrics.step(Reports.at(14));
        }
        assertThat(Files.readString(file)).containsOnlyOnce("\"time/mfu\":0.41,");
    }

    private List<Long> steps() throws IOException {
        return MetricsRow.read(file).stream().map(MetricsRow::step).toList();
    }

    @Test
    void aReportIsOneLineOfJson() throws IOException {
        try (MetricsFile metrics = new MetricsFile(file)) {
            metrics.started(0, 100);
            metrics.step(Reports.of(13, 0.08, 0.1, Map.of("train/z", 2.0, "train/a", 1.0)));
        }
        assertThat(Files.readString(file))
                .isEqualTo("{\"step\":13,\"version\":1,\"epoch\":0.25,\"train/loss\":0.08,\"train/baseline\":0.1,"
                        + "\"train/loss_vs_baseline\":0.8,\"train/lr\":0.0001334,\"train/grad_norm\":0.75,"
                        + "\"train/a\":1,\"train/z\":2,\"time/step_s\":0.5,\"time/data_s\":0.0155,"
                        + "\"time/data_share\":0.031,\"time/samples_per_s\":412.4}\n");
    }

    @Test
    void onlyTheFirstLineHasTheVersionAndItIsNoNumberOfTheRun() throws IOException {
        run(0, 10, 20, 30);
        run(0, 10, 20);
        run(10, 20);
        List<String> lines = Files.readAllLines(file);
        assertThat(lines.get(0)).startsWith("{\"step\":10,\"version\":1,");
        assertThat(lines.get(1)).startsWith("{\"step\":20,\"epoch\":");
        assertThat(MetricsFile.read(file).get(10L)).doesNotContainKey("version");
    }

    @Test
    void aFileWithoutVersionIsReadAndANewerOneIsRefusedByName() throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "{\"step\":1,\"a\":2}\n");
        assertThat(MetricsFile.read(file)).containsOnlyKeys(1L);
        Files.writeString(file, "{\"step\":1,\"version\":2,\"a\":2}\n");
        assertThatThrownBy(() -> MetricsFile.read(file))
                .hasCauseInstanceOf(NewerFile.class)
                .hasMessageContaining("metrics.jsonl has version 2 of its format; this program reads versions up to 1");
    }

    @Test
    void theOrderOfExtrasDoesNotMatter() {
        Map<String, Double> backwards = new LinkedHashMap<>();
        backwards.put("train/z", 2.0);
        backwards.put("train/a", 1.0);
        assertThat(MetricsRow.json(1, Scalars.of(Reports.of(1, 1, 1, backwards))))
                .isEqualTo(MetricsRow.json(1, Scalars.of(Reports.of(1, 1, 1, Map.of("train/a", 1.0, "train/z", 2.0)))));
    }

    @Test
    void onlyTimeKeysDependOnTheClock() {
        StepReport slow =
                new StepReport(5, 10, 0.5, 1, 0.08, 0.1, 1e-3, 1, 1, 0.9, Double.NaN, Double.NaN, 0.5, 7, 35, Map.of());
        StepReport fast =
                new StepReport(5, 10, 0.5, 1, 0.08, 0.1, 1e-3, 1, 90, 0.1, Double.NaN, Double.NaN, 0.8, 1, 5, Map.of());
        Map<String, Double> difference = new LinkedHashMap<>(Scalars.of(slow));
        difference.entrySet().removeAll(Scalars.of(fast).entrySet());
        assertThat(difference)
                .isNotEmpty()
                .allSatisfy((tag, value) -> assertThat(tag).startsWith("time/"));
    }

    @Test
    void whatJsonCannotSayIsNull() throws IOException {
        try (MetricsFile metrics = new MetricsFile(file)) {
            metrics.started(0, 100);
            metrics.step(Reports.of(1, Double.POSITIVE_INFINITY, Double.NaN, Map.of()));
        }
        var row = new JsonMapper().readTree(Files.readString(file));
        assertThat(row.get("train/loss").isNull()).isTrue();
        assertThat(row.get("train/baseline").isNull()).isTrue();
        assertThat(row.get("train/loss_vs_baseline").isNull()).isTrue();
        assertThat(row.get("train/lr").isNumber()).isTrue();
    }

    @Test
    void eachReportIsOnDiskAtOnce() throws IOException {
        try (MetricsFile metrics = new MetricsFile(file)) {
            metrics.started(0, 100);
            metrics.step(Reports.at(1));
            assertThat(steps()).containsExactly(1L);
        }
    }

    @Test
    void aResumedRunDropsTheRowsAfterItsCheckpoint() throws IOException {
        run(0, 10, 20, 30, 40);
        run(20, 30, 40, 50);
        assertThat(steps()).containsExactly(10L, 20L, 30L, 40L, 50L);
    }

    @Test
    void aResumedRunEndsWithTheBytesOfOneThatWasNotKilled() throws IOException {
        run(0, 10, 20, 30, 40);
        byte[] whole = Files.readAllBytes(file);
        run(20, 30, 40);
        assertThat(Files.readAllBytes(file)).isEqualTo(whole);
        assertThat(folder.resolve("run").toFile().list()).containsExactly("metrics.jsonl");
    }

    @ParameterizedTest
    @CsvSource({"1", "7", "60", "150"})
    void aTornLastLineIsDropped(int bytesLost) throws IOException {
        run(0, 10, 20, 30);
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - bytesLost));
        run(20, 30);
        assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
    }

    @Test
    void zerosLeftByAPowerCutAreDropped() throws IOException {
        run(0, 10, 20);
        Files.write(file, new byte[300], StandardOpenOption.APPEND);
        run(20, 30);
        assertThat(steps()).containsExactly(10L, 20L, 30L);
    }

    @Test
    void aRunFromTheStartStartsAnEmptyFile() throws IOException {
        run(0, 10, 20);
        run(0, 10);
        assertThat(steps()).containsExactly(10L);
    }

    @Test
    void otherNumbersMayStandInRowsOfTheirOwn() throws IOException {
        try (MetricsFile metrics = new MetricsFile(file)) {
            metrics.started(0, 100);
            metrics.values(10, Map.of("val/\"top1\"", 71.25));
        }
        assertThat(Files.readString(file)).isEqualTo("{\"step\":10,\"version\":1,\"val/\\\"top1\\\"\":71.25}\n");
    }

    @Test
    void scoresAreARowOfTheirOwn() throws IOException {
        Map<String, Double> scores = new LinkedHashMap<>();
        scores.put("val/top1", 63.5);
        scores.put("val/loss", Double.NaN);
        try (MetricsFile metrics = new MetricsFile(file)) {
            metrics.started(0, 100);
            metrics.step(Reports.at(10));
            metrics.scores(10, scores);
        }
        assertThat(Files.readAllLines(file))
                .hasSize(2)
                .element(1)
                .isEqualTo("{\"step\":10,\"val/top1\":63.5,\"val/loss\":null}");
    }

    /** Stopped before it was scored, it goes on with that; killed before it could save, it does so again. */
    @Test
    void scoresToldAgainAtTheStepOfTheStartReplaceTheirRow() throws IOException {
        run(0, 10, 20);
        String trained = Files.readString(file);
        for (double score : new double[] {63.5, 64}) {
            try (MetricsFile metrics = new MetricsFile(file)) {
                metrics.started(20, 100);
                metrics.scores(20, Map.of("val/top1", score));
            }
            assertThat(Files.readString(file))
                    .isEqualTo(trained + "{\"step\":20,\"val/top1\":%s}\n".formatted(Numbers.shortest(score)));
        }
        run(20, 30);
        assertThat(steps()).containsExactly(10L, 20L, 20L, 30L);
    }

    @Test
    void nothingIsWrittenBeforeTheStart() {
        try (MetricsFile metrics = new MetricsFile(file)) {
            assertThatThrownBy(() -> metrics.step(Reports.at(1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("metrics.jsonl");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "-0.0,0",
        "0.1,0.1",
        "1.6E-3,0.0016",
        "1E-6,0.000001",
        "1.3E-7,1.3E-7",
        "300,300",
        "2E-3,0.002",
        "16777216,16777216",
        "-2.5,-2.5",
        "3.4028235E38,3.4028235E+38",
        "1.4E-45,1E-45",
        "NaN,null",
        "1e300,null"
    })
    void numbersAreWrittenInTheFewestDigits(double value, String text) {
        assertThat(Numbers.shortest(value)).isEqualTo(text);
    }

    static LongStream seeds() {
        return LongStream.range(0, 300);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void everyFloatReadsBackAsItself(long seed) {
        float value = Float.intBitsToFloat(new Random(seed).nextInt());
        String text = Numbers.shortest(value);
        if (Float.isFinite(value)) {
            assertThat(Float.parseFloat(text)).isEqualTo(value == 0 ? 0f : value);
            assertThat(new JsonMapper().readTree(text).isNumber()).isTrue();
        } else {
            assertThat(text).isEqualTo("null");
        }
    }

    @Test
    void whatWasWrittenIsReadByStepWithTheLastOfEachTag() throws IOException {
        Path file = folder.resolve("read.jsonl");
        assertThat(MetricsFile.read(file)).isEmpty();
        Files.writeString(
                file,
                "{\"step\":20,\"train/loss\":2.5,\"val/top1\":null}\n{\"step\":10,\"train/loss\":3}\n"
                        + "{\"step\":20,\"val/top1\":50}\n{\"step\":30,\"tra");
        assertThat(MetricsFile.read(file).keySet()).containsExactly(10L, 20L);
        assertThat(MetricsFile.read(file).get(20L))
                .containsEntry("train/loss", 2.5)
                .containsEntry("val/top1", 50.0);
    }
}
