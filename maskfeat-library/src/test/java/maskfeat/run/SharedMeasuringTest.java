package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import maskfeat.report.MeasuredActions;
import maskfeat.report.MeasuredClasses;
import maskfeat.report.Measurement;
import maskfeat.sample.SampleSet;
import maskfeat.settings.Settings;
import maskfeat.torch.Ranks;
import maskfeat.torch.RanksHere;
import maskfeat.train.Listener;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Figures that ranks measure together are, to the bit, those of one process. */
class SharedMeasuringTest {
    @TempDir
    private static Path made = Path.of("");

    private static final Object BUILDING = new Object();

    @BeforeAll
    static void make() throws IOException {
        SampleSet.write(made.resolve("still"), SampleSet.Size.TINY.imagesOnly());
        SampleSet.write(made.resolve("moving"), SampleSet.Size.TINY.scenesOnly());
    }

    private static Settings<Run> settings(String recipe, String data) {
        return Recipes.BOOK
                .settings(recipe)
                .set("data.path=" + made.resolve(data))
                .set("train.threads=1")
                .set("train.batch=4")
                .set("train.accumulate=1");
    }

    /** Networks draw their first values from libtorch's one generator. */
    private static Training training(Run run, Ranks ranks, List<String> leftOut) throws IOException {
        synchronized (BUILDING) {
            return Training.of(
                            run,
                            RunData.open(run),
                            List.of(),
                            (file, why) -> {},
                            (file, why) -> leftOut.add(file.getFileName() + ": " + why))
                    .among(ranks);
        }
    }

    /** What is measured, and which files are left out of it. */
    private record Found(Map<String, Double> figures, List<String> leftOut, List<String> items) {}

    private static Found measured(Run run, Ranks ranks) throws IOException, InterruptedException {
        List<String> leftOut = new ArrayList<>();
        try (Training training = training(run, ranks, leftOut)) {
            Measurement measurement = training.evaluator()
                    .orElseThrow()
                    .measure(() -> false, (done, of) -> {})
                    .orElseThrow();
            List<String> items = measurement instanceof MeasuredClasses classes
                    ? classes.scorecard().of().predictions().stream()
                            .map(each ->
                                    each.name() + " " + each.label() + " " + java.util.Arrays.toString(each.scores()))
                            .toList()
                    : List.of(((MeasuredActions) measurement).figures().toString());
            return new Found(new TreeMap<>(measurement.figures()), leftOut, items);
        }
    }

    @Test
    void ofClasses() throws Exception {
        Run run = settings("tiny-image-ft", "still/images")
                .set("train.batch=3")
                .set("train.accumulate=2")
                .value();
        assertThat(RanksHere.each(3, ranks -> measured(run, ranks)))
                .hasSize(3)
                .allMatch(measured(run, Ranks.ALONE)::equals);
    }

    @Test
    void aFileThatOneRankCannotReadIsLeftOutByAll() throws Exception {
        Path images = made.resolve("damaged");
        SampleSet.write(images, SampleSet.Size.TINY.imagesOnly());
        List<Path> held;
        try (Stream<Path> all = Files.walk(images.resolve("images/val"))) {
            held = all.filter(Files::isRegularFile).sorted().toList();
        }
        Files.writeString(held.get(1), "no picture");
        Files.writeString(held.get(held.size() - 1), "no picture");
        // One view at a time, so that all batches are the same although two have no place in them.
        Run run = settings("tiny-image-ft", "damaged/images")
                .set("train.batch=1")
                .set("train.accumulate=2")
                .set("task.mix=null")
                .set("data.max-bad-share=0.5")
                .value();
        Found alone = measured(run, Ranks.ALONE);
        assertThat(alone.leftOut()).hasSize(2);
        assertThat(alone.items()).hasSize(held.size() - 2);
        assertThat(RanksHere.each(2, ranks -> measured(run, ranks))).containsExactly(alone, alone);
    }

    @Test
    void ofActions() throws Exception {
        Run run = settings("tiny-detect", "moving/scenes").value();
        Found alone = measured(run, Ranks.ALONE);
        assertThat(alone.figures()).isNotEmpty();
        assertThat(RanksHere.each(2, ranks -> measured(run, ranks))).containsExactly(alone, alone);
    }

    private static List<String> features(Run run, Ranks ranks) throws IOException {
        List<String> told = Collections.synchronizedList(new ArrayList<>());
        Listener figures = new Listener() {
            @Override
            public void scores(long step, Map<String, Double> values) {
                told.add(step + " " + new TreeMap<>(values));
            }
        };
        try (Training training = training(run, ranks, new ArrayList<>())) {
            Listener quality = training.features(false, List.of(figures), () -> false, told::add)
                    .orElseThrow();
            IntStream.of(1, 2).forEach(epoch -> quality.epoch(epoch, 10L * epoch));
        }
        return told;
    }

    @Test
    void ofFeatures() throws Exception {
        Run run = settings("tiny-image", "still/images/train")
                .set("report.features-every=1")
                .set("report.features=11")
                .value();
        List<String> alone = features(run, Ranks.ALONE);
        assertThat(alone).hasSize(4).anyMatch(line -> line.contains("effective rank"));
        assertThat(RanksHere.each(2, ranks -> features(run, ranks))).containsExactly(alone, alone);
    }

    @Test
    void ofFeaturesOfOtherItems() throws Exception {
        Run run = settings("tiny-image", "still/images/train")
                .set("report.features-every=1")
                .set("report.features=11")
                .set("report.features-val=" + made.resolve("still/images/val"))
                .value();
        List<String> alone = features(run, Ranks.ALONE);
        assertThat(alone).hasSize(4).anyMatch(line -> line.contains("neighbours among 11 that are trained on tell"));
        assertThat(RanksHere.each(2, ranks -> features(run, ranks))).containsExactly(alone, alone);
    }

    @Test
    void theLinearProbeThatFineTuningBeginsWith() throws Exception {
        Run run = settings("tiny-image-ft", "still/images")
                .set("task.head-start=probe")
                .value();
        assertThat(RanksHere.each(2, ranks -> began(run, ranks))).allMatch(began(run, Ranks.ALONE)::equals);
    }

    private static Found began(Run run, Ranks ranks) throws IOException, InterruptedException {
        try (Training training = training(run, ranks, new ArrayList<>())) {
            training.begin();
            return new Found(
                    training.evaluator()
                            .orElseThrow()
                            .measure(() -> false, (done, of) -> {})
                            .orElseThrow()
                            .figures(),
                    List.of(),
                    List.of());
        }
    }
}
