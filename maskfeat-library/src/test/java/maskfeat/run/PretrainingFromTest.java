package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import maskfeat.disk.AtomicFile;
import maskfeat.model.Classifier;
import maskfeat.model.MaskFeat;
import maskfeat.network.Head;
import maskfeat.network.NetworkSpec;
import maskfeat.network.OpenedWeights;
import maskfeat.network.Transfer;
import maskfeat.nn.Layer;
import maskfeat.sample.SampleSet;
import maskfeat.weights.TensorFile;
import maskfeat.weights.WeightsMismatch;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pre-training that goes on from weights. */
class PretrainingFromTest {
    @TempDir
    Path temp;

    private Path images;
    private Run run;

    @BeforeEach
    void make() throws Exception {
        SampleSet.write(temp.resolve("set"), SampleSet.Size.TINY.imagesOnly());
        images = temp.resolve("set/images/train");
        run = run();
    }

    private static Run run(String... assignments) {
        return Runs.run("tiny-image", assignments);
    }

    /** Of {@link #run}, beginning with these weights. */
    private Training pretrainingFrom(Path file) throws Exception {
        Run of = run("data.path=" + images, "from=" + file);
        return Training.of(of, RunData.open(of));
    }

    private Path weights(Run of) throws Exception {
        NetworkSpec spec = Runs.spec(of);
        try (Layer network = spec.build(7, new Device("cpu"))) {
            return write(spec.metadata(), network);
        }
    }

    private Path write(Map<String, String> metadata, Layer network) throws Exception {
        Path file = temp.resolve("weights.safetensors");
        AtomicFile.write(file, TensorFile.content(metadata, network.parameters()));
        return file;
    }

    @Test
    void allWeightsOfTheSameNetworkAndTargetAreTakenOver() throws Exception {
        Path file = weights(run);

        try (Training pretraining = pretrainingFrom(file);
                OpenedWeights weights = OpenedWeights.open(file);
                MaskFeat source = weights.maskFeat("cpu")) {
            Transfer transfer = pretraining.begin();

            assertThat(transfer.fresh()).isEmpty();
            assertThat(transfer.ignored()).isEmpty();
            Map<String, Tensor> values = pretraining.plan().network().parameters();
            source.parameters()
                    .forEach((name, value) ->
                            assertThat(value.equal(values.get(name))).as(name).isTrue());
        }
    }

    @Test
    void headBeginsAnewForAnotherTarget() throws Exception {
        Path file = weights(run("task.target.bins=6"));

        try (Training pretraining = pretrainingFrom(file)) {
            Transfer transfer = pretraining.begin();

            assertThat(transfer.fresh()).isNotEmpty().allMatch(name -> name.matches("pred_head\\..*|mask_token"));
            assertThat(transfer.loaded()).contains("cls_token", "blocks.1.mlp.fc2.weight");
        }
    }

    @Test
    void backboneOfAClassifierWillDo() throws Exception {
        NetworkSpec classifier = Runs.spec(Recipes.named("tiny-image-ft"), List.of("a", "b"));
        Path file;
        try (Layer network = classifier.build(3, new Device("cpu"))) {
            file = write(classifier.metadata(), network);
        }

        try (Training pretraining = pretrainingFrom(file)) {
            Transfer transfer = pretraining.begin();

            assertThat(transfer.ignored()).contains("norm.weight", "head.projection.bias");
            assertThat(transfer.fresh()).contains("mask_token");
        }
    }

    @Test
    void anotherNetworkIsRefused() throws Exception {
        Path file = weights(run("model.dim=48"));

        try (Training pretraining = pretrainingFrom(file)) {
            assertThatExceptionOfType(WeightsMismatch.class).isThrownBy(() -> pretraining.begin());
        }
    }

    @Test
    void whatARunBeginsWithIsOneOfItsSettings() throws Exception {
        Path file = weights(run);

        assertThat(run("from=" + file).from()).isEqualTo(file.toString());
        try (OpenedWeights weights = OpenedWeights.open(file)) {
            assertThat(Stream.of("tiny-image", "tiny-video", "sample-image")
                            .filter(name -> Recipes.named(name).fits(weights.spec())))
                    .containsExactly("tiny-image");
            assertThat(Recipes.fitting("pretrain", weights.spec())).contains("tiny-image");
            assertThat(Recipes.fitting("finetune", weights.spec())).contains("tiny-image-ft");
        }
    }

    /** The norm and classifier of a class token are nothing for the mean of the patches, whatever the classes. */
    @Test
    void headOfAnotherPoolingIsNotTakenOver() throws Exception {
        NetworkSpec ours = Runs.spec(Recipes.named("tiny-image-ft"), List.of("a", "b"));
        for (Classifier.Pooling pooling : Classifier.Pooling.values()) {
            NetworkSpec theirs =
                    new NetworkSpec(ours.input(), ours.backbone(), new Head.Classes(pooling, 0, List.of("a", "b")));
            try (Layer source = theirs.build(3, new Device("cpu"));
                    Layer network = ours.build(4, new Device("cpu"));
                    OpenedWeights weights = OpenedWeights.open(write(theirs.metadata(), source))) {
                Transfer transfer = weights.into(network, ours);

                assertThat(transfer.loaded().contains("head.projection.weight"))
                        .as(pooling.name())
                        .isEqualTo(pooling == Classifier.Pooling.MEAN);
                assertThat(transfer.fresh().isEmpty()).isEqualTo(pooling == Classifier.Pooling.MEAN);
            }
        }
    }

    @Test
    void fineTuningAdoptsTheColoursThatTheWeightsKnow() throws Exception {
        Path file = weights(run("data.normalize.mean=[0.5,0.5,0.5]"));
        try (OpenedWeights weights = OpenedWeights.open(file)) {
            Run finetune = Recipes.named("tiny-image-ft");
            assertThat(finetune.data().normalize().mean()).isNotEqualTo(List.of(0.5f, 0.5f, 0.5f));
            assertThat(finetune.adopting(weights.spec()).data().normalize().mean())
                    .containsExactly(0.5f, 0.5f, 0.5f);
        }
    }
}
