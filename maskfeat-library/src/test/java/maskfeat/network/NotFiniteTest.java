package maskfeat.network;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import maskfeat.augment.Normalize;
import maskfeat.augment.Resize;
import maskfeat.data.StillImage;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.DamagedFile;
import maskfeat.model.Classifier;
import maskfeat.model.Vit;
import maskfeat.nn.Layer;
import maskfeat.weights.DType;
import maskfeat.weights.Safetensors;
import maskfeat.weights.TensorFile;
import maskfeat.weights.TensorReader;
import maskfeat.weights.Weights;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights that are infinite or no numbers are refused where they are read, whoever wrote them. */
class NotFiniteTest {
    private static final NetworkSpec SPEC = new NetworkSpec(
            new Input(StillImage.defaults(), 32, 37, Resize.Filter.BICUBIC, Normalize.IMAGENET),
            new Vit.Config(16, 1, 64, 2, 1, 4, 0),
            new Head.Classes(Classifier.Pooling.CLASS_TOKEN, 0, List.of("one", "two")));

    @TempDir
    Path temp;

    /** A file of the network with one number replaced. */
    private Path with(String name, double number) throws IOException {
        Path file = temp.resolve("model.safetensors");
        try (Layer network = SPEC.build(1, new Device("cpu"))) {
            Map<String, Tensor> parameters = network.parameters();
            Tensor all = requireNonNull(parameters.get(name)).detach();
            all.view(-1).narrow(0, 1, 1).fill_(new Scalar(number));
            AtomicFile.write(file, TensorFile.content(SPEC.metadata(), parameters));
        }
        return file;
    }

    @Test
    void namesTheTensorAndHowManyNumbersOfIt() throws IOException {
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            Path file = with("blocks.1.mlp.fc1.weight", bad);
            try (OpenedWeights weights = OpenedWeights.open(file)) {
                assertThatThrownBy(() -> weights.network("cpu"))
                        .isInstanceOf(DamagedFile.class)
                        .hasMessageContainingAll(file.toString(), "1 of 16384 in 'blocks.1.mlp.fc1.weight'");
                assertThatThrownBy(() -> weights.backbone("cpu")).isInstanceOf(DamagedFile.class);
            }
        }
    }

    @Test
    void alsoWhereTrainingBeginsAndWhereTheyAreConverted() throws IOException {
        Path file = with("head.projection.bias", Double.NaN);
        try (OpenedWeights weights = OpenedWeights.open(file);
                Layer network = SPEC.build(2, new Device("cpu"))) {
            assertThatThrownBy(() -> weights.into(network, SPEC))
                    .hasMessageContaining("1 of 2 in 'head.projection.bias'");
            Path out = temp.resolve("timm.safetensors");
            assertThatThrownBy(() -> WeightsConversion.write(weights, out, WeightsConversion.Form.TIMM, false, 0))
                    .hasMessageContaining("1 of 2 in 'head.projection.bias'");
            assertThat(out).doesNotExist();
        }
    }

    @Test
    void aNumberTooLargeForTheNetworkIsNotFiniteEither() throws IOException {
        Path file = temp.resolve("wide.safetensors");
        try (TensorReader narrow = Weights.open(with("norm.bias", 0))) {
            List<Safetensors.Source> sources = new ArrayList<>();
            narrow.entries().values().forEach(entry -> sources.add(Safetensors.Source.of(narrow, entry)));
            sources.removeIf(source -> source.entry().name().equals("norm.bias"));
            sources.add(Safetensors.Source.of("norm.bias", DType.F64, List.of(64L), () -> {
                ByteBuffer bytes = ByteBuffer.allocate(64 * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
                return bytes.putDouble(0, 1e300);
            }));
            Safetensors.write(file, SPEC.metadata(), sources);
        }
        try (OpenedWeights weights = OpenedWeights.open(file)) {
            assertThatThrownBy(() -> weights.network("cpu")).hasMessageContaining("1 of 64 in 'norm.bias'");
        }
    }

    /** What an optimizer keeps may be infinite, and a run goes on with it. */
    @Test
    void momentsMayBeInfinite() throws IOException {
        Path file = with("norm.bias", Double.POSITIVE_INFINITY);
        try (Layer network = SPEC.build(2, new Device("cpu"))) {
            TensorFile.loadMoments(file, network.parameters());
            assertThatThrownBy(() -> TensorFile.load(file, network.parameters()))
                    .hasMessageContaining("'norm.bias'");
        }
    }
}
