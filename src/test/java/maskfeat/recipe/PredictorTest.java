package maskfeat.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import maskfeat.data.Dataset;
import maskfeat.data.Subset;
import maskfeat.data.Windows;
import maskfeat.disk.AtomicFile;
import maskfeat.eval.Prediction;
import maskfeat.eval.PredictionTimeline;
import maskfeat.model.Classifier;
import maskfeat.sample.SampleSet;
import maskfeat.torch.Devices;
import maskfeat.weights.TensorFile;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictorTest {
    /** Batches of another size sum in another order. */
    private static final Offset<Float> ROUNDING = Offset.offset(1e-5f);

    @TempDir
    private static Path folder = Path.of("");

    private static Path videos = Path.of("");
    private static Path images = Path.of("");

    @BeforeAll
    static void makeData() throws IOException {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY);
        videos = folder.resolve("set/clips/val");
        images = folder.resolve("set/images/val");
    }

    /** Weights of a network that has learned nothing, but has an opinion of each picture. */
    private static Path weights(String recipe) throws IOException {
        Finetune settings =
                Objects.requireNonNull(FinetuneRecipes.byName().get(recipe)).run();
        ClassifierBlueprint blueprint = new ClassifierBlueprint(
                settings.input(), settings.model(), settings.head(), List.of("one", "two", "three"));
        Path file = folder.resolve(recipe + ".safetensors");
        try (Classifier model = blueprint.buildModel(3, Devices.named("cpu"))) {
            AtomicFile.write(file, TensorFile.content(blueprint.metadata(), model.parameters()));
        }
        return file;
    }

    private static List<Prediction> scoring(Path weights, Dataset dataset, Finetune.Views views, int batch)
            throws Exception {
        ClassifierBlueprint blueprint = ClassifierBlueprint.read(weights);
        try (Classifier model = blueprint.load(weights, "cpu")) {
            return new Scoring(dataset, blueprint.scorer(model, "cpu"), blueprint.input(), views, batch, 1)
                    .run(() -> false, (done, of) -> {})
                    .orElseThrow();
        }
    }

    @Test
    void saysOfVideosWhatScoringSays() throws Exception {
        Path weights = weights("tiny-video-ft");
        for (Finetune.Views views : List.of(Predictor.MIDDLE, new Finetune.Views(2, 3))) {
            ClassifierBlueprint blueprint = ClassifierBlueprint.read(weights);
            Dataset all = Dataset.open(videos, blueprint.input().clip());
            Dataset dataset = Subset.of(all, all.items().subList(0, 4), all.classes());
            List<Prediction> alone = scoring(weights, dataset, views, views.count());
            List<Prediction> together = scoring(weights, dataset, views, 7);
            try (Predictor predictor = Predictor.load(weights, "cpu")) {
                for (int i = 0; i < dataset.size(); i++) {
                    float[] scores = predictor.scores(dataset.items().get(i).file(), views);
                    assertThat(scores).isEqualTo(alone.get(i).scores());
                    assertThat(scores).containsExactly(together.get(i).scores(), ROUNDING);
                }
                assertThat(predictor.scores(dataset.items().get(0).file(), views))
                        .isNotEqualTo(predictor.scores(dataset.items().get(1).file(), views));
            }
        }
    }

    @Test
    void manyFilesAreAnsweredInTheirOrderAndOneThatCannotBeReadKeepsNoOther() throws Exception {
        Path weights = weights("tiny-image-ft");
        List<Path> files = new ArrayList<>();
        ClassifierBlueprint blueprint = ClassifierBlueprint.read(weights);
        Dataset.open(images, blueprint.input().clip()).items().forEach(item -> files.add(item.file()));
        Path text = Files.writeString(folder.resolve("text.jpg"), "no picture");
        files.add(3, text);
        List<Path> answered = new ArrayList<>();
        Finetune.Views views = new Finetune.Views(1, 3);
        try (Predictor predictor = Predictor.load(weights, "cpu", 7)) {
            predictor.scores(files, views, new Predictor.Answers() {
                @Override
                public void answer(Predictor.Answer answer) throws IOException {
                    answered.add(answer.file());
                    assertThat(answer.timeline()).isEmpty();
                    assertThat(answer.scores()).containsExactly(predictor.scores(answer.file(), views), ROUNDING);
                }

                @Override
                public void unreadable(Path file, IOException reason) {
                    answered.add(file);
                    assertThat(file).isEqualTo(text);
                    assertThat(reason).hasMessageContaining("text.jpg");
                }
            });
            assertThat(answered).isEqualTo(files);
            assertThatThrownBy(() -> predictor.scores(files.get(0), new Finetune.Views(2, 1)))
                    .hasMessageContaining("one moment");
            assertThatThrownBy(() -> predictor.timeline(files.get(0), 1)).hasMessageContaining("reads images");
        }
    }

    @Test
    void aTimelineHasTheScoresOfEachWindow() throws Exception {
        Path weights = weights("tiny-video-ft");
        ClassifierBlueprint blueprint = ClassifierBlueprint.read(weights);
        Path video =
                Dataset.open(videos, blueprint.input().clip()).items().get(0).file();
        try (Predictor predictor = Predictor.load(weights, "cpu", 3)) {
            PredictionTimeline timeline = predictor.timeline(video, 0.05);
            try (Windows windows = Windows.open(video, blueprint.input().clip(), Windows.Sliding.every(0.05));
                    Classifier model = blueprint.load(weights, "cpu")) {
                assertThat(timeline.windows()).hasSize(windows.count()).hasSizeGreaterThan(3);
                for (PredictionTimeline.Window scored : timeline.windows()) {
                    Windows.Window window = windows.next();
                    float[] own = blueprint
                            .scorer(model, "cpu")
                            .scores(List.of(blueprint
                                    .input()
                                    .crop(1)
                                    .apply(window.frames(), 0)
                                    .frames()))
                            .get(0);
                    assertThat(scored.scores()).containsExactly(own, ROUNDING);
                    assertThat(scored.startSeconds()).isEqualTo(window.startSeconds());
                    assertThat(scored.endSeconds()).isEqualTo(window.endSeconds());
                }
            }
        }
    }
}
