package maskfeat.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import maskfeat.augment.CenterCrop;
import maskfeat.augment.Resize;
import maskfeat.data.Dataset;
import maskfeat.data.Item;
import maskfeat.data.MaskedClip;
import maskfeat.data.Seeds;
import maskfeat.data.Seeds.Purpose;
import maskfeat.data.Subset;
import maskfeat.data.VideoDataset;
import maskfeat.data.Views;
import maskfeat.data.Windows;
import maskfeat.eval.Prediction;
import maskfeat.eval.PredictionTimeline;
import maskfeat.media.Frames;
import maskfeat.media.ImageReader;
import maskfeat.media.MediaSource;
import maskfeat.media.UnreadableFile;
import maskfeat.model.Backbone;
import maskfeat.model.Classifier;
import maskfeat.model.MaskFeat;
import maskfeat.network.NetworkSpec;
import maskfeat.network.OpenedWeights;
import maskfeat.network.Targets;
import maskfeat.sample.SampleSet;
import maskfeat.task.Classification;
import maskfeat.task.MaskedPrediction;
import maskfeat.task.Pixels;
import maskfeat.task.Reconstruction;
import maskfeat.torch.Arrays;
import maskfeat.torch.Handles;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InferenceTest {
    /** Batches of another size sum in another order. */
    private static final Offset<Float> ROUNDING = Offset.offset(1e-5f);

    private static final Offset<Float> FEATURE_ROUNDING = Offset.offset(1e-4f);

    @TempDir
    private static Path folder = Path.of("");

    private static Path imageWeights = Path.of("");
    private static Path clipWeights = Path.of("");
    private static Path pretrainedWeights = Path.of("");
    private static Path pretrainedClipWeights = Path.of("");
    private static Dataset images;
    private static Dataset clips;
    private static Inference ofImages;
    private static Inference ofClips;
    private static Inference pretrained;

    @BeforeAll
    static void open() throws IOException {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY);
        imageWeights = NetworkFiles.write(folder.resolve("images.safetensors"), NetworkFiles.imageClassifier(), 3);
        clipWeights = NetworkFiles.write(folder.resolve("clips.safetensors"), NetworkFiles.clipClassifier(), 3);
        pretrainedWeights =
                NetworkFiles.write(folder.resolve("pretrained.safetensors"), NetworkFiles.imagePretraining(), 5);
        pretrainedClipWeights =
                NetworkFiles.write(folder.resolve("pretrained-clips.safetensors"), NetworkFiles.clipPretraining(), 5);
        ofImages = Inference.open(imageWeights, "cpu");
        ofClips = Inference.open(clipWeights, "cpu");
        pretrained = Inference.open(pretrainedWeights, "cpu");
        images = Dataset.open(folder.resolve("set/images/val"), ofImages.input().clip());
        Dataset all =
                Dataset.open(folder.resolve("set/clips/val"), ofClips.input().clip());
        clips = Subset.of(all, all.items().subList(0, 3), all.classes());
    }

    @AfterAll
    static void close() {
        ofImages.close();
        ofClips.close();
        pretrained.close();
    }

    private static Path image(int number) {
        return images.items().get(number).file();
    }

    private static Path clip(int number) {
        return clips.items().get(number).file();
    }

    // ---- scores ----------------------------------------------------------------------------------------------------

    /** The scores of training's own way of measuring, of one square. */
    private static float[] measured(Path weights, Frames square) throws IOException {
        try (OpenedWeights opened = OpenedWeights.open(weights);
                Classifier model = opened.classifier("cpu")) {
            return new Classification(
                            model,
                            NetworkFiles.CLASSES.size(),
                            opened.spec().input().normalize(),
                            Classification.Objective.plain(),
                            new Seeds(0),
                            new Device("cpu"))
                    .scores(List.of(square))
                    .get(0);
        }
    }

    @Test
    void anImageHasTheScoresThatMeasuringGivesItsMiddle() throws IOException {
        Frames whole = new ImageReader().read(image(0));
        float[] scores = ofImages.scores(image(0));
        assertThat(scores)
                .hasSize(3)
                .containsExactly(
                        measured(
                                imageWeights,
                                ofImages.input().crop(1).apply(whole, 0).frames()),
                        ROUNDING);
        assertThat(ofImages.scores(whole)).isEqualTo(scores);
        assertThat(ofImages.scores(image(1))).isNotEqualTo(scores);
        assertThat(ofImages.classes()).isEqualTo(NetworkFiles.CLASSES);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 3", "2, 1"})
    void aVideoHasTheScoresThatADataSetOfItHas(int temporal, int spatial) throws Exception {
        Views views = new Views(temporal, spatial);
        List<Prediction> alone = scored(new Batching(views, views.count(), 1));
        List<Prediction> together = scored(new Batching(views, 7, 2));
        for (int i = 0; i < clips.size(); i++) {
            float[] scores = ofClips.scores(MediaSource.of(clip(i)), views);
            assertThat(scores).isEqualTo(alone.get(i).scores());
            assertThat(scores).containsExactly(together.get(i).scores(), ROUNDING);
        }
        assertThat(alone.get(0).scores()).isNotEqualTo(alone.get(1).scores());
        float[] expected = new float[3];
        for (int view = 0; view < views.count(); view++) {
            Frames seen = VideoDataset.clip(clip(0), ofClips.input().clip(), view / spatial, temporal);
            float[] one = measured(
                    clipWeights,
                    ofClips.input().crop(spatial).apply(seen, view % spatial).frames());
            for (int c = 0; c < expected.length; c++) {
                expected[c] += one[c] / views.count();
            }
        }
        assertThat(alone.get(0).scores()).containsExactly(expected, ROUNDING);
    }

    private static List<Prediction> scored(Batching batching) throws IOException, InterruptedException {
        return ofClips.scoring(clips, batching)
                .run(() -> false, (done, of) -> {})
                .orElseThrow();
    }

    @Test
    void manyFilesComeInTheirOrderAndOneThatCannotBeReadKeepsNoOther() throws Exception {
        Item text = new Item(Files.writeString(folder.resolve("text.jpg"), "no picture"), Item.UNLABELLED);
        List<Item> items = new ArrayList<>(images.items());
        items.add(3, text);
        List<Item> come = new ArrayList<>();
        Views views = new Views(1, 3);
        boolean whole = ofImages.scores(
                items, new FileViews(ofImages.input().clip()), new Batching(views, 7, 2), () -> false, new Results<>() {
                    @Override
                    public void take(Item item, float[] scores) throws IOException {
                        come.add(item);
                        assertThat(scores)
                                .containsExactly(ofImages.scores(MediaSource.of(item.file()), views), ROUNDING);
                    }

                    @Override
                    public void unreadable(Item item, IOException why) {
                        come.add(item);
                        assertThat(item).isEqualTo(text);
                        assertThat(why).hasMessageContaining("text.jpg");
                    }
                });
        assertThat(whole).isTrue();
        assertThat(come).isEqualTo(items);
    }

    @Test
    void aTimelineHasTheScoresOfEachWindow() throws IOException {
        Windows.Sliding sliding = Windows.Sliding.every(0.08);
        PredictionTimeline timeline = ofClips.timeline(MediaSource.of(clip(0)), sliding);
        try (Windows windows = Windows.open(clip(0), ofClips.input().clip(), sliding)) {
            assertThat(timeline.windows()).hasSize(windows.count()).hasSizeGreaterThan(2);
            for (PredictionTimeline.ScoredWindow scored : timeline.windows()) {
                Windows.WindowClip window = windows.next();
                Frames square =
                        ofClips.input().crop(1).apply(window.frames(), 0).frames();
                assertThat(scored.scores()).containsExactly(measured(clipWeights, square), ROUNDING);
                assertThat(scored.startSeconds()).isEqualTo(window.startSeconds());
                assertThat(scored.endSeconds()).isEqualTo(window.endSeconds());
            }
        }
        assertThatThrownBy(() -> ofImages.timeline(MediaSource.of(image(0)), sliding))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("reads images");
    }

    @Test
    void windowsHaveTheFeaturesOfTheirFrames() throws IOException {
        Windows.Sliding sliding = Windows.Sliding.every(0.1);
        List<Double> seen = new ArrayList<>();
        try (Windows windows = Windows.open(clip(0), ofClips.input().clip(), sliding);
                Windows again = Windows.open(clip(0), ofClips.input().clip(), sliding)) {
            List<WindowFeatures> all =
                    ofClips.features(windows, List.of(0, 4), 2, window -> seen.add(window.startSeconds()));
            assertThat(all).hasSize(again.count()).hasSizeGreaterThan(2);
            for (WindowFeatures each : all) {
                Windows.WindowClip window = again.next();
                float[][] own = ofClips.features(window.frames(), List.of(0, 4));
                assertThat(each.features()[0]).containsExactly(own[0], FEATURE_ROUNDING);
                assertThat(each.features()[1]).containsExactly(own[1], FEATURE_ROUNDING);
                assertThat(each.endSeconds()).isEqualTo(window.endSeconds());
            }
            assertThat(seen)
                    .isEqualTo(all.stream().map(WindowFeatures::startSeconds).toList());
        }
    }

    // ---- features --------------------------------------------------------------------------------------------------

    @Test
    void featuresAreTheMeanOfThePatchTokensOfTheMiddle() throws IOException {
        Frames whole = new ImageReader().read(image(0));
        Frames middle = new CenterCrop(72, NetworkFiles.SIDE, Resize.Filter.BICUBIC)
                .apply(whole, new Seeds(9).of(Purpose.AUGMENT, 9, 9))
                .frames();
        float[] features = pretrained.features(image(0));
        float[] expected = new float[features.length];
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                OpenedWeights opened = OpenedWeights.open(pretrainedWeights);
                Backbone backbone = opened.backbone("cpu")) {
            Pixels pixels = new Pixels(opened.spec().input().normalize(), new Device("cpu"));
            float[] tokens = Arrays.floats(
                    backbone.encode(backbone.embed(pixels.of(List.of(middle)))).x()); // class token first
            int dim = features.length;
            int count = tokens.length / dim - 1;
            for (int i = dim; i < tokens.length; i++) {
                expected[i % dim] += tokens[i] / count;
            }
        }
        assertThat(features).containsExactly(expected, within(1e-5f));
        assertThat(pretrained.features(whole)).isEqualTo(features);
        assertThat(pretrained.features(image(1))).isNotEqualTo(features);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 300", "300, 2", "64, 64", "31, 500"})
    void imagesOfAnySizeAndShapeHaveFeatures(int height, int width) {
        byte[] rgb = new byte[height * width * 3];
        new java.util.Random(1).nextBytes(rgb);
        float[] features = pretrained.features(Frames.image(height, width, rgb));
        assertThat(features).hasSize(16);
        for (float feature : features) {
            assertThat(feature).isFinite();
        }
    }

    private static List<float[][]> ofDataSet(Inference network, List<Integer> blocks, int batch, int threads)
            throws IOException, InterruptedException {
        return network.features(
                        images, blocks, new Batching(Views.MIDDLE, batch, threads), () -> false, (done, of) -> {})
                .orElseThrow();
    }

    @Test
    void featuresOfADataSetAreThoseOfEachItemInTheirOrder() throws IOException, InterruptedException {
        float[][] features = ofDataSet(pretrained, List.of(1), 7, 2).get(0);
        assertThat(features).hasNumberOfRows(images.size());
        for (int i = 0; i < features.length; i++) {
            assertThat(features[i]).containsExactly(pretrained.features(image(i)), FEATURE_ROUNDING);
        }
        assertThat(features[0]).isNotEqualTo(features[1]);
    }

    @Test
    void readingThreadsChangeNothingAndBatchesOnlyRounding() throws IOException, InterruptedException {
        float[][] features = ofDataSet(pretrained, List.of(0), 8, 1).get(0);
        assertThat(ofDataSet(pretrained, List.of(0), 8, 3).get(0)).isDeepEqualTo(features);
        float[][] oneByOne = ofDataSet(pretrained, List.of(0), 1, 2).get(0);
        for (int i = 0; i < features.length; i++) {
            assertThat(oneByOne[i]).containsExactly(features[i], FEATURE_ROUNDING);
        }
    }

    @Test
    void blocksTogetherAreBlocksAlone() throws IOException, InterruptedException {
        List<float[][]> both = ofDataSet(pretrained, List.of(0, 1), 8, 2);
        assertThat(ofDataSet(pretrained, List.of(0), 8, 2).get(0)).isDeepEqualTo(both.get(0));
        assertThat(ofDataSet(pretrained, List.of(1), 8, 2).get(0)).isDeepEqualTo(both.get(1));
        assertThat(both.get(0)[0]).isNotEqualTo(both.get(1)[0]);
        assertThatThrownBy(() -> ofDataSet(pretrained, List.of(1, 9), 8, 2)).hasMessageContaining("0 to 1");
        assertThatThrownBy(() -> ofDataSet(pretrained, List.of(1, 1), 8, 2)).hasMessageContaining("ascending");
        assertThatThrownBy(() -> ofDataSet(pretrained, List.of(), 8, 2)).hasMessageContaining("no block");
        assertThat(pretrained.depth()).isEqualTo(2);
    }

    @Test
    void viewsOfAVideoAreAveraged() throws IOException {
        float[][] found = ofClips.features(MediaSource.of(clip(1)), List.of(0), new Views(2, 3));
        float[] expected = new float[found[0].length];
        for (int view = 0; view < 6; view++) {
            Frames seen = VideoDataset.clip(clip(1), ofClips.input().clip(), view / 3, 2);
            Frames square = ofClips.input().crop(3).apply(seen, view % 3).frames();
            // A square of the size that is read is its own middle of a crop of the same short side.
            float[] one = ofSquare(ofClips, square);
            for (int c = 0; c < expected.length; c++) {
                expected[c] += one[c] / 6;
            }
        }
        assertThat(found[0]).containsExactly(expected, FEATURE_ROUNDING);
        assertThatThrownBy(() -> pretrained.features(MediaSource.of(image(0)), List.of(0), new Views(2, 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("an image has one moment");
    }

    private static float[] ofSquare(Inference network, Frames square) throws IOException {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                OpenedWeights opened = OpenedWeights.open(network.file());
                Classifier model = opened.classifier("cpu")) {
            Pixels pixels = new Pixels(network.input().normalize(), new Device("cpu"));
            Backbone backbone = model.backbone();
            return Arrays.floats(backbone.encode(backbone.embed(pixels.of(List.of(square))), List.of(0))
                    .get(0)
                    .patchMean());
        }
    }

    @Test
    void whatCannotBeReadIsLeftOutWhereverItStandsOrEndsIt() throws IOException, InterruptedException {
        Path broken = Files.writeString(folder.resolve("broken.png"), "no picture");
        Item bad = new Item(broken, Item.UNLABELLED);
        List<Item> good = images.items().subList(0, 3);
        List<Item> items = List.of(bad, good.get(0), bad, good.get(1), good.get(2), bad);
        List<Path> taken = new ArrayList<>();
        List<Path> left = new ArrayList<>();
        ViewSource source = new FileViews(pretrained.input().clip());
        Batching batching = new Batching(Views.MIDDLE, 2, 2);
        assertThat(pretrained.features(items, source, List.of(0), batching, () -> false, new Results<>() {
                    @Override
                    public void take(Item item, float[][] features) {
                        taken.add(item.file());
                    }

                    @Override
                    public void unreadable(Item item, IOException why) {
                        left.add(item.file());
                    }
                }))
                .isTrue();
        assertThat(taken).isEqualTo(good.stream().map(Item::file).toList());
        assertThat(left).containsExactly(broken, broken, broken);
        Dataset withBroken = Subset.of(images, items, images.classes());
        assertThatThrownBy(() -> pretrained.features(withBroken, List.of(0), batching, () -> false, (done, of) -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("broken.png");
    }

    @Test
    void stopsWhenAskedTo() throws IOException, InterruptedException {
        Batching batching = new Batching(Views.MIDDLE, 4, 2);
        assertThat(pretrained.features(images, List.of(0), batching, () -> true, (done, of) -> {}))
                .isEmpty();
        assertThat(ofImages.scoring(images, batching).run(() -> true, (done, of) -> {}))
                .isEmpty();
    }

    @Test
    void untrainedIsTheSameNetworkWithFirstValuesOfTheSeed() throws IOException {
        NetworkSpec spec = NetworkFiles.imagePretraining();
        float[] expected;
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Backbone backbone = spec.buildBackbone(5, new Device("cpu"))) {
            backbone.train(false);
            Frames square = spec.input()
                    .crop(1)
                    .apply(new ImageReader().read(image(0)), 0)
                    .frames();
            Pixels pixels = new Pixels(spec.input().normalize(), new Device("cpu"));
            expected = Arrays.floats(
                    backbone.encode(backbone.embed(pixels.of(List.of(square)))).patchMean());
        }
        try (OpenedWeights opened = OpenedWeights.open(pretrainedWeights);
                Inference same = Inference.untrained(opened, 5, "cpu");
                Inference other = Inference.untrained(opened, 6, "cpu")) {
            assertThat(same.features(image(0))).isEqualTo(expected);
            assertThat(other.features(image(0))).isNotEqualTo(expected);
            assertThat(same.canReconstruct()).isFalse();
        }
        try (OpenedWeights opened = OpenedWeights.open(imageWeights);
                Inference classifier = Inference.untrained(opened, 5, "cpu")) {
            assertThat(classifier.scores(image(0))).hasSize(3);
        }
    }

    @Test
    void aClassifierHasFeaturesToo() throws IOException {
        assertThat(ofImages.features(image(0))).hasSize(16).isNotEqualTo(pretrained.features(image(0)));
        assertThat(ofImages.isClassifier()).isTrue();
        assertThat(pretrained.isClassifier()).isFalse();
    }

    // ---- reconstruction --------------------------------------------------------------------------------------------

    @Test
    void aReconstructionIsThatOfPreTraining() throws IOException {
        for (Path weights : List.of(pretrainedWeights, pretrainedClipWeights)) {
            boolean still = weights.equals(pretrainedWeights);
            Path file = still ? image(2) : clip(2);
            try (OpenedWeights opened = OpenedWeights.open(weights);
                    MaskFeat model = opened.maskFeat("cpu");
                    Inference network = Inference.of(opened, "cpu")) {
                NetworkSpec spec = opened.spec();
                Targets targets = opened.prediction().targets(spec.input(), spec.backbone());
                Frames whole = still
                        ? new ImageReader().read(file)
                        : VideoDataset.clip(file, spec.input().clip(), 0, 1);
                Frames frames = new CenterCrop(
                                spec.input().shortSide(),
                                NetworkFiles.SIDE,
                                spec.input().resize())
                        .apply(whole, new Seeds(1).of(Purpose.AUGMENT, 0, 4))
                        .frames();
                boolean[] hidden =
                        opened.prediction().mask().draw(targets.maskGrid(), new Seeds(1).of(Purpose.MASK, 0, 4));
                MaskedClip sample = new MaskedClip(frames, hidden, targets.of(frames, hidden));
                Reconstruction expected = Reconstruction.of(
                                new MaskedPrediction(model, spec.input().normalize(), targets, new Device("cpu")),
                                List.of(sample))
                        .get(0)
                        .get(0);

                Reconstruction found =
                        network.reconstruct(MediaSource.of(file), 1, 4).get(0);
                assertThat(found.loss())
                        .isEqualTo(expected.loss(), within(1e-6))
                        .isPositive();
                assertThat(found.clip().hidden()).isEqualTo(hidden);
                assertThat(found.clip().frames().rgb()).isEqualTo(frames.rgb());
                assertThat(network.reconstruct(MediaSource.of(file), 1, 5)
                                .get(0)
                                .clip()
                                .hidden())
                        .isNotEqualTo(hidden);
            }
        }
    }

    @Test
    void withoutItsHeadANetworkGivesFeaturesAlone() throws IOException {
        Path bare =
                NetworkFiles.write(folder.resolve("bare.safetensors"), NetworkFiles.imagePretraining(), 5, "pred_head");
        try (Inference network = Inference.open(bare, "cpu")) {
            assertThat(network.canReconstruct()).isFalse();
            assertThat(network.features(image(0))).isEqualTo(pretrained.features(image(0)));
            assertThatThrownBy(() -> network.reconstruct(MediaSource.of(image(0)), 0, 0))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContainingAll(bare.toString(), "prediction head");
        }
        assertThat(pretrained.canReconstruct()).isTrue();
        assertThatThrownBy(() -> pretrained.scores(image(0)))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContainingAll(pretrainedWeights.toString(), "not a classifier");
    }

    // ---- what goes in ----------------------------------------------------------------------------------------------

    @Test
    void bytesAndStreamsOfAnImageAreTheImage() throws IOException {
        byte[] bytes = Files.readAllBytes(image(0));
        float[] features = ofImages.features(image(0));
        assertThat(ofImages.features(MediaSource.of("upload", bytes))).isEqualTo(features);
        assertThat(ofImages.features(MediaSource.read("upload", new ByteArrayInputStream(bytes))))
                .isEqualTo(features);
        assertThat(ofImages.scores(MediaSource.of("upload", bytes))).isEqualTo(ofImages.scores(image(0)));
    }

    @Test
    void bytesAndStreamsOfAVideoAreTheVideo() throws IOException {
        byte[] bytes = Files.readAllBytes(clip(0));
        Views views = new Views(2, 1);
        float[] scores = ofClips.scores(MediaSource.of(clip(0)), views);
        assertThat(ofClips.scores(MediaSource.of("upload", bytes), views)).isEqualTo(scores);
        assertThat(ofClips.scores(MediaSource.read("upload", new ByteArrayInputStream(bytes)), views))
                .isEqualTo(scores);
        Windows.Sliding sliding = Windows.Sliding.every(0.1);
        assertThat(ofClips.timeline(MediaSource.of("upload", bytes), sliding).scores())
                .isEqualTo(ofClips.timeline(MediaSource.of(clip(0)), sliding).scores());
    }

    @Test
    void errorsNameTheSourceAsTheCallerDid() throws IOException {
        byte[] image = Files.readAllBytes(image(0));
        byte[] half = java.util.Arrays.copyOf(Files.readAllBytes(clip(0)), 200);
        assertThatThrownBy(() -> ofImages.scores(MediaSource.of("upload 7", new byte[0])))
                .isInstanceOf(UnreadableFile.class)
                .hasMessage("upload 7 is empty");
        assertThatThrownBy(() -> ofImages.scores(MediaSource.of("upload 7", half)))
                .isInstanceOf(UnreadableFile.class)
                .hasMessageStartingWith("upload 7 is a video");
        assertThatThrownBy(() -> ofClips.scores(MediaSource.of("upload 7", image)))
                .isInstanceOf(UnreadableFile.class)
                .hasMessageStartingWith("upload 7 is not a video");
        assertThatThrownBy(() -> ofClips.scores(MediaSource.of("upload 7", half)))
                .isInstanceOf(UnreadableFile.class)
                .hasMessageStartingWith("upload 7 is truncated");
        assertThatThrownBy(() -> ofClips.scores(folder.resolve("none.mp4")))
                .isInstanceOf(UnreadableFile.class)
                .hasMessage(folder.resolve("none.mp4") + " does not exist");
    }

    // ---- threads ---------------------------------------------------------------------------------------------------

    private static <T> List<T> onThreads(int threads, int times, Callable<T> work) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<T>> futures =
                    IntStream.range(0, times).mapToObj(i -> pool.submit(work)).toList();
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.get());
            }
            return results;
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void eightThreadsGetTheAnswersOfOne() throws Exception {
        float[][] image = new float[2][];
        float[][] features = new float[2][];
        float[][] clip = new float[2][];
        double[] loss = new double[2];
        for (int i = 0; i < 2; i++) {
            image[i] = ofImages.scores(image(i));
            features[i] = ofClips.features(clip(i));
            clip[i] = ofClips.scores(clip(i));
            loss[i] = pretrained
                    .reconstruct(MediaSource.of(image(i)), 3, i)
                    .get(0)
                    .loss();
        }
        List<Boolean> same = onThreads(8, 8, () -> {
            for (int i = 0; i < 2; i++) {
                assertThat(ofImages.scores(image(i))).containsExactly(image[i], ROUNDING);
                assertThat(ofClips.features(clip(i))).containsExactly(features[i], FEATURE_ROUNDING);
                assertThat(ofClips.scores(clip(i))).containsExactly(clip[i], ROUNDING);
                assertThat(pretrained
                                .reconstruct(MediaSource.of(image(i)), 3, i)
                                .get(0)
                                .loss())
                        .isEqualTo(loss[i], within(1e-5));
            }
            return true;
        });
        assertThat(same).hasSize(8);
        assertThat(image[0]).isNotEqualTo(image[1]);
        assertThat(clip[0]).isNotEqualTo(clip[1]);
    }

    @Test
    void closingWaitsForThoseWhoUseIt() throws Exception {
        Inference network = Inference.open(imageWeights, "cpu");
        Frames frames = new ImageReader().read(image(0));
        float[] scores = network.scores(frames);
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            List<Future<Integer>> users = IntStream.range(0, 4)
                    .mapToObj(i -> pool.submit(() -> {
                        int answers = 0;
                        while (true) {
                            try {
                                assertThat(network.scores(frames)).containsExactly(scores, ROUNDING);
                                answers++;
                            } catch (IllegalStateException closed) {
                                assertThat(closed).hasMessageContaining("is closed");
                                return answers;
                            }
                        }
                    }))
                    .toList();
            Thread.sleep(50);
            network.close();
            network.close();
            for (Future<Integer> user : users) {
                assertThat(user.get()).isNotNegative();
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void callsLeaveNothingBehind() throws IOException, InterruptedException {
        Frames frames = new ImageReader().read(image(0));
        ofImages.scores(frames);
        ofImages.features(frames);
        long before = Handles.settled();
        for (int i = 0; i < 10; i++) {
            ofImages.scores(frames);
            ofImages.features(frames);
        }
        assertThat(Handles.now()).isLessThanOrEqualTo(before);
    }
}
