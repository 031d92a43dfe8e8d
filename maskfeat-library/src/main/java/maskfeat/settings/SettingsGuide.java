package maskfeat.settings;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes the reference of all settings as Markdown: a table for each group of settings, and one for each kind that a group
 * can be. A group that stands in several places is described in the first.
 */
public final class SettingsGuide {
    private final StringBuilder text = new StringBuilder();

    /** Where each type is described. */
    private final Map<SettingType, String> described = new LinkedHashMap<>();

    private SettingsGuide() {}

    /**
     * The whole page.
     *
     * @param introduction Markdown, from the title on
     * @param roots what is described, each under its heading
     */
    public static String markdown(String introduction, Map<String, ? extends Class<?>> roots) {
        SettingsGuide guide = new SettingsGuide();
        guide.text.append(introduction.strip()).append('\n');
        roots.forEach((heading, type) -> {
            guide.line("## " + heading);
            guide.root(SettingType.checked(type));
        });
        return guide.text.toString();
    }

    private void root(SettingType type) {
        group("", type, false);
    }

    /** Tables of one group, of each of its kinds, and after them those of the groups inside it. */
    private void group(String key, SettingType type, boolean nullable) {
        List<SettingType.Component> inner = new ArrayList<>();
        if (type instanceof SettingType.SealedType sealed) {
            Set<String> names = new LinkedHashSet<>(sealed.byName().keySet());
            line("One of these kinds, by `" + SettingType.child(key, SettingType.KIND) + "`: "
                    + String.join(", ", names.stream().map(n -> "`" + n + "`").toList()) + ".");
            sealed.byName().forEach((name, record) -> {
                line("**`kind: " + name + "`**" + colon(firstParagraph(record.type())));
                table(key, record, true, inner);
            });
        } else if (type instanceof SettingType.RecordType record) {
            table(key, record, nullable, inner);
        }
        for (SettingType.Component component : inner) {
            String childKey = SettingType.child(key, component.key());
            line("### `" + childKey + "`");
            line(about(component.type()));
            group(childKey, component.type(), component.isNullable());
        }
    }

    /** @param inner takes the groups that are to be described further down */
    private void table(String key, SettingType.RecordType record, boolean begins, List<SettingType.Component> inner) {
        if (record.components().isEmpty()) {
            line("It has no settings.");
            return;
        }
        Object defaults = begins ? record.defaults().orElse(null) : null;
        List<String> head = new ArrayList<>(List.of("Setting", "Value"));
        if (defaults != null) {
            head.add("Begins with");
        }
        head.add("Meaning");
        StringBuilder rows = new StringBuilder(row(head));
        rows.append(row(head.stream().map(cell -> "---").toList()));
        for (SettingType.Component component : record.components()) {
            boolean leaf = component.type() instanceof ScalarType || component.type() instanceof SettingType.ListType;
            String childKey = SettingType.child(key, component.key());
            String meaning = JavadocText.of(record.type(), component.name());
            if (!leaf) {
                String place = described.get(component.type());
                boolean here = place == null;
                if (here) {
                    described.put(component.type(), childKey);
                    inner.add(component);
                }
                meaning += here ? "; see below" : "; see `" + place + "`";
            }
            List<String> cells = new ArrayList<>(List.of("`" + component.key() + "`", value(component, leaf)));
            if (defaults != null) {
                Object value = component.read(defaults);
                cells.add(
                        leaf || value == null
                                ? "`" + YamlWriter.flow(component.type(), value) + "`"
                                : kind(component, value));
            }
            cells.add(meaning + constants(component));
            rows.append(row(cells));
        }
        line(rows.toString().stripTrailing());
    }

    private static String kind(SettingType.Component component, Object value) {
        return component.type() instanceof SettingType.SealedType sealed ? "`kind: " + sealed.nameOf(value) + "`" : "";
    }

    private static String value(SettingType.Component component, boolean leaf) {
        String what = leaf ? component.type().describe() : "settings";
        return what + (component.isNullable() ? " or null" : "");
    }

    /** What each word means, where that is written down. */
    private static String constants(SettingType.Component component) {
        if (!(component.type() instanceof ScalarType scalar)) {
            return "";
        }
        List<String> meanings = scalar.constants().stream()
                .filter(constant -> !JavadocText.of(constant).isEmpty())
                .map(constant -> "`" + ScalarType.name(constant) + "`: " + JavadocText.of(constant))
                .toList();
        return meanings.isEmpty() ? "" : "\n" + String.join("\n", meanings);
    }

    private static String about(SettingType type) {
        if (type instanceof SettingType.SealedType sealed) {
            return firstParagraph(sealed.type());
        }
        return type instanceof SettingType.RecordType record ? firstParagraph(record.type()) : "";
    }

    /** Further paragraphs are for those who read the code. */
    private static String firstParagraph(Class<?> type) {
        return JavadocText.of(type).lines().findFirst().orElse("");
    }

    private static String colon(String text) {
        return text.isEmpty() ? "" : ": " + text;
    }

    private static String row(List<String> cells) {
        List<String> escaped = cells.stream()
                .map(cell -> cell.replace("|", "\\|").replace("\n", "<br>"))
                .toList();
        return "| " + String.join(" | ", escaped) + " |\n";
    }

    /** A paragraph or a table, after an empty line. */
    private void line(String paragraph) {
        if (!paragraph.isEmpty()) {
            text.append('\n').append(paragraph).append('\n');
        }
    }
}
