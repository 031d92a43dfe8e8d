package maskfeat.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import maskfeat.data.Dataset;
import maskfeat.data.Item;
import maskfeat.disk.AtomicFile;
import maskfeat.media.Frames;
import maskfeat.media.ImageReader;
import maskfeat.model.Classifier;
import maskfeat.model.MaskFeat;
import maskfeat.sample.SampleSet;
import maskfeat.weights.TensorFile;
import org.bytedeco.pytorch.Device;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureExtractionTest {
    private static final Finetune.Views ONE = new Finetune.Views(1, 1);

    @TempDir
    private static Path folder = Path.of("");

    private static Dataset images;
    private static FrozenNetwork network;

    @BeforeAll
    static void build() throws IOException {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY);
        network = FrozenNetwork.open(weights("tiny-image", 5), "cpu");
        images = Dataset.open(folder.resolve("set/images/val"), network.input().clip());
    }

    @AfterAll
    static void close() {
        network.close();
    }

    private static Path weights(String recipe, long seed) throws IOException {
        Blueprint blueprint = Blueprint.of(
                Objects.requireNonNull(Recipes.byName().get(recipe)).run());
        Path file = folder.resolve(recipe + "-" + seed + ".safetensors");
        try (MaskFeat model = blueprint.buildModel(seed, new Device("cpu"))) {
            AtomicFile.write(file, TensorFile.content(blueprint.metadata(), model.parameters()));
        }
        return file;
    }

    private static List<float[][]> features(FrozenNetwork of, List<Integer> blocks, int batch, int threads)
            throws IOException, InterruptedException {
        return new FeatureExtraction(of, blocks, ONE, batch, threads)
                .run(images, () -> false, (done, all) -> {})
                .orElseThrow();
    }

    @Test
    void areThoseOfEachItemByItselfInTheirOrder() throws IOException, InterruptedException {
        int last = network.backbone().depth() - 1;
        float[][] features = features(network, List.of(last), 7, 2).get(0);
        assertThat(features).hasNumberOfRows(images.size());
        for (int i = 0; i < features.length; i++) {
            Frames whole = new ImageReader().read(images.items().get(i).file());
            assertThat(features[i]).containsExactly(network.embedding().of(whole), within(1e-4f));
        }
        assertThat(features[0]).isNotEqualTo(features[1]);
    }

    @Test
    void threadsChangeNothingAndBatchesOnlyRounding() throws IOException, InterruptedException {
        float[][] features = features(network, List.of(0), 8, 1).get(0);
        assertThat(features(network, List.of(0), 8, 3).get(0)).isDeepEqualTo(features);
        float[][] oneByOne = features(network, List.of(0), 1, 2).get(0);
        for (int i = 0; i < features.length; i++) {
            assertThat(oneByOne[i]).containsExactly(features[i], within(1e-4f));
        }
    }

    @Test
    void blocksTogetherAreBlocksAlone() throws IOException, InterruptedException {
        List<float[][]> both = features(network, List.of(0, 1), 8, 2);
        assertThat(features(network, List.of(0), 8, 2).get(0)).isDeepEqualTo(both.get(0));
        assertThat(features(network, List.of(1), 8, 2).get(0)).isDeepEqualTo(both.get(1));
        assertThat(both.get(0)[0]).isNotEqualTo(both.get(1)[0]);
        assertThatThrownBy(() -> features(network, List.of(1, 9), 8, 2)).hasMessageContaining("0 to 1");
        assertThatThrownBy(() -> features(network, List.of(), 8, 2)).hasMessageContaining("no block");
    }

    @Test
    void viewsOfAVideoAreAveraged() throws IOException, InterruptedException {
        try (FrozenNetwork ofClips = FrozenNetwork.open(weights("tiny-video", 5), "cpu")) {
            Dataset clips = Dataset.open(
                    folder.resolve("set/clips/val"), ofClips.input().clip());
            List<Item> two = clips.items().subList(0, 2);
            List<float[]> found = new ArrayList<>();
            new FeatureExtraction(ofClips, List.of(0), new Finetune.Views(2, 3), 4, 2)
                    .run(two, clips::readView, () -> false, (item, features) -> found.add(features[0]), (item, why) -> {
                        throw why;
                    });
            assertThat(found).hasSize(2);
            float[] expected = new float[found.get(1).length];
            for (int view = 0; view < 6; view++) {
                Frames seen = ofClips.input()
                        .crop(3)
                        .apply(clips.readView(two.get(1), view / 3, 2), view % 3)
                        .frames();
                float[] one = ofClips.embedding().of(List.of(seen), List.of(0)).get(0)[0];
                for (int c = 0; c < expected.length; c++) {
                    expected[c] += one[c] / 6;
                }
            }
            assertThat(found.get(1)).containsExactly(expected, within(1e-4f));
        }
        assertThatThrownBy(() -> new FeatureExtraction(network, List.of(0), new Finetune.Views(2, 1), 4, 2))
                .hasMessageContaining("an image has one moment");
    }

    @Test
    void whatCannotBeReadIsLeftOutWhereverItStandsOrEndsIt() throws IOException, InterruptedException {
        Path broken = Files.writeString(folder.resolve("broken.png"), "no picture");
        Item bad = new Item(broken, Item.UNLABELLED);
        List<Item> items = List.of(
                bad,
                images.items().get(0),
                bad,
                images.items().get(1),
                images.items().get(2),
                bad);
        List<Path> taken = new ArrayList<>();
        List<Path> left = new ArrayList<>();
        FeatureExtraction extraction = new FeatureExtraction(network, List.of(0), ONE, 2, 2);
        ViewSource source = ViewSource.files(network.input().clip());
        assertThat(extraction.run(
                        items,
                        source,
                        () -> false,
                        (item, features) -> taken.add(item.file()),
                        (item, why) -> left.add(item.file())))
                .isTrue();
        assertThat(taken)
                .isEqualTo(images.items().subList(0, 3).stream().map(Item::file).toList());
        assertThat(left).containsExactly(broken, broken, broken);
        assertThatThrownBy(() -> extraction.run(items, source, () -> false, (item, features) -> {}, (item, why) -> {
                    throw why;
                }))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("broken.png");
    }

    @Test
    void stopsWhenAskedTo() throws IOException, InterruptedException {
        assertThat(new FeatureExtraction(network, List.of(0), ONE, 4, 2).run(images, () -> true, (done, of) -> {}))
                .isEmpty();
    }

    @Test
    void untrainedIsTheSameNetworkWithFirstValuesOfTheSeed() throws IOException, InterruptedException {
        Path file = weights("tiny-image", 5);
        float[][] trained = features(network, List.of(1), 8, 2).get(0);
        try (FrozenNetwork same = FrozenNetwork.untrained(file, 5, "cpu");
                FrozenNetwork other = FrozenNetwork.untrained(file, 6, "cpu")) {
            assertThat(features(same, List.of(1), 8, 2).get(0)).isDeepEqualTo(trained);
            assertThat(features(other, List.of(1), 8, 2).get(0)[0]).isNotEqualTo(trained[0]);
        }
    }

    @Test
    void aClassifierHasFeaturesToo() throws IOException {
        ClassifierBlueprint blueprint = new ClassifierBlueprint(
                network.input(),
                Objects.requireNonNull(Recipes.byName().get("tiny-image")).run().model(),
                Classifier.Head.mean(),
                List.of("a", "b"));
        Path file = folder.resolve("classifier.safetensors");
        Frames image = new ImageReader().read(images.items().get(0).file());
        try (Classifier model = blueprint.buildModel(3, new Device("cpu"))) {
            AtomicFile.write(file, TensorFile.content(blueprint.metadata(), model.parameters()));
        }
        try (FrozenNetwork opened = FrozenNetwork.open(file, "cpu")) {
            assertThat(opened.input()).isEqualTo(network.input());
            assertThat(opened.backbone().training()).isFalse();
            assertThat(opened.embedding().of(image))
                    .hasSize(opened.backbone().dim())
                    .isNotEqualTo(network.embedding().of(image));
        }
    }
}
