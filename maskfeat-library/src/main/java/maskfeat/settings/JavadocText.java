package maskfeat.settings;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.text.BreakIterator;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The Javadoc of settings, which is the one place where their meaning is written down. The build keeps it as a resource
 * beside each class (the annotation processor therapi-runtime-javadoc-scribe, see pom.xml); without it every meaning is
 * empty.
 */
final class JavadocText {
    private static final Pattern PARAM = Pattern.compile("@param\\s+(\\w+)\\s+(.*)", Pattern.DOTALL);
    private static final Pattern BLOCK_TAG = Pattern.compile("(?m)^\\s*(?=@[a-z])");
    private static final Pattern INLINE_TAG = Pattern.compile("\\{@(\\w+)\\s+((?:[^{}]|\\{[^{}]*})*)}");

    private JavadocText() {}

    /** What a type is: its description without tags; empty if there is none. */
    static String of(Class<?> type) {
        return plain(blocks(doc(type).path("doc").asString(""))[0]);
    }

    /** What a component of a record is, by its {@code @param}; empty if there is none. */
    static String of(Class<?> record, String component) {
        for (String block : blocks(doc(record).path("doc").asString(""))) {
            Matcher param = PARAM.matcher(block.strip());
            if (param.matches() && param.group(1).equals(component)) {
                return plain(param.group(2));
            }
        }
        return "";
    }

    /** What a constant of an enum is; empty if nothing is said. */
    static String of(Enum<?> constant) {
        JsonNode constants = doc(constant.getDeclaringClass()).path("enumConstants");
        return StreamSupport.stream(constants.spliterator(), false)
                .filter(node -> node.path("name").asString("").equals(constant.name()))
                .map(node -> plain(blocks(node.path("doc").asString(""))[0]))
                .findFirst()
                .orElse("");
    }

    private static JsonNode doc(Class<?> type) {
        String name = type.getName();
        String file = name.substring(name.lastIndexOf('.') + 1) + "__Javadoc.json";
        try (InputStream in = type.getResourceAsStream(file)) {
            return in == null
                    ? JsonMapper.shared().createObjectNode()
                    : JsonMapper.shared().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The description, then one part a block tag. */
    private static String[] blocks(String doc) {
        return BLOCK_TAG.split(doc.startsWith("@") ? "\n" + doc : doc);
    }

    /** As Markdown: code in backticks, links by their text, one line a paragraph. */
    static String plain(String javadoc) {
        String text = INLINE_TAG
                .matcher(javadoc)
                .replaceAll(tag -> Matcher.quoteReplacement(inline(tag.group(1), tag.group(2))));
        text = text.replaceAll("</?code>", "`").replaceAll("\\s*<p>\\s*", "\0").replaceAll("</?[a-zA-Z]+>", "");
        text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        return text.strip().replaceAll("\\s+", " ").replace('\0', '\n').strip();
    }

    private static String inline(String tag, String content) {
        if (tag.equals("code")) {
            return "`" + content + "`";
        }
        if (!tag.startsWith("link")) {
            return content;
        }
        String[] parts = content.strip().split("\\s+", 2);
        String target = parts[0].startsWith("#") ? parts[0].substring(1) : parts[0].replace('#', '.');
        return parts.length > 1 ? parts[1] : "`" + target + "`";
    }

    /** The first sentence of a text, with its full stop if it has one. */
    static String firstSentence(String text) {
        String paragraph = text.lines().findFirst().orElse("");
        BreakIterator sentences = BreakIterator.getSentenceInstance(Locale.ROOT);
        sentences.setText(Objects.requireNonNull(paragraph));
        int end = paragraph.isEmpty() ? BreakIterator.DONE : sentences.next();
        return end == BreakIterator.DONE
                ? paragraph
                : paragraph.substring(0, end).strip();
    }
}
