package maskfeat.settings;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a setting, or a group of settings, is. Meanings are the {@code @param} texts of the records as Markdown; they say
 * units and ranges.
 *
 * @param key dotted
 * @param expected what would do, such as {@code a whole number or null}; empty for a group
 * @param value as it is, written as in a file; empty for a group, and where nothing is known of it
 * @param meaning the first sentence
 * @param details all after the first sentence, a line for each paragraph; may be empty
 * @param choices the words that would do, each with its meaning or an empty text; none where there is more to choose from
 * @param kinds for a key {@code kind}, what else could be there; otherwise none
 */
public record Explanation(
        String key,
        String expected,
        String value,
        String meaning,
        String details,
        Map<String, String> choices,
        List<Kind> kinds) {
    private static final int COMMENT_WIDTH = 96;

    /**
     * One of several records that a group of settings could be.
     *
     * @param name under the key {@code kind}
     * @param meaning the first sentence
     * @param details all after the first sentence
     * @param settings of such a record, with the values that they begin with
     */
    public record Kind(String name, String meaning, String details, List<Explanation> settings) {
        public Kind {
            settings = List.copyOf(settings);
        }
    }

    public Explanation {
        choices = Collections.unmodifiableMap(new LinkedHashMap<>(choices));
        kinds = List.copyOf(kinds);
    }

    /** Whether other settings are below it. */
    public boolean isGroup() {
        return expected.isEmpty();
    }

    /** Every setting of a value in the order of the components; a group comes before what it has. */
    static List<Explanation> of(SettingType type, @Nullable Object value) {
        List<Explanation> all = new ArrayList<>();
        inner("", type, value, new HashSet<>(), all);
        return List.copyOf(all);
    }

    /** @param above sealed types that this one is a part of: a kind may hold its like */
    private static void inner(
            String key, SettingType type, @Nullable Object value, Set<Class<?>> above, List<Explanation> all) {
        if (type instanceof SettingType.SealedType sealed) {
            all.add(kind(key, sealed, value, above));
            if (value == null) {
                return;
            }
        }
        if (type instanceof SettingType.RecordType || type instanceof SettingType.SealedType) {
            SettingType.RecordType record =
                    value == null ? (SettingType.RecordType) type : SettingType.recordOf(type, value);
            for (SettingType.Component component : record.components()) {
                component(
                        key,
                        record,
                        component,
                        value == null ? null : component.read(value),
                        value != null,
                        above,
                        all);
            }
        }
    }

    private static void component(
            String above,
            SettingType.RecordType record,
            SettingType.Component component,
            @Nullable Object value,
            boolean known,
            Set<Class<?>> types,
            List<Explanation> all) {
        String key = SettingType.child(above, component.key());
        String text = JavadocText.of(record.type(), component.name());
        SettingType type = component.type();
        boolean leaf = type instanceof ScalarType || type instanceof SettingType.ListType;
        String expected = leaf ? type.describe() + (component.isNullable() ? " or null" : "") : "";
        String shown = known && (leaf || value == null) ? YamlWriter.flow(type, value) : "";
        all.add(new Explanation(
                key, expected, shown, JavadocText.firstSentence(text), rest(text), choices(type), List.of()));
        if (!leaf) {
            Object inside = value != null
                    ? value
                    : type instanceof SettingType.RecordType r ? r.defaults().orElse(null) : null;
            inner(key, type, inside, types, all);
        }
    }

    private static Explanation kind(
            String key, SettingType.SealedType sealed, @Nullable Object value, Set<Class<?>> above) {
        Map<String, String> choices = new LinkedHashMap<>();
        List<Kind> kinds = new ArrayList<>();
        boolean first = above.add(sealed.type());
        sealed.byName().forEach((name, record) -> {
            String about = JavadocText.of(record.type());
            choices.put(name, JavadocText.firstSentence(about));
            if (first) {
                List<Explanation> settings = new ArrayList<>();
                inner(key, record, record.defaults().orElse(null), above, settings);
                kinds.add(new Kind(name, JavadocText.firstSentence(about), rest(firstParagraph(about)), settings));
            }
        });
        if (first) {
            above.remove(sealed.type());
        }
        String about = JavadocText.of(sealed.type());
        return new Explanation(
                SettingType.child(key, SettingType.KIND),
                "one of " + String.join(", ", choices.keySet()),
                value == null ? "" : ScalarType.text(sealed.nameOf(value)),
                JavadocText.firstSentence(about),
                rest(firstParagraph(about)),
                choices,
                kinds);
    }

    private static Map<String, String> choices(SettingType type) {
        Map<String, String> choices = new LinkedHashMap<>();
        if (type instanceof ScalarType scalar) {
            scalar.constants().forEach(constant -> choices.put(ScalarType.name(constant), JavadocText.of(constant)));
        }
        return choices;
    }

    /** What follows it is for who reads the code. */
    private static String firstParagraph(String text) {
        return text.lines().findFirst().orElse("");
    }

    private static String rest(String text) {
        return text.substring(JavadocText.firstSentence(text).length()).strip();
    }

    /** All of it as a YAML file whose comments explain every key; what a null group would hold is commented out. */
    static String yaml(List<Explanation> all) {
        StringBuilder yaml = new StringBuilder();
        String nullGroup = "";
        for (Explanation one : all) {
            boolean below = !nullGroup.isEmpty() && one.key.startsWith(nullGroup + ".");
            if (!below) {
                nullGroup = one.isGroup() && one.value.equals("null") ? one.key : "";
            }
            String start = (below ? "# " : "")
                    + "  ".repeat((int) one.key.chars().filter(c -> c == '.').count());
            one.comments().stream()
                    .flatMap(line -> wrapped(line, COMMENT_WIDTH - start.length()).stream())
                    .forEach(
                            line -> yaml.append(start).append("# ").append(line).append('\n'));
            boolean empty = one.isGroup() && all.stream().noneMatch(other -> other.key.startsWith(one.key + "."));
            String value = empty && one.value.isEmpty() ? "{}" : one.value;
            yaml.append(start)
                    .append(one.key.substring(one.key.lastIndexOf('.') + 1))
                    .append(':');
            yaml.append(value.isEmpty() ? "" : " " + value).append('\n');
        }
        return yaml.toString();
    }

    private static List<String> wrapped(String line, int width) {
        List<String> lines = new ArrayList<>();
        String rest = line;
        while (rest.length() > width && rest.lastIndexOf(' ', width) > 4) {
            int space = rest.lastIndexOf(' ', width);
            lines.add(rest.substring(0, space));
            rest = (line.startsWith("  ") ? "    " : "") + rest.substring(space + 1);
        }
        lines.add(rest);
        return lines;
    }

    private List<String> comments() {
        List<String> lines = new ArrayList<>();
        String end = isGroup() ? "" : " (" + expected + ")";
        String text = (meaning + " " + details).strip();
        String[] paragraphs = text.isEmpty() ? new String[] {""} : text.split("\n");
        paragraphs[paragraphs.length - 1] = (paragraphs[paragraphs.length - 1] + end).strip();
        Arrays.stream(paragraphs).filter(p -> !p.isBlank()).forEach(lines::add);
        for (Map.Entry<String, String> choice : choices.entrySet()) {
            if (!choice.getValue().isEmpty()) {
                lines.add("  " + choice.getKey() + ": " + choice.getValue());
            }
        }
        return lines;
    }
}
