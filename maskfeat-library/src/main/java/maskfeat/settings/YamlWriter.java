package maskfeat.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a value as YAML, a line a setting, with the origins in a column of comments at the right. */
final class YamlWriter {
    private static final int WIDTH = 100;

    private record Line(String text, @Nullable Origin origin) {}

    private final Map<String, Origin> origins;
    private final List<Line> lines = new ArrayList<>();

    private YamlWriter(Map<String, Origin> origins) {
        this.origins = origins;
    }

    static String of(SettingType type, Object value, Map<String, Origin> origins) {
        YamlWriter text = new YamlWriter(origins);
        text.node("", "", type, value);
        return text.aligned();
    }

    /** In one line, as in a list or a message. */
    static String flow(SettingType type, @Nullable Object value) {
        if (value == null) {
            return "null";
        }
        if (type instanceof ScalarType scalar) {
            return scalar.yaml(value);
        }
        if (type instanceof SettingType.ListType list) {
            return "["
                    + String.join(
                            ", ",
                            ((List<?>) value)
                                    .stream().map(v -> flow(list.element(), v)).toList())
                    + "]";
        }
        List<String> entries = new ArrayList<>();
        if (type instanceof SettingType.SealedType kinds) {
            entries.add(SettingType.KIND + ": " + ScalarType.text(kinds.nameOf(value)));
        }
        for (SettingType.Component c : SettingType.recordOf(type, value).components()) {
            entries.add(c.key() + ": " + flow(c.type(), c.read(value)));
        }
        return "{" + String.join(", ", entries) + "}";
    }

    private void node(String key, String indent, SettingType type, Object value) {
        if (type instanceof SettingType.SealedType kinds) {
            line(
                    SettingType.child(key, SettingType.KIND),
                    indent,
                    SettingType.KIND,
                    ScalarType.text(kinds.nameOf(value)));
        }
        for (SettingType.Component c : SettingType.recordOf(type, value).components()) {
            String childKey = SettingType.child(key, c.key());
            Object child = c.read(value);
            boolean nested =
                    child != null && !(c.type() instanceof ScalarType) && !(c.type() instanceof SettingType.ListType);
            if (child == null || !nested || flow(c.type(), child).equals("{}")) {
                line(childKey, indent, c.key(), flow(c.type(), child));
            } else {
                lines.add(new Line(indent + c.key() + ":", null));
                node(childKey, indent + "  ", c.type(), child);
            }
        }
    }

    private void line(String key, String indent, String name, String value) {
        lines.add(new Line(indent + name + ": " + value, origins.get(key)));
    }

    /** Comments start in one column, behind the longest line that leaves them room; those of longer lines start later. */
    private String aligned() {
        int room = WIDTH
                - lines.stream()
                        .mapToInt(l -> comment(l.origin()).length())
                        .max()
                        .orElse(0);
        int column = lines.stream()
                .filter(l -> l.origin() != null)
                .mapToInt(l -> l.text().length())
                .filter(length -> length <= room)
                .max()
                .orElse(0);
        StringBuilder yaml = new StringBuilder();
        for (Line line : lines) {
            String comment = comment(line.origin());
            String gap = comment.isEmpty()
                    ? ""
                    : " ".repeat(Math.max(0, column - line.text().length()));
            yaml.append(line.text()).append(gap).append(comment).append('\n');
        }
        return yaml.toString();
    }

    private static String comment(@Nullable Origin origin) {
        return origin == null ? "" : "   # " + origin.toString().replaceAll("\\p{Cntrl}", " ");
    }
}
