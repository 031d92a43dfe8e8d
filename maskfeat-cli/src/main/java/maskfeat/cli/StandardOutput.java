package maskfeat.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi;

/**
 * Standard output that remembers what went wrong with it: the streams that commands print to swallow that the disk is full, and
 * half a result would pass for a whole one.
 */
public final class StandardOutput {
    private final Watched watched;

    private StandardOutput(Watched watched) {
        this.watched = watched;
    }

    private static final class Watched extends FilterOutputStream {
        private @Nullable IOException failed;

        Watched(OutputStream out) {
            super(out);
        }

        @Override
        public synchronized void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public synchronized void write(byte[] bytes, int from, int length) throws IOException {
            try {
                out.write(bytes, from, length);
            } catch (IOException e) {
                failed = failed == null ? e : failed;
                throw e;
            }
        }
    }

    /** Puts the process's standard output under watch, from now on to its end. */
    public static StandardOutput watch() {
        StandardOutput output = new StandardOutput(new Watched(new FileOutputStream(FileDescriptor.out)));
        System.setOut(new PrintStream(output.watched, true, charset("stdout")));
        return output;
    }

    /**
     * The one that Java would have chosen; the properties have other names in each version.
     *
     * @param stream {@code stdout} or {@code stderr}
     */
    static Charset charset(String stream) {
        return Stream.of(stream + ".encoding", "sun." + stream + ".encoding", "native.encoding")
                .map(System::getProperty)
                .filter(Objects::nonNull)
                .filter(Charset::isSupported)
                .map(Charset::forName)
                .findFirst()
                .orElse(Charset.defaultCharset());
    }

    /**
     * The exit code of a command, now that its output is written: {@link Exit#DISK} if some of it could not be. A reader that
     * has gone, as {@code head} does, is no error.
     */
    public int concluded(int code) {
        System.out.flush();
        IOException failed = watched.failed;
        if (failed == null
                || code != Exit.OK
                || String.valueOf(failed.getMessage()).contains("Broken pipe")) {
            return code;
        }
        System.err.println(Ansi.AUTO.string("@|bold,red error:|@ ") + "standard output could not be written: "
                + failed.getMessage() + "; what it has got is not whole");
        return Exit.DISK;
    }
}
