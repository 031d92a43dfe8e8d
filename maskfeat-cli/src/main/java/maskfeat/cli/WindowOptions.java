package maskfeat.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Stack;
import maskfeat.data.ClipSampler;
import maskfeat.data.Views;
import maskfeat.data.Windows;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Options: whether a video is looked at in a few places, or in windows that slide over all of it. */
public final class WindowOptions {
    @Mixin
    private ViewsOption views = new ViewsOption();

    @Option(
            names = "--windows",
            arity = "0..1",
            paramLabel = "SECONDS",
            parameterConsumer = Stride.class,
            description = "Process each video in windows, one every so many seconds. Default: half the length of "
                    + "a clip.")
    private @Nullable OptionalDouble stride;

    @Option(
            names = "--window",
            paramLabel = "SECONDS",
            description = "Length of a window, for networks that read whole videos as one clip. Default: "
                    + Windows.USUAL_SECONDS + ".")
    private @Nullable Double length;

    /** The word after {@code --windows} is its number only if it is a number: else it is a file. */
    static final class Stride implements CommandLine.IParameterConsumer {
        @Override
        @SuppressWarnings("JdkObsolete") // picocli's interface
        public void consumeParameters(Stack<String> args, ArgSpec option, CommandSpec command) {
            boolean number = !args.isEmpty() && args.peek().matches("\\d{1,9}|\\d{0,9}\\.\\d{1,9}");
            option.setValue(number ? OptionalDouble.of(Double.parseDouble(args.pop())) : OptionalDouble.empty());
        }
    }

    /** Checks the options against each other. */
    public void check() {
        if (stride != null && views.isGiven()) {
            throw new IllegalArgumentException(
                    "--views would do nothing beside --windows, which look at all of a video; leave one out");
        }
        if (stride == null && length != null) {
            throw new IllegalArgumentException("--window would do nothing without --windows");
        }
        views();
        sliding();
    }

    /** What was asked for, by the names of the options, of {@link #check checked} ones. */
    public Map<String, String> said() {
        Map<String, String> said = new LinkedHashMap<>();
        if (stride == null) {
            said.put("--views", views().toString());
        } else {
            said.put("--windows", stride.isPresent() ? Double.toString(stride.getAsDouble()) : "by halves");
            said.put("--window", length == null ? "as usual" : length.toString());
        }
        return said;
    }

    /** How often each file is looked at where there are no windows. */
    public Views views() {
        return views.views();
    }

    /**
     * How windows lie, where they are asked for.
     *
     * @throws IllegalArgumentException if a number is none that windows can have
     */
    private Optional<Windows.Sliding> sliding() {
        return stride == null
                ? Optional.empty()
                : Optional.of(new Windows.Sliding(
                        stride, length == null ? OptionalDouble.empty() : OptionalDouble.of(length)));
    }

    /**
     * As {@link #sliding()}.
     *
     * @throws IllegalArgumentException if windows do not go with what the network reads
     */
    public Optional<Windows.Sliding> sliding(ClipSampler clip) {
        Optional<Windows.Sliding> sliding = sliding();
        sliding.ifPresent(windows -> windows.check(clip));
        return sliding;
    }
}
