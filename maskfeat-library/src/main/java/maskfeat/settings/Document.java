package maskfeat.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import maskfeat.settings.Node.Entry;
import maskfeat.settings.Node.Mapping;
import maskfeat.settings.Node.Scalar;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one file, for a {@link Migration} to change. Keys are dotted, as in {@code task.depths}; what is moved keeps
 * its line and column, so that later messages still point into the file.
 */
public final class Document {
    private Mapping root;
    private final boolean complete;
    private Origin origin = new Origin.OlderVersion(1);

    Document(Mapping root, boolean complete) {
        this.root = root;
        this.complete = complete;
    }

    /** Keys that are added from now on are those that version {@code from} had built in. */
    void begin(int from) {
        origin = new Origin.OlderVersion(from);
    }

    Node content() {
        return root;
    }

    /** Whether the file says everything; otherwise it holds a few settings to lay over others. */
    public boolean isComplete() {
        return complete;
    }

    /** Whether the file has the key. */
    public boolean has(String key) {
        return find(root, key) != null;
    }

    /** The single value under the key as text; empty if the key is not there, or holds a list or a map. */
    public Optional<String> text(String key) {
        Entry entry = find(root, key);
        return entry != null && entry.value() instanceof Scalar scalar ? Optional.of(scalar.text()) : Optional.empty();
    }

    /**
     * Gives a key another name or another place, with all that is below it. Does nothing where the key is not there.
     *
     * @throws SettingsException if the file has both names
     */
    public void move(String from, String to) {
        Entry entry = find(root, from);
        if (entry == null) {
            return;
        }
        if (has(to)) {
            throw SettingsException.at(from, "is called " + to + " now, and the file has both", entry.origin());
        }
        root = without(root, from);
        root = with(root, "", to, entry.value(), entry.origin());
    }

    /** Takes a key away, with all that is below it. Does nothing where the key is not there. */
    public void remove(String key) {
        root = without(root, key);
    }

    /**
     * Adds a key, unless the file has it. A file that is not complete gets it only beside other keys of the same map: where
     * the file is silent, what it is laid over decides. Nothing is added below a key that is null.
     *
     * @param yaml the value as a file would have it
     */
    public void add(String key, String yaml) {
        int dot = key.lastIndexOf('.');
        Entry parent = dot < 0 ? null : find(root, key.substring(0, dot));
        boolean besideOthers = parent != null && parent.value() instanceof Mapping;
        if (!has(key) && (besideOthers || complete && parent == null)) {
            root = with(root, "", key, NodeReader.text(yaml, origin), origin);
        }
    }

    /**
     * Gives a key another value, in the same line. Does nothing where the key is not there.
     *
     * @param yaml the value as a file would have it
     */
    public void replace(String key, String yaml) {
        Entry entry = find(root, key);
        if (entry != null) {
            root = with(
                    without(root, key),
                    "",
                    key,
                    NodeReader.text(yaml, entry.value().origin()),
                    entry.origin());
        }
    }

    private static @Nullable Entry find(Node node, String key) {
        if (!(node instanceof Mapping mapping)) {
            return null;
        }
        int dot = key.indexOf('.');
        String name = dot < 0 ? key : key.substring(0, dot);
        for (Entry entry : mapping.entries()) {
            if (entry.key().equals(name)) {
                return dot < 0 ? entry : find(entry.value(), key.substring(dot + 1));
            }
        }
        return null;
    }

    /** The map with the key at its end; the maps on the way are made where they are not there. */
    private static Mapping with(Mapping mapping, String above, String key, Node value, Origin origin) {
        int dot = key.indexOf('.');
        String name = dot < 0 ? key : key.substring(0, dot);
        List<Entry> entries = new ArrayList<>(mapping.entries());
        if (dot < 0) {
            entries.add(new Entry(name, origin, value));
            return new Mapping(List.copyOf(entries), mapping.origin());
        }
        String path = SettingType.child(above, name);
        String rest = key.substring(dot + 1);
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            if (entry.key().equals(name)) {
                if (!(entry.value() instanceof Mapping inner)) {
                    throw SettingsException.at(
                            path,
                            "expected a map of keys, got " + entry.value().found(),
                            entry.value().origin());
                }
                entries.set(i, new Entry(name, entry.origin(), with(inner, path, rest, value, origin)));
                return new Mapping(List.copyOf(entries), mapping.origin());
            }
        }
        entries.add(new Entry(name, origin, with(new Mapping(List.of(), origin), path, rest, value, origin)));
        return new Mapping(List.copyOf(entries), mapping.origin());
    }

    /** The map without the key; a map that is left empty stays. */
    private static Mapping without(Mapping mapping, String key) {
        int dot = key.indexOf('.');
        String name = dot < 0 ? key : key.substring(0, dot);
        List<Entry> entries = new ArrayList<>();
        for (Entry entry : mapping.entries()) {
            if (!entry.key().equals(name)) {
                entries.add(entry);
            } else if (dot > 0) {
                Node inner =
                        entry.value() instanceof Mapping below ? without(below, key.substring(dot + 1)) : entry.value();
                entries.add(new Entry(name, entry.origin(), inner));
            }
        }
        return new Mapping(List.copyOf(entries), mapping.origin());
    }
}
