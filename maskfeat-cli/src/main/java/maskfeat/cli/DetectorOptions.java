package maskfeat.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import maskfeat.disk.Fingerprint;
import maskfeat.people.PeopleFinder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A detector of people in a file of the user's. */
final class DetectorOptions {
    private static final double USUAL_SECONDS = 0.5;
    private static final String USUAL = "as usual";

    @Option(
            names = "--detector",
            paramLabel = "MODEL.onnx",
            description =
                    "Of a detector of actions: find people with this ONNX file where no boxes are given, such as one"
                            + " of RT-DETR, D-FINE, RF-DETR or torchvision. Needs ONNX Runtime (docs/detection.md).")
    private @Nullable Path file;

    @Option(
            names = "--detector-every",
            paramLabel = "SECONDS",
            description = "Time from one look for people to the next. Default: " + USUAL_SECONDS + ".")
    private @Nullable Double every;

    @Option(
            names = "--detector-class",
            paramLabel = "N",
            description =
                    "Number of the class of people in --detector. Default: COCO's, as the form of the file counts it.")
    private @Nullable Integer number;

    @Option(
            names = "--detector-pixels",
            completionCandidates = Choices.Pixels.class,
            paramLabel = "PIXELS",
            description =
                    "What pictures --detector takes: 'unit', values 0 to 1, or 'imagenet', less ImageNet's mean and by its"
                            + " deviation. Default: as usual for the form of the file.")
    private PeopleFinder.@Nullable Pixels pixels;

    @Option(
            names = "--detector-activation",
            completionCandidates = Choices.Activations.class,
            paramLabel = "FUNCTION",
            description =
                    "What makes probabilities of the logits of --detector: 'sigmoid' or 'softmax'. Default: as usual for"
                            + " the form of the file.")
    private PeopleFinder.@Nullable Activation activation;

    /** Whether there is one. */
    boolean given() {
        return file != null;
    }

    /** What was asked for, by the names of the options, where there is one; that of the file is what is in it. */
    Map<String, String> said() throws IOException {
        Map<String, String> said = new LinkedHashMap<>();
        if (file != null) {
            said.put("--detector", Fingerprint.of(file).sha256());
            said.put("--detector-every", Double.toString(every()));
            said.put("--detector-class", number == null ? USUAL : number.toString());
            said.put("--detector-pixels", pixels == null ? USUAL : pixels.toString());
            said.put("--detector-activation", activation == null ? USUAL : activation.toString());
        }
        return said;
    }

    double every() {
        return every == null ? USUAL_SECONDS : every;
    }

    /** @throws IllegalArgumentException if something makes no sense */
    void check(boolean boxes) {
        if (file == null && (every != null || number != null || pixels != null || activation != null)) {
            throw new IllegalArgumentException("--detector-class, --detector-every, --detector-pixels and"
                    + " --detector-activation are for --detector MODEL.onnx, which is missing");
        }
        if (file != null && boxes) {
            throw new IllegalArgumentException("--boxes and --detector exclude each other; leave one of them out");
        }
        if (!(every() > 0 && every() < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("--detector-every " + every + " must be above 0");
        }
        if (number != null && number < 0) {
            throw new IllegalArgumentException("--detector-class " + number + " must be at least 0");
        }
    }

    /**
     * Opens it, to be closed by the caller; empty if there is none.
     *
     * @throws IllegalArgumentException if it cannot be used, or ONNX Runtime is missing
     */
    Optional<PeopleFinder> open() throws IOException {
        return open(0);
    }

    /** @param threads of computing, 0 for as many as ONNX Runtime takes */
    Optional<PeopleFinder> open(int threads) throws IOException {
        if (file == null) {
            return Optional.empty();
        }
        if (!PeopleFinder.runtimeIsThere()) {
            throw new IllegalArgumentException("--detector needs ONNX Runtime, which is not here: put its jar,"
                    + " onnxruntime-1.29.0.jar or another of com.microsoft.onnxruntime:onnxruntime on Maven Central, into"
                    + " the folder 'lib' beside ./maskfeat, or into one that MASKFEAT_LIB names");
        }
        return Optional.of(PeopleFinder.open(file, new PeopleFinder.Told(number, pixels, activation), threads));
    }
}
