package maskfeat.settings;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import maskfeat.disk.RegularFile;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.dataformat.yaml.YAMLFactory;

/**
 * Reads one YAML 1.2 or JSON document, with the place of every value.
 *
 * <p>Only maps, lists and scalars: no anchors, no tags, no second document, no key twice, at most {@link #LIMIT} bytes.
 */
final class NodeReader {
    /** A settings file has a few kilobytes. */
    static final int LIMIT = 1 << 20;

    private static final StreamReadConstraints CONSTRAINTS =
            StreamReadConstraints.builder().maxNestingDepth(50).build();
    private static final TokenStreamFactory YAML =
            YAMLFactory.builder().streamReadConstraints(CONSTRAINTS).build();
    private static final TokenStreamFactory JSON =
            JsonFactory.builder().streamReadConstraints(CONSTRAINTS).build();

    private static final Pattern PLACE = Pattern.compile("line (\\d+), column (\\d+)");

    private final String language;
    private final String name;
    private final @Nullable Origin fixed;

    /** The text in code points, which YAML's offsets count; empty for JSON, whose tokens say themselves what is quoted. */
    private final int[] source;

    private NodeReader(String language, String name, @Nullable Origin fixed, String text) {
        this.language = language;
        this.name = name;
        this.fixed = fixed;
        this.source = language.equals(YAML.getFormatName()) ? text.codePoints().toArray() : new int[0];
    }

    /** A file is JSON if its name ends in {@code .json}, otherwise YAML. */
    static Node file(Path file) {
        String text = content(file);
        boolean json = file.toString().toLowerCase(Locale.ROOT).endsWith(".json");
        return read(json ? JSON : YAML, file.toString(), null, text);
    }

    static Node json(String name, String text) {
        return read(JSON, name, null, text);
    }

    /** YAML of ours, such as a resource. */
    static Node yaml(String name, String text) {
        return read(YAML, name, null, text);
    }

    /** @param origin of all of it, wherever it stands in the text */
    static Node text(String raw, Origin origin) {
        return read(YAML, "", origin, raw);
    }

    private static String content(Path file) {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(RegularFile.require(file))) {
            bytes = in.readNBytes(LIMIT + 1);
        } catch (NoSuchFileException e) {
            throw new SettingsException(file + ": there is no such file", e);
        } catch (IOException e) {
            throw new SettingsException(file + ": cannot be read: " + e.getMessage(), e);
        }
        if (bytes.length > LIMIT) {
            throw new SettingsException(file + ": is larger than " + LIMIT + " bytes; this is no settings file");
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new SettingsException(file + ": is not UTF-8 text", e);
        }
    }

    private static Node read(TokenStreamFactory factory, String name, @Nullable Origin fixed, String text) {
        NodeReader reader = new NodeReader(factory.getFormatName(), name, fixed, text);
        try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), text)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                return new Node.Scalar("", false, reader.at(1, 1));
            }
            Node node = reader.read(parser, first);
            if (parser.nextToken() != null) {
                throw reader.refuse(parser, "a second document starts here; one file holds one");
            }
            return node;
        } catch (JacksonException e) {
            throw reader.unreadable(e);
        }
    }

    private Node read(JsonParser parser, JsonToken token) {
        refuseReferences(parser);
        Origin origin = at(parser);
        if (token == JsonToken.START_OBJECT) {
            return keys(parser, origin);
        }
        if (token == JsonToken.START_ARRAY) {
            List<Node> items = new ArrayList<>();
            for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
                items.add(read(parser, t));
            }
            return new Node.Sequence(items, origin);
        }
        return new Node.Scalar(parser.getString(), token == JsonToken.VALUE_STRING && isQuoted(parser), origin);
    }

    private Node keys(JsonParser parser, Origin origin) {
        List<Node.Entry> entries = new ArrayList<>();
        Map<String, Origin> seen = new HashMap<>();
        for (JsonToken t = parser.nextToken(); t != JsonToken.END_OBJECT; t = parser.nextToken()) {
            refuseReferences(parser);
            String key = parser.currentName();
            Origin place = at(parser);
            Origin earlier = seen.putIfAbsent(key, place);
            if (earlier != null) {
                throw SettingsException.at(key, "is written twice, first at " + earlier.detail(), place);
            }
            entries.add(new Node.Entry(key, place, read(parser, parser.nextToken())));
        }
        return new Node.Mapping(entries, origin);
    }

    /** A plain YAML scalar cannot begin with any of these, so the first character tells. */
    private void refuseReferences(JsonParser parser) {
        int first = first(parser);
        if (first == '&' || first == '*') {
            throw refuse(parser, "anchors and aliases (& and *) are not read; write the value out, or quote it");
        }
        if (first == '!') {
            throw refuse(parser, "tags (!) are not read; write the bare value, or quote it");
        }
    }

    private boolean isQuoted(JsonParser parser) {
        int first = first(parser);
        return source.length == 0 || first == '"' || first == '\'' || first == '|' || first == '>';
    }

    private int first(JsonParser parser) {
        long offset = parser.currentTokenLocation().getCharOffset();
        return offset >= 0 && offset < source.length ? source[(int) offset] : -1;
    }

    private SettingsException refuse(JsonParser parser, String problem) {
        return SettingsException.at("", problem, at(parser));
    }

    /** Keeps the last line of the library's message that is not indented; the indented ones quote the file. */
    private SettingsException unreadable(JacksonException e) {
        String message = e.getOriginalMessage();
        String sense = message.lines()
                .filter(line -> !line.isBlank() && !line.startsWith(" "))
                .reduce((first, last) -> last)
                .orElse(message);
        int line = 1;
        int column = 1;
        TokenStreamLocation location = e.getLocation();
        if (location != null && location.getLineNr() > 0) {
            line = location.getLineNr();
            column = Math.max(1, location.getColumnNr());
        }
        // The place in YAML's own message is exact; the library's location is that of the token before.
        for (Matcher place = PLACE.matcher(message); place.find(); ) {
            line = Integer.parseInt(place.group(1));
            column = Integer.parseInt(place.group(2));
        }
        String where = " (" + at(line, column).detail() + ")";
        return new SettingsException("cannot be read as " + language + ": " + sense.strip() + where, e);
    }

    private Origin at(JsonParser parser) {
        TokenStreamLocation location = parser.currentTokenLocation();
        return at(location.getLineNr(), location.getColumnNr());
    }

    private Origin at(int line, int column) {
        return fixed == null ? new Origin.Line(name, line, column) : fixed;
    }
}
