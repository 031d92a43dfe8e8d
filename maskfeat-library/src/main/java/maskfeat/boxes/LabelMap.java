package maskfeat.boxes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Shown;
import org.jspecify.annotations.Nullable;

/**
 * Classes that count, by their id in the annotations.
 *
 * @param names name of each id, in the order of the file
 */
public record LabelMap(Map<Integer, String> names) {
    private static final int MAX_BYTES = 1 << 22;
    private static final Pattern TOKEN = Pattern.compile(
            "#[^\\n]*|(item)\\s*:?\\s*\\{|(\\})|(\\w+)\\s*:\\s*(?:\"((?:[^\"\\\\\\n]|\\\\.)*+)\"|'([^'\\n]*)'|([^\\s{}]+))");
    private static final Pattern LINE = Pattern.compile("\\s*(\\d{1,9})\\s*:\\s*(\\S.*?)\\s*");

    public LabelMap {
        names = Collections.unmodifiableMap(new LinkedHashMap<>(names));
    }

    /**
     * Reads AVA's {@code .pbtxt} or mmaction2's text, {@code 1: bend/bow} a line.
     *
     * @throws DamagedFile if it is neither, or an id is there twice
     */
    public static LabelMap read(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new DamagedFile(file, "has " + Files.size(file) + " bytes, which is no label map");
        }
        List<String> lines = new ArrayList<>();
        try (Lines all = Lines.open(file)) {
            for (String line = all.text(); line != null; line = all.text()) {
                lines.add(line);
            }
        }
        Map<Integer, String> names = new LinkedHashMap<>();
        if (!lines.isEmpty() && LINE.matcher(lines.get(0)).matches()) {
            for (String line : lines) {
                Matcher matcher = LINE.matcher(line);
                if (!matcher.matches()) {
                    throw new DamagedFile(
                            file, "has the line '" + Shown.text(line) + "' among lines such as '1: bend/bow'");
                }
                put(file, names, matcher.group(1), matcher.group(2));
            }
        } else {
            items(file, String.join("\n", lines), names);
        }
        if (names.isEmpty()) {
            throw new DamagedFile(
                    file, "names no class; a label map has items with name and id, or lines such as '1: bend/bow'");
        }
        return new LabelMap(names);
    }

    private static void items(Path file, String text, Map<Integer, String> names) throws DamagedFile {
        Matcher matcher = TOKEN.matcher(text);
        String name = null;
        String id = null;
        while (matcher.find()) {
            if (matcher.group(1) != null) {
                name = null;
                id = null;
            } else if (matcher.group(2) != null) {
                if (name == null || id == null) {
                    throw new DamagedFile(
                            file,
                            "has an item without " + (id == null ? "id" : "name")
                                    + (name == null ? "" : " ('" + Shown.text(name) + "')"));
                }
                put(file, names, id, name);
            } else if (matcher.group(3) != null) {
                String key = matcher.group(3);
                String value = first(matcher.group(4), matcher.group(5), matcher.group(6));
                if (key.equals("name")) {
                    name = value;
                } else if (key.equals("id") || key.equals("label_id")) {
                    id = value;
                }
            }
        }
    }

    private static String first(@Nullable String... values) {
        for (String value : values) {
            if (value != null) {
                return value;
            }
        }
        return "";
    }

    private static void put(Path file, Map<Integer, String> names, String id, String name) throws DamagedFile {
        if (!id.matches("\\d{1,9}")) {
            throw new DamagedFile(file, "has '" + Shown.text(id) + "' for the id of '" + Shown.text(name) + "'");
        }
        String before = names.put(Integer.valueOf(id), name);
        if (before != null) {
            throw new DamagedFile(
                    file, "has id " + id + " twice: '" + Shown.text(before) + "' and '" + Shown.text(name) + "'");
        }
    }

    /** The ids, in the order of the file; a class's number from 0 is its place here. */
    public List<Integer> ids() {
        return List.copyOf(names.keySet());
    }

    /** The id of a name; null if there is none. */
    public @Nullable Integer id(String name) {
        for (Map.Entry<Integer, String> entry : names.entrySet()) {
            if (entry.getValue().equals(name)) {
                return entry.getKey();
            }
        }
        return null;
    }
}
