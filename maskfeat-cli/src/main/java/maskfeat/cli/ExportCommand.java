package maskfeat.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import maskfeat.augment.Normalize;
import maskfeat.disk.Plural;
import maskfeat.model.Backbone;
import maskfeat.model.Classifier;
import maskfeat.model.ClipSize;
import maskfeat.model.Detector;
import maskfeat.network.ActionHead;
import maskfeat.network.DetectorSizes;
import maskfeat.network.Input;
import maskfeat.network.NetworkSpec;
import maskfeat.network.OpenedWeights;
import maskfeat.onnx.OnnxExport;
import maskfeat.onnx.OnnxFile;
import maskfeat.onnx.Port;
import maskfeat.torch.Devices;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code maskfeat export}. */
@Command(
        name = "export",
        description = "Exports a network as an ONNX file, for other runtimes and languages: a classifier, a "
                + "detector of actions, or the encoder of a pre-trained network.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  maskfeat export runs/photos photos.onnx",
            "  maskfeat export runs/actions actions.onnx --raw-input --batch 1",
            "",
            "A classifier gives 'logits' and 'probabilities', an encoder 'features', the vectors of",
            "'maskfeat embed', and 'tokens', those of the single patches. A detector takes 'boxes' besides",
            "the frames (number of the clip, x1, y1, x2, y2 in pixels of the frames that are put in) and",
            "gives 'scores' of each action in each. Labels and what is done to images before are in the",
            "file's metadata."
        })
final class ExportCommand implements Callable<Integer> {
    private static final String ENDING = ".onnx";
    private static final Pattern SIZE = Pattern.compile("(\\d{1,5})[xX](\\d{1,5})");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            index = "0",
            paramLabel = "CHECKPOINT",
            description = "Run folder, checkpoint folder or file of weights, of pre-training or of fine-tuning.")
    private Path checkpoint = Path.of("");

    @Mixin
    private WeightsOptions loading = new WeightsOptions();

    @Parameters(
            index = "1",
            converter = PlaceConverter.OnDisk.class,
            paramLabel = "FILE",
            description = "File to write; its name must end in " + ENDING + ".")
    private Path file = Path.of("");

    @Option(names = "--encoder", description = "Export only the encoder of a classifier or detector.")
    private boolean encoder;

    @Option(names = "--batch", paramLabel = "N", description = "Fixed number of samples per call. Default: any number.")
    private @Nullable Integer batch;

    @Option(
            names = "--raw-input",
            description = "Take RGB bytes, channels last, and normalise them in the model. Default: take "
                    + "normalised numbers, channels first.")
    private boolean rawInput;

    @Option(
            names = "--opset",
            paramLabel = "N",
            description =
                    "ONNX operator set: 17, or 16 for runtimes without LayerNormalization, such as older TensorRT. "
                            + "Default: ${DEFAULT-VALUE}.")
    private int opset = 17;

    @Option(
            names = "--frame-size",
            paramLabel = "HxW",
            description =
                    "Of a detector: height and width of the frames that the file takes, multiples of a token's side. "
                            + "Default: the square that it was trained with.")
    private @Nullable String frameSize;

    @Option(names = "--overwrite", description = "Replace the file if there is one.")
    private boolean overwrite;

    @Override
    public Integer call() throws IOException {
        checkFile();
        if (batch != null && batch < 1) {
            throw new IllegalArgumentException(
                    "--batch " + batch + " must be at least 1; leave it out for batches of any length");
        }
        if (opset != 16 && opset != 17) {
            throw new IllegalArgumentException("--opset " + opset + " must be 16 or 17");
        }
        try (OpenedWeights weights = loading.open(checkpoint)) {
            Console.of(spec).sayNotes(weights);
            Input input = weights.spec().input();
            if (frameSize != null && (!weights.isDetector() || encoder)) {
                throw new IllegalArgumentException("--frame-size is for detectors of actions, which see whole frames; "
                        + weights.file() + (encoder ? " is exported without its head" : " is none"));
            }
            if (weights.isClassifier() && !encoder) {
                int classes = weights.classes().names().size();
                OnnxExport.Options options = options(input, weights.spec().description());
                try (Classifier network = weights.classifier("cpu")) {
                    print(
                            "classifier of " + Plural.of(classes, "class", "classes"),
                            OnnxExport.classifier(file, network, options));
                }
            } else if (weights.isDetector() && !encoder) {
                detector(weights);
            } else {
                OnnxExport.Options options = options(input, input.description());
                try (Backbone network = weights.backbone("cpu")) {
                    print("encoder", OnnxExport.encoder(file, network, options));
                }
            }
        }
        Console.of(spec)
                .nextLine("python3 -c 'import onnxruntime as o, sys; print(*[(i.name, i.shape) for i in"
                        + " o.InferenceSession(sys.argv[1]).get_inputs()])' " + Launcher.word(file));
        return Exit.OK;
    }

    private void detector(OpenedWeights weights) throws IOException {
        NetworkSpec network = weights.spec();
        List<String> actions = ((ActionHead) network.head()).names();
        OnnxExport.Options options = options(network.input(), network.description());
        try (Detector trained = (Detector) weights.network("cpu");
                DetectorSizes sizes = new DetectorSizes(network, trained, actions.size(), Devices.named("cpu"))) {
            Detector sized = sizes.at(frameSize == null ? network.size() : size(frameSize, network));
            print("detector of " + Plural.of(actions.size(), "action"), OnnxExport.detector(file, sized, options));
        }
    }

    private static ClipSize size(String text, NetworkSpec network) {
        int unit = network.backbone().patch();
        Matcher sides = SIZE.matcher(text);
        int height = sides.matches() ? Integer.parseInt(sides.group(1)) : 0;
        int width = sides.matches() ? Integer.parseInt(sides.group(2)) : 0;
        if (height < 1 || width < 1 || height % unit != 0 || width % unit != 0) {
            throw new IllegalArgumentException("--frame-size " + Launcher.word(text)
                    + " must be height x width, both multiples of " + unit + ", such as " + 7 * unit + "x" + 9 * unit);
        }
        return new ClipSize(network.size().frames(), height, width);
    }

    private void checkFile() {
        if (!String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(ENDING)) {
            throw new IllegalArgumentException(file + ": the name must end in " + ENDING);
        }
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            throw new IllegalArgumentException(file + ": there is no folder " + folder + "; make it first");
        }
        if (Files.isDirectory(file)) {
            throw new IllegalArgumentException(file + " is a folder; give the name of a file");
        }
        if (Files.exists(file) && !overwrite) {
            throw new IllegalArgumentException(file + " is there already; give another name, or --overwrite");
        }
    }

    private OnnxExport.Options options(Input input, Map<String, String> metadata) {
        Normalize normalize = input.normalize();
        return new OnnxExport.Options(
                batch == null ? 0 : batch,
                rawInput ? new OnnxExport.Colours(normalize.mean(), normalize.std()) : null,
                metadata,
                opset);
    }

    private void print(String what, OnnxFile written) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(file + ": " + what + ", " + String.format(Locale.ROOT, "%.1f MB", written.bytes() / 1e6));
        for (Port input : written.inputs()) {
            out.println("  input  " + input);
        }
        for (Port output : written.outputs()) {
            out.println("  output " + output);
        }
        out.flush();
    }
}
