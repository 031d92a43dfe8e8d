package maskfeat.serve;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.james.mime4j.MimeException;
import org.apache.james.mime4j.codec.DecodeMonitor;
import org.apache.james.mime4j.stream.EntityState;
import org.apache.james.mime4j.stream.Event;
import org.apache.james.mime4j.stream.Field;
import org.apache.james.mime4j.stream.MimeConfig;
import org.apache.james.mime4j.stream.MimeTokenStream;
import org.apache.james.mime4j.stream.ParserCursor;
import org.apache.james.mime4j.stream.RawBody;
import org.apache.james.mime4j.stream.RawFieldParser;
import org.apache.james.mime4j.stream.RecursionMode;
import org.apache.james.mime4j.util.ByteSequence;
import org.apache.james.mime4j.util.ContentUtil;
import org.apache.james.mime4j.util.MimeUtil;
import org.jspecify.annotations.Nullable;

/**
 * The body of a plain request: a file, or a form of the type {@code multipart/form-data} (RFC 7578) with the parts {@code file}
 * and {@code boxes}. Apache's mime4j reads the form.
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
    private static final int MOST_FIELDS = 64;
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
     * @param boxes whether they are of use, for what is said of other parts
     * @throws Refusal saying what is wrong with it
     */
    static Upload read(byte[] body, String contentType, boolean boxes) throws Refusal {
        return new Form(body, boundary(contentType), boxes ? FILE + ", " + BOXES : FILE).read();
    }

    private static String boundary(String contentType) throws Refusal {
        Map<String, String> header = parameters(contentType);
        if (!"multipart/form-data".equals(header.get(""))) {
            throw bad("the body is of the type '" + header.get("") + "', and multipart/form-data is known" + HINT);
        }
        String boundary = header.getOrDefault("boundary", "");
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
        if (header.replaceAll("\\\\.", "").chars().filter(c -> c == '"').count() % 2 > 0) {
            throw bad("a header of the form has a quote that is not closed" + HINT); // mime4j would close it
        }
        ByteSequence bytes = ContentUtil.encode(StandardCharsets.UTF_8, header);
        RawBody said = RawFieldParser.DEFAULT.parseRawBody(bytes, new ParserCursor(0, bytes.length()));
        Map<String, String> all = new LinkedHashMap<>();
        all.put("", said.getValue().strip().toLowerCase(Locale.ROOT));
        said.getParams().stream()
                .filter(each -> each.getValue() != null) // a name without a value
                .forEach(each -> all.put(each.getName().toLowerCase(Locale.ROOT), each.getValue()));
        return all;
    }

    private static Refusal bad(String message) {
        return new Refusal(Refusal.BAD_REQUEST, message);
    }

    /** Takes what mime4j finds, part after part; it reads what is broken too, and tells of it as a monitor. */
    private static final class Form extends DecodeMonitor {
        private static final MimeConfig LIMITS = new MimeConfig.Builder()
                .setMaxLineLen(MOST_HEADER)
                .setMaxHeaderLen(MOST_HEADER)
                .setMaxHeaderCount(MOST_FIELDS)
                .build();

        private final byte[] body;
        private final String boundary;
        private final String known;
        private final Map<String, byte[]> parts = new LinkedHashMap<>();
        private String fileName = NAME;
        private boolean begun;
        private boolean inHeader;
        private String name = "";
        private byte @Nullable [] content;
        private boolean headerEnded;
        private boolean cutOff;

        Form(byte[] body, String boundary, String known) {
            this.body = body;
            this.boundary = boundary;
            this.known = known;
        }

        @Override
        public boolean warn(String event, String consequence) {
            headerEnded &= !event.contains(Event.HEADERS_PREMATURE_END.toString());
            cutOff |= event.contains(Event.MIME_BODY_PREMATURE_END.toString());
            return false;
        }

        @Override
        public boolean isListening() {
            return true;
        }

        Upload read() throws Refusal {
            MimeTokenStream tokens = new MimeTokenStream(LIMITS, this, null);
            tokens.setRecursionMode(RecursionMode.M_NO_RECURSE);
            try {
                tokens.parseHeadless(
                        new ByteArrayInputStream(body), "multipart/form-data; boundary=\"" + boundary + "\"");
                for (EntityState state = tokens.getState();
                        state != EntityState.T_END_OF_STREAM;
                        state = tokens.next()) {
                    take(tokens, state);
                }
            } catch (MimeException | IOException broken) {
                throw inHeader ? withoutEnd() : bad("the form cannot be read" + HINT);
            }
            byte[] file = parts.get(FILE);
            if (file == null) {
                throw bad("the form has no part '" + FILE + "'" + HINT);
            }
            return new Upload(file, fileName, parts.get(BOXES));
        }

        private void take(MimeTokenStream tokens, EntityState state) throws Refusal, IOException {
            switch (state) {
                case T_START_MULTIPART -> {
                    if (begun) {
                        throw bad("a part of the form is a form itself; send its bytes as they are");
                    }
                    begun = true;
                }
                case T_START_BODYPART -> {
                    endPart();
                    name = "";
                    inHeader = true;
                    headerEnded = true;
                }
                case T_FIELD -> field(tokens.getField());
                case T_END_HEADER -> {
                    inHeader = false;
                    if (headerEnded && !name.equals(FILE) && !name.equals(BOXES)) {
                        throw bad("there is no part '" + name + "' of the form; known: " + known);
                    }
                }
                case T_BODY -> content = tokens.getInputStream().readAllBytes();
                case T_END_MULTIPART -> {
                    endPart();
                    if (cutOff) {
                        throw bad(
                                "the body is no form: the boundary that its Content-Type names does not occur" + HINT);
                    }
                }
                default -> {
                    // what stands around the parts
                }
            }
        }

        /** Whether a part is whole is known only when the next begins, or nothing follows. */
        private void endPart() throws Refusal {
            byte[] ended = content;
            if (ended == null) {
                return;
            }
            if (cutOff) {
                throw headerEnded
                        ? bad("the form ends in the middle of its part '" + name
                                + "'; send all of it, with the boundary and -- at its end")
                        : withoutEnd();
            }
            if (ended.length == 0) {
                throw bad("part '" + name + "' of the form is empty");
            }
            if (parts.put(name, ended) != null) {
                throw bad("the form has two parts '" + name + "'; send one at a time");
            }
            content = null;
        }

        private static Refusal withoutEnd() {
            return bad("a part of the form has no end of its header within " + MOST_HEADER + " bytes and " + MOST_FIELDS
                    + " lines" + HINT);
        }

        private void field(Field field) throws Refusal {
            // The raw bytes: clients send names in UTF-8, which mail has no place for.
            String line = MimeUtil.unfold(ContentUtil.decode(StandardCharsets.UTF_8, field.getRaw()));
            String value = line.substring(line.indexOf(':') + 1).strip();
            if (field.getName().equalsIgnoreCase("Content-Disposition")) {
                Map<String, String> said = parameters(value);
                name = said.getOrDefault("name", "");
                String called = said.getOrDefault("filename", "").replace('\\', '/');
                called = called.substring(called.lastIndexOf('/') + 1);
                if (name.equals(FILE) && !called.isBlank()) {
                    fileName = called;
                }
            } else if (field.getName().equalsIgnoreCase("Content-Transfer-Encoding")
                    && !value.toLowerCase(Locale.ROOT).matches("binary|8bit|7bit")) {
                throw bad("a part of the form is in " + value + "; send its bytes as they are");
            }
        }
    }
}
