package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import maskfeat.augment.Normalize;
import maskfeat.augment.Resize;
import maskfeat.data.StillImage;
import maskfeat.disk.AtomicFile;
import maskfeat.feature.HogTarget;
import maskfeat.mask.BlockMask;
import maskfeat.model.Classifier;
import maskfeat.model.Vit;
import maskfeat.network.Head;
import maskfeat.network.Input;
import maskfeat.network.NetworkSpec;
import maskfeat.nn.Layer;
import maskfeat.sample.SampleSet;
import maskfeat.weights.TensorFile;
import org.bytedeco.pytorch.Device;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** A command opens the weights that it works with once, whatever it needs of them. */
class OpenedOnceTest {
    @TempDir
    private static Path folder = Path.of("");

    private static String image = "";

    private final CountingFiles files = new CountingFiles();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void make() throws IOException {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY.imagesOnly());
        Input input = new Input(StillImage.defaults(), 64, 73, Resize.Filter.BICUBIC, Normalize.IMAGENET);
        Vit.Config backbone = new Vit.Config(16, 1, 16, 2, 2, 4, 0);
        List<String> names = SampleSet.imageClasses().stream().sorted().toList();
        write("classifier", new NetworkSpec(input, backbone, new Head.Classes(Classifier.Pooling.MEAN, 0, names)));
        write(
                "pretrained",
                new NetworkSpec(
                        input, backbone, new Head.Prediction(List.of(), BlockMask.of(0.4), HogTarget.Config.paper())));
        try (Stream<Path> all = Files.walk(folder.resolve("set/images/val"))) {
            image = all.filter(Files::isRegularFile)
                    .sorted()
                    .findFirst()
                    .orElseThrow()
                    .toString();
        }
    }

    private static void write(String name, NetworkSpec spec) throws IOException {
        try (Layer network = spec.build(1, new Device("cpu"))) {
            AtomicFile.write(
                    folder.resolve(name + ".safetensors"), TensorFile.content(spec.metadata(), network.parameters()));
        }
    }

    private int run(List<String> words) {
        CommandLine line = Commands.line();
        line.setOut(new PrintWriter(new StringWriter(), true));
        line.setErr(new PrintWriter(err, true));
        line.registerConverter(Path.class, files::path);
        return line.execute(words.toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource({
        "classifier, export {} FOLDER/whole.onnx",
        "classifier, export {} FOLDER/under.onnx --encoder",
        "pretrained, export {} FOLDER/encoder.onnx",
        "classifier, evaluate {} --data FOLDER/set/images --views 1x1",
        "classifier, predict {} IMAGE",
        "classifier, embed {} IMAGE --out FOLDER/features.npy",
        "pretrained, embed {} IMAGE --out FOLDER/features.csv",
        "pretrained, visualize {} IMAGE --out FOLDER/pictures",
        "pretrained, probe {} --data FOLDER/set/images --per-class 2",
        "pretrained, probe {} --data FOLDER/set/images --per-class 2 --from-scratch",
        "classifier, weights inspect {}",
        "pretrained, weights convert {} FOLDER/other.pyth --to slowfast",
    })
    void theWeightsAreOpenedOnce(String name, String command) {
        Path weights = folder.resolve(name + ".safetensors");
        List<String> words = Stream.of(command.split(" "))
                .map(word -> word.replace("{}", weights.toString())
                        .replace("FOLDER", folder.toString())
                        .replace("IMAGE", image))
                .toList();
        assertThat(run(words)).as(err.toString()).isZero();
        assertThat(files.opens(weights)).isEqualTo(1);
    }

    /** That this counts at all, and every time. */
    @Test
    void twoFilesThatAreTheSameAreOpenedTwice() {
        Path weights = folder.resolve("classifier.safetensors");
        assertThat(run(List.of("weights", "diff", weights.toString(), weights.toString())))
                .isZero();
        assertThat(files.opens(weights)).isEqualTo(2);
    }
}
