package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import maskfeat.data.Views;
import maskfeat.settings.SettingsException;
import maskfeat.torch.Arrays;
import maskfeat.torch.Devices;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** What becomes of an exception: the user's mistake, the input's, or ours. */
class ExitCodesTest {
    @Command(name = "fail")
    static final class Fail implements Callable<Integer> {
        private final Callable<Object> body;

        Fail(Callable<Object> body) {
            this.body = body;
        }

        @Override
        public Integer call() throws Exception {
            body.call();
            return Exit.OK;
        }
    }

    private static Arguments failing(String name, int code, Callable<Object> body) {
        return Arguments.of(name, code, body);
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                failing("a value that our own check refuses", Exit.USAGE, () -> Views.parse("many")),
                failing("a device that is not there", Exit.USAGE, () -> Devices.named("tpu")),
                failing("a setting", Exit.USAGE, () -> {
                    throw new SettingsException("train.epochs: 0 must be at least 1");
                }),
                failing("a name that is no path", Exit.USAGE, () -> Path.of("a\0b")),
                failing("a file that is not there", Exit.INPUT, () -> {
                    throw new UncheckedIOException(new NoSuchFileException("x"));
                }),
                failing("input", Exit.INPUT, () -> {
                    throw new IOException("x is damaged");
                }),
                failing("a broken rule of ours", Exit.BUG, () -> {
                    throw new IllegalStateException("there are no features to write");
                }),
                failing("a wrong call of the JDK", Exit.BUG, () -> new ArrayList<>(-1)),
                failing("text that we did not check", Exit.BUG, () -> Integer.parseInt("many")),
                failing("a wrong call of libtorch", Exit.BUG, () -> {
                    try (PointerScope scope = new PointerScope()) {
                        return Arrays.tensor(new float[] {1, 2}, 2).reshape(3);
                    }
                }));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("failures")
    void saysWhoseMistakeItWas(String name, int code, Callable<Object> body) {
        StringWriter err = new StringWriter();
        CommandLine line = Commands.line();
        line.addSubcommand(new CommandLine(new Fail(body)));
        line.setErr(new PrintWriter(err, true));
        line.setExecutionExceptionHandler(line.getExecutionExceptionHandler());
        assertThat(line.execute("fail")).as(err.toString()).isEqualTo(code);
        assertThat(err.toString()).startsWith("error: ");
        // Where in the program it came from helps nobody but us.
        assertThat(err.toString().contains("\tat ")).isEqualTo(code == Exit.BUG);
    }
}
