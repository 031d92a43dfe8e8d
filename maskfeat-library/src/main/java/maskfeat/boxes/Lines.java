package maskfeat.boxes;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Shown;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a table in UTF-8, one after the other, with their fields. Line ends of all systems, a byte order mark, quotes
 * and empty lines are taken in stride; fields are set apart by commas, tabs, semicolons or spaces, as the first line says.
 */
final class Lines implements Closeable {
    private static final int MAX_LINE = 1 << 16;
    private static final int BUFFER = 1 << 16;

    private final Path file;
    private final InputStream in;
    private byte[] bytes = new byte[256];
    private int pushedBack = -1;
    private long number;
    private char separator; // 0 until the first line

    private Lines(Path file, InputStream in) {
        this.file = file;
        this.in = in;
    }

    static Lines open(Path file) throws IOException {
        return new Lines(file, new BufferedInputStream(Files.newInputStream(file), BUFFER));
    }

    /** @param name for messages */
    static Lines of(Path name, byte[] content) {
        return new Lines(name, new ByteArrayInputStream(content));
    }

    Path file() {
        return file;
    }

    /** Of the line that was given last, from 1. */
    long number() {
        return number;
    }

    private int next() throws IOException {
        int b = pushedBack >= 0 ? pushedBack : in.read();
        pushedBack = -1;
        return b;
    }

    /** The next line that has something in it; null at the end. */
    @Nullable String text() throws IOException {
        while (true) {
            int length = 0;
            int b = next();
            if (b < 0) {
                return null;
            }
            number++;
            boolean ascii = true;
            for (; b >= 0 && b != '\n' && b != '\r'; b = next()) {
                if (length == MAX_LINE) {
                    throw damage("is longer than " + MAX_LINE + " bytes; it is no table of boxes");
                }
                if (b == 0) {
                    throw damage("has a zero byte; the file is no text in UTF-8");
                }
                if (length == bytes.length) {
                    bytes = Arrays.copyOf(bytes, 2 * length);
                }
                ascii &= b < 0x80;
                bytes[length++] = (byte) b;
            }
            if (b == '\r') {
                int after = in.read();
                if (after != '\n') {
                    pushedBack = after;
                }
            }
            String line = ascii ? new String(bytes, 0, length, StandardCharsets.US_ASCII) : utf8(length);
            if (number == 1 && line.startsWith("\ufeff")) {
                line = line.substring(1);
            }
            if (!line.isBlank()) {
                return line;
            }
        }
    }

    private String utf8(int length) throws DamagedFile {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new DamagedFile(file, "is not in UTF-8 (line " + number + "); save it so", e);
        }
    }

    /** The fields of the next line, without quotes and outer spaces; null at the end. */
    @Nullable List<String> fields() throws IOException {
        String line = text();
        if (line == null) {
            return null;
        }
        if (separator == 0) {
            separator = separator(line);
        }
        return split(line);
    }

    private static char separator(String line) {
        for (char candidate : new char[] {'\t', ',', ';'}) {
            if (line.indexOf(candidate) >= 0) {
                // A table with semicolons may have commas within its numbers.
                return candidate == ',' && line.chars().filter(c -> c == ';').count() >= 4 ? ';' : candidate;
            }
        }
        return ' ';
    }

    private List<String> split(String line) throws DamagedFile {
        List<String> fields = new ArrayList<>(10);
        int at = 0;
        while (at <= line.length()) {
            while (at < line.length() && (line.charAt(at) == ' ' || line.charAt(at) == '\t' && separator != '\t')) {
                at++;
            }
            if (separator == ' ' && at == line.length() && !fields.isEmpty()) {
                break;
            }
            if (at < line.length() && line.charAt(at) == '"') {
                StringBuilder field = new StringBuilder();
                for (at++; ; at++) {
                    if (at >= line.length()) {
                        throw damage("has a quote that is not closed");
                    }
                    if (line.charAt(at) != '"') {
                        field.append(line.charAt(at));
                    } else if (at + 1 < line.length() && line.charAt(at + 1) == '"') {
                        field.append('"');
                        at++;
                    } else {
                        break;
                    }
                }
                at++;
                int end = end(line, at);
                if (!line.substring(at, end).isBlank()) {
                    throw damage("has text after a closing quote");
                }
                fields.add(field.toString());
                at = end + 1;
            } else {
                int end = end(line, at);
                fields.add(line.substring(at, end).strip());
                at = end + 1;
            }
        }
        return fields;
    }

    private int end(String line, int from) {
        if (separator == ' ') {
            int end = from;
            while (end < line.length() && line.charAt(end) != ' ' && line.charAt(end) != '\t') {
                end++;
            }
            return end;
        }
        int end = line.indexOf(separator, from);
        return end < 0 ? line.length() : end;
    }

    /** {@code found} goes on where "line 12" ends. */
    DamagedFile damage(String found) {
        return new DamagedFile(file, "line " + number + " " + found);
    }

    /** A number of the current line. */
    double number(String text, String what) throws DamagedFile {
        double value = Numbers.parse(text);
        if (Double.isFinite(value)) {
            return value;
        }
        throw damage("has '" + Shown.text(text) + "' for " + what
                + (text.matches("[+-]?\\d*,\\d+")
                        ? "; write decimals with a point"
                        : text.isEmpty() ? "; a number is needed" : ", which is no number"));
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
