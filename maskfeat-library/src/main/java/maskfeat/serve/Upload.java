package maskfeat.serve;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The body of a plain request: a file, or a form of the type {@code multipart/form-data} (RFC 7578) with the parts {@code file}
 * and {@code boxes}.
 *
 * @param file its bytes
 * @param name what the client calls the file, without folders
 * @param boxes a table of boxes; null if there is none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Upload(byte[] file, String name, byte @Nullable [] boxes) {
    /** What a file is called that has no name. */
    static final String NAME = "upload";

    private static final String FILE = "file";
    private static final String BOXES = "boxes";
    private static final int MOST_HEADER = 1 << 13;
    private static final int MOST_BOUNDARY = 70;
    private static final String HINT =
            "; send a form by curl -F file=@FILE, or the file alone as body: curl --data-binary @FILE";

    /** Whether a body of this type is a form, of a kind that is known or not. */
    static boolean isForm(String contentType) {
        return contentType.strip().toLowerCase(Locale.ROOT).startsWith("multipart/");
    }

    /** A body that is one file. */
    static Upload of(byte[] body) {
        return new Upload(body, NAME, null);
    }

    /**
     * Reads a form.
     *
     * @param contentType the header, with the boundary
     * @throws Refusal saying what is wrong with it
     */
    static Upload read(byte[] body, String contentType) throws Refusal {
        return new Form(body, boundary(contentType)).read();
    }

    private static String boundary(String contentType) throws Refusal {
        Map<String, String> header = parameters(contentType);
        if (!"multipart/form-data".equals(header.get(""))) {
            throw bad("the body is of the type '" + header.get("") + "', and multipart/form-data is known" + HINT);
        }
        String boundary = header.getOrDefault("boundary", "");
        // Without line ends, so that looking for it takes one pass.
        if (boundary.length() > MOST_BOUNDARY
                || !boundary.matches("[0-9A-Za-z'()+_,./:=? -]*[0-9A-Za-z'()+_,./:=?-]")) {
            throw bad("the Content-Type of the form names no boundary of 1 to " + MOST_BOUNDARY + " characters" + HINT);
        }
        return boundary;
    }

    /**
     * A header's parameters by their names in small letters; the value itself, in small letters, is that of "".
     *
     * @param header such as {@code form-data; name="file"; filename="a.mp4"}
     */
    private static Map<String, String> parameters(String header) throws Refusal {
        Map<String, String> all = new LinkedHashMap<>();
        int semicolon = header.indexOf(';');
        int at = semicolon < 0 ? header.length() : semicolon;
        all.put("", header.substring(0, at).strip().toLowerCase(Locale.ROOT));
        while (at < header.length()) {
            int equals = header.indexOf('=', at);
            if (equals < 0) {
                break;
            }
            String name = header.substring(at + 1, equals).strip().toLowerCase(Locale.ROOT);
            StringBuilder value = new StringBuilder();
            int from = equals + 1;
            if (from < header.length() && header.charAt(from) == '"') {
                for (at = from + 1; at < header.length() && header.charAt(at) != '"'; at++) {
                    boolean escaped = header.charAt(at) == '\\' && at + 1 < header.length();
                    at += escaped ? 1 : 0;
                    value.append(header.charAt(at));
                }
                if (at == header.length()) {
                    throw bad("a header of the form has a quote that is not closed" + HINT);
                }
                at = header.indexOf(';', at);
            } else {
                at = header.indexOf(';', from);
                value.append(
                        header.substring(from, at < 0 ? header.length() : at).strip());
            }
            all.put(name, value.toString());
            at = at < 0 ? header.length() : at;
        }
        return all;
    }

    private static Refusal bad(String message) {
        return new Refusal(Refusal.BAD_REQUEST, message);
    }

    /** Reads part after part. */
    private static final class Form {
        private final byte[] body;
        private final byte[] line;
        private final Map<String, byte[]> parts = new LinkedHashMap<>();
        private String fileName = NAME;
        private int at;

        Form(byte[] body, String boundary) {
            this.body = body;
            this.line = ("\r\n--" + boundary).getBytes(StandardCharsets.ISO_8859_1);
        }

        Upload read() throws Refusal {
            // The first boundary may stand at the very beginning, without a line end before it.
            int first = isAt(0, line, 2) && begins(line.length - 2) ? -2 : find(0);
            if (first < 0 && first != -2) {
                throw bad("the body is no form: the boundary that its Content-Type names does not occur" + HINT);
            }
            at = first + line.length;
            while (!isEnd(at)) {
                at = afterLine(at);
                part();
            }
            byte[] file = parts.get(FILE);
            if (file == null) {
                throw bad("the form has no part '" + FILE + "'" + HINT);
            }
            return new Upload(file, fileName, parts.get(BOXES));
        }

        private void part() throws Refusal {
            String name = header();
            if (!name.equals(FILE) && !name.equals(BOXES)) {
                throw bad("there is no part '" + name + "' of the form; known: " + FILE + ", " + BOXES);
            }
            int end = find(Math.max(0, at - 2)); // an empty part has no line end of its own
            if (end < 0) {
                throw bad("the form ends in the middle of its part '" + name
                        + "'; send all of it, with the boundary and" + " -- at its end");
            }
            if (end <= at) {
                throw bad("part '" + name + "' of the form is empty");
            }
            if (parts.put(name, Arrays.copyOfRange(body, at, end)) != null) {
                throw bad("the form has two parts '" + name + "'; send one at a time");
            }
            at = end + line.length;
        }

        /** Takes the lines before a part, and gives its name. */
        private String header() throws Refusal {
            String name = "";
            int most = Math.min(body.length, at + MOST_HEADER);
            while (true) {
                int end = at;
                while (end + 1 < most && !(body[end] == '\r' && body[end + 1] == '\n')) {
                    end++;
                }
                if (end + 1 >= most) {
                    throw bad("a part of the form has no end of its header within " + MOST_HEADER + " bytes" + HINT);
                }
                String text = new String(body, at, end - at, StandardCharsets.UTF_8);
                at = end + 2;
                if (text.isEmpty()) {
                    return name;
                }
                String key = text.substring(0, Math.max(0, text.indexOf(':')))
                        .strip()
                        .toLowerCase(Locale.ROOT);
                String value = text.substring(text.indexOf(':') + 1).strip();
                if (key.equals("content-disposition")) {
                    Map<String, String> said = parameters(value);
                    name = said.getOrDefault("name", "");
                    String called = said.getOrDefault("filename", "").replace('\\', '/');
                    called = called.substring(called.lastIndexOf('/') + 1);
                    if (name.equals(FILE) && !called.isBlank()) {
                        fileName = called;
                    }
                } else if (key.equals("content-transfer-encoding")
                        && !value.toLowerCase(Locale.ROOT).matches("binary|8bit|7bit")) {
                    throw bad("a part of the form is in " + value + "; send its bytes as they are");
                }
            }
        }

        /** Where the next boundary's line end is; -1 if there is none. */
        private int find(int from) {
            for (int i = from; i + line.length <= body.length; i++) {
                if (body[i] == '\r' && isAt(i, line, 0) && begins(i + line.length)) {
                    return i;
                }
            }
            return -1;
        }

        private boolean isAt(int place, byte[] wanted, int from) {
            return place + wanted.length - from <= body.length
                    && Arrays.equals(body, place, place + wanted.length - from, wanted, from, wanted.length);
        }

        /** Whether a boundary ends here, and not a longer text that begins like one. */
        private boolean begins(int after) {
            return isEnd(after) || afterLine(after) >= 0;
        }

        private boolean isEnd(int after) {
            return after + 1 < body.length && body[after] == '-' && body[after + 1] == '-';
        }

        /** The next line; -1 if something else than spaces stands in this one. */
        private int afterLine(int from) {
            int i = from;
            while (i < body.length && (body[i] == ' ' || body[i] == '\t')) {
                i++;
            }
            return i + 1 < body.length && body[i] == '\r' && body[i + 1] == '\n' ? i + 2 : -1;
        }
    }
}
