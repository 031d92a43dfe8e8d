package maskfeat.cli;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import maskfeat.disk.Printable;

/**
 * Keeps what steers a terminal out of what commands print, as {@link Printable} does; the ends of lines stay. In JSON the
 * escaped form is the same text.
 */
final class PlainWriter extends FilterWriter {
    private PlainWriter(Writer out) {
        super(out);
    }

    static PrintWriter of(PrintWriter out) {
        return new PrintWriter(new PlainWriter(out), true);
    }

    @Override
    public void write(int c) throws IOException {
        write(String.valueOf((char) c));
    }

    @Override
    public void write(char[] text, int from, int length) throws IOException {
        write(new String(text, from, length));
    }

    @Override
    public void write(String text, int from, int length) throws IOException {
        out.write(Printable.lines(text.substring(from, from + length)));
    }
}
