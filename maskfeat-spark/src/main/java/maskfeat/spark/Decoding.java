package maskfeat.spark;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import maskfeat.data.ClipSampler;
import maskfeat.data.FileScan;
import maskfeat.data.Scan;
import maskfeat.data.Views;
import maskfeat.data.Windows;
import maskfeat.network.OpenedWeights;
import org.jspecify.annotations.Nullable;

/**
 * What is decoded of each file, as it travels to executors and to processes that decode apart.
 *
 * @param weights what says which clips the network reads, on this machine; empty for scans
 * @param views clips x crops
 * @param stride distance of windows in seconds; {@link #BY_HALVES}, or empty for no windows
 * @param window their length in seconds; empty for the usual one
 * @param as how scans read files
 * @param deadlineSeconds of scans
 */
record Decoding(String weights, String views, String stride, String window, Scan.As as, int deadlineSeconds)
        implements Serializable {
    private static final long serialVersionUID = 1;
    private static final String BY_HALVES = "halves";

    static Decoding ofClips(String weights, Views views, Optional<Windows.Sliding> sliding) {
        return new Decoding(
                weights,
                views.toString(),
                sliding.map(windows -> windows.stride().isPresent()
                                ? Double.toString(windows.stride().getAsDouble())
                                : BY_HALVES)
                        .orElse(""),
                sliding.filter(windows -> windows.length().isPresent())
                        .map(windows -> Double.toString(windows.length().getAsDouble()))
                        .orElse(""),
                Scan.As.AUTO,
                1);
    }

    static Decoding ofScan(Scan.As as, int deadlineSeconds) {
        return new Decoding("", Views.MIDDLE.toString(), "", "", as, deadlineSeconds);
    }

    /** The same with the weights where they lie on this machine. */
    Decoding at(String file) {
        return new Decoding(file, views, stride, window, as, deadlineSeconds);
    }

    /** What stands in {@code words} of a command line. */
    static Decoding parse(List<String> words) {
        return new Decoding(
                words.get(0),
                words.get(1),
                words.get(2),
                words.get(3),
                Scan.As.valueOf(words.get(4)),
                Integer.parseInt(words.get(5)));
    }

    List<String> words() {
        return List.of(weights, views, stride, window, as.name(), Integer.toString(deadlineSeconds));
    }

    Views parsedViews() {
        return Views.parse(views);
    }

    boolean isOfWindows() {
        return !stride.isEmpty();
    }

    ClipReader clips(ClipSampler clip) {
        return new ClipReader(clip, parsedViews(), sliding());
    }

    /** Opens the weights for what they say of clips. */
    ClipReader clips() throws IOException {
        try (OpenedWeights opened = OpenedWeights.open(Path.of(weights))) {
            return clips(opened.spec().input().clip());
        }
    }

    FileScan scan() {
        return new FileScan(as, Duration.ofSeconds(deadlineSeconds));
    }

    private Optional<Windows.Sliding> sliding() {
        return stride.isEmpty()
                ? Optional.empty()
                : Optional.of(new Windows.Sliding(number(stride.equals(BY_HALVES) ? null : stride), number(window)));
    }

    private static OptionalDouble number(@Nullable String text) {
        return text == null || text.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(Double.parseDouble(text));
    }
}
