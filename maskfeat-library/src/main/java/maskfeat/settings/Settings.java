package maskfeat.settings;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * The settings of a run: a recipe's value, changed by files and by the command line, with the origin of every setting.
 *
 * <p>The settings are a tree of records. A record's components are its keys, in kebab case ({@code maxBadShare} is
 * {@code max-bad-share}), dots lead into the tree ({@code train.max-bad-share}). A sealed interface is a choice: its key
 * {@code kind} names one of the records it permits by the name in their {@code @JsonTypeName}; another kind
 * begins with what the static method {@code defaults()} of its record returns, unless the recipe's value is one of
 * {@link Beginnings} and knows better. A component may be null if it is {@code @Nullable}. Lists are replaced as a whole.
 *
 * <p>Files come over the recipe in the order given, then all assignments, then all flags, whatever the order of the
 * calls. An object of this class does not change; each method returns another.
 *
 * <p>Nothing is converted silently: {@code yes} is no boolean, {@code "64"} no number, {@code 1e3} the whole number 1000
 * and 1.5 none. What does not fit, or is not known, is refused with the key, the place and what is accepted.
 *
 * @param <R> the record at the root
 */
public final class Settings<R> {
    /**
     * One setting as it is.
     *
     * @param key dotted
     * @param value a number, a boolean, text, a path, an enum's constant, a list of these, the name of a kind, or null
     */
    public record Leaf(String key, @Nullable Object value, Origin origin) {}

    /**
     * A setting that is not the same in two values.
     *
     * @param key dotted
     * @param was as it is written in a file
     * @param is as it is written in a file
     */
    public record Difference(String key, String was, String is) {
        @Override
        public String toString() {
            return key + " was " + was + " and is " + is;
        }
    }

    private final Format<R> format;
    private final SettingType type;
    private final Tree base;
    private final Beginnings beginnings;
    private final List<List<Overlay.Change>> files;
    private final List<Overlay.Change> assignments;
    private final List<Overlay.Change> flags;

    private Settings(
            Format<R> format,
            SettingType type,
            Tree base,
            Beginnings beginnings,
            List<List<Overlay.Change>> files,
            List<Overlay.Change> assignments,
            List<Overlay.Change> flags) {
        this.format = format;
        this.type = type;
        this.base = base;
        this.beginnings = beginnings;
        this.files = files;
        this.assignments = assignments;
        this.flags = flags;
    }

    /**
     * Begins with a complete value that has no file format of its own.
     *
     * @param type a record, or a sealed interface of records
     * @param recipe the value's name
     * @throws IllegalStateException if the type cannot be a tree of settings, for example because a kind has no
     *     {@code defaults()}, naming the class
     */
    public static <R> Settings<R> of(Class<R> type, String recipe, R value) {
        return of(Format.unversioned(type), recipe, value);
    }

    /**
     * Begins with a complete value.
     *
     * @param recipe the value's name
     * @throws IllegalStateException if the format's type cannot be a tree of settings, for example because a kind has no
     *     {@code defaults()}, naming the class
     */
    public static <R> Settings<R> of(Format<R> format, String recipe, R value) {
        SettingType type = SettingType.checked(format.type());
        Tree tree = Tree.of("", type, value, new Origin.Recipe(recipe));
        return new Settings<>(format, type, tree, beginnings(value), List.of(), List.of(), List.of());
    }

    /**
     * Begins with a complete file, such as {@link #yaml} writes: every value is the file's, and none is a recipe's. A file
     * of an older version is read as the program read it that wrote it.
     *
     * @param file JSON if its name ends in {@code .json}, otherwise YAML 1.2
     * @throws SettingsException if it cannot be read, lacks a key, is of a newer version, or holds what does not fit
     */
    public static <R> Settings<R> of(Format<R> format, Path file) {
        return complete(format, file.toString(), NodeReader.file(file));
    }

    /** @param name of the file, for messages */
    static <R> Settings<R> complete(Format<R> format, String name, Node content) {
        SettingType type = SettingType.checked(format.type());
        Tree tree = read(format, type, name, content);
        Object value = Objects.requireNonNull(Tree.build("", tree));
        return new Settings<>(format, type, tree, beginnings(value), List.of(), List.of(), List.of());
    }

    /** A tree in which nothing is missing; no constructor of a record has checked it yet. */
    private static Tree read(Format<?> format, SettingType type, String name, Node content) {
        Format.Current current = format.current(name, content, true);
        Tree tree = new Overlay(type, new Tree.Missing(), Beginnings.OWN).with(Overlay.changes(current.content()));
        Tree whole = format.version() == Format.UNVERSIONED ? tree : AddedKeys.filled(tree, current.version());
        Tree.missing("", whole).ifPresent(key -> {
            throw new SettingsException((key.isEmpty() ? "" : key + ": ") + "is missing (" + name + ")");
        });
        return whole;
    }

    private static Beginnings beginnings(Object value) {
        return value instanceof Beginnings own ? own : Beginnings.OWN;
    }

    /**
     * Adds a file, JSON if its name ends in {@code .json} and YAML 1.2 otherwise; it may say as little as it likes. It may
     * carry a version; without one it is read as of today.
     *
     * @throws SettingsException if it cannot be read, is larger than 1 MB, or is not one map without anchors, tags and
     *     repeated keys
     */
    public Settings<R> file(Path file) {
        return over(file.toString(), NodeReader.file(file));
    }

    /** @param name of the file, for messages */
    Settings<R> over(String name, Node content) {
        boolean empty = content instanceof Node.Scalar scalar && scalar.isNull();
        List<Overlay.Change> changes = empty
                ? List.of()
                : Overlay.changes(format.current(name, content, false).content());
        return new Settings<>(format, type, base, beginnings, with(files, changes), assignments, flags);
    }

    /**
     * Adds an assignment, as the command line's {@code --set} has it: {@code train.batch=64},
     * {@code data.normalize.mean=[0.5, 0.5, 0.5]}. Text is taken as it stands; {@code null} is null. With nothing
     * behind its equals sign it is refused when the value is made.
     *
     * @throws SettingsException if it is no assignment, or one of PySlowFast's
     */
    public Settings<R> set(String assignment) {
        Origin origin = new Origin.Assignment(assignment);
        int equals = assignment.indexOf('=');
        String key = (equals < 0 ? assignment : assignment.substring(0, equals)).strip();
        String firstWord = key.split("[\\s:]", 2)[0];
        if (Overlay.PYSLOWFAST.matcher(firstWord).matches()) {
            throw SettingsException.at(firstWord, Overlay.pyslowfast(firstWord, Overlay.known(type, base)), origin);
        }
        if (equals < 0 || key.isEmpty()) {
            throw new SettingsException(
                    "expected key=value, such as train.batch=64, got '" + assignment + "' (" + origin.detail() + ")");
        }
        Overlay.Change change = change(key, assignment.substring(equals + 1), origin);
        return new Settings<>(format, type, base, beginnings, files, with(assignments, change), flags);
    }

    /**
     * Adds an option that stands for a setting; it comes over all assignments.
     *
     * @param flag as the user wrote it, such as {@code --seed}
     * @param key dotted
     */
    public Settings<R> flag(String flag, String key, String value) {
        Overlay.Change change = change(key, value, new Origin.Flag(flag, value));
        return new Settings<>(format, type, base, beginnings, files, assignments, with(flags, change));
    }

    /**
     * The same with the changes to one setting at the root alone: that setting may decide which recipe the others are laid
     * over.
     *
     * @param key without dots
     */
    public Settings<R> only(String key) {
        return new Settings<>(
                format,
                type,
                base,
                beginnings,
                files.stream().map(file -> of(key, file)).toList(),
                of(key, assignments),
                of(key, flags));
    }

    private static List<Overlay.Change> of(String key, List<Overlay.Change> changes) {
        List<Overlay.Change> found = new ArrayList<>();
        for (Overlay.Change change : changes) {
            if (change.path().equals(List.of(key))) {
                found.add(change);
            } else if (change.path().isEmpty() && change.node() instanceof Node.Mapping keys) {
                keys.entries().stream()
                        .filter(entry -> entry.key().equals(key))
                        .forEach(entry -> found.add(new Overlay.Change(List.of(key), entry.value(), entry.origin())));
            }
        }
        return List.copyOf(found);
    }

    private static Overlay.Change change(String key, String value, Origin origin) {
        List<String> path = List.of(key.split("\\.", -1));
        if (path.stream().anyMatch(String::isBlank)) {
            throw SettingsException.at(key, "has an empty part between its dots", origin);
        }
        return new Overlay.Change(path, new Node.CommandLine(value.strip(), origin), origin);
    }

    private static <T> List<T> with(List<T> list, T more) {
        List<T> longer = new ArrayList<>(list);
        longer.add(more);
        return List.copyOf(longer);
    }

    /**
     * The value that all of it makes.
     *
     * @throws SettingsException if a key is unknown, a value does not fit, or a record refuses its components
     */
    public R value() {
        return format.type().cast(Objects.requireNonNull(Tree.build("", tree())));
    }

    private Tree tree() {
        Tree tree = base;
        for (List<Overlay.Change> file : files) {
            tree = new Overlay(type, tree, beginnings).with(file);
        }
        tree = new Overlay(type, tree, beginnings).with(assignments);
        return new Overlay(type, tree, beginnings).with(flags);
    }

    /**
     * Every setting of the value, in the order of the components.
     *
     * @throws SettingsException as {@link #value} does
     */
    public List<Leaf> leaves() {
        Map<String, Origin> origins = origins();
        List<Leaf> leaves = new ArrayList<>();
        // From the value, not from the tree: a constructor may have changed what it was given.
        visit(type, value(), (key, leaf) -> leaves.add(new Leaf(key, leaf.value(), origin(origins, key))));
        return List.copyOf(leaves);
    }

    /**
     * Where every setting comes from, by dotted key.
     *
     * @throws SettingsException if a key is unknown or a value does not fit
     */
    public Map<String, Origin> origins() {
        Map<String, Origin> origins = new LinkedHashMap<>();
        Tree.visit("", tree(), (key, leaf) -> origins.put(key, leaf.origin()));
        return origins;
    }

    /**
     * The value as a YAML file that says the same again, the version first, then every key, with the origins as comments.
     *
     * @throws SettingsException as {@link #value} does
     */
    public String yaml() {
        Map<String, Origin> origins = new LinkedHashMap<>();
        leaves().forEach(leaf -> origins.put(leaf.key(), leaf.origin()));
        return versionLine() + YamlWriter.of(type, Objects.requireNonNull(value()), origins);
    }

    /**
     * What every setting means, with its value here, in the order of the components; groups and kinds have entries of their
     * own before what they hold.
     *
     * @throws SettingsException as {@link #value} does
     */
    public List<Explanation> explain() {
        return Explanation.of(type, value());
    }

    /**
     * The value as a YAML file whose comments explain every setting: meaning, unit, range and choices.
     *
     * @throws SettingsException as {@link #value} does
     */
    public String explained() {
        return versionLine() + Explanation.yaml(explain());
    }

    private String versionLine() {
        return format.version() == Format.UNVERSIONED ? "" : Format.KEY + ": " + format.version() + "\n";
    }

    /** A record that its owner's constructor put in place of null has no origin of its own. */
    private static Origin origin(Map<String, Origin> origins, String key) {
        for (String k = key; !k.isEmpty(); k = k.substring(0, Math.max(0, k.lastIndexOf('.')))) {
            Origin origin = origins.get(k);
            if (origin != null) {
                return origin;
            }
        }
        return new Origin.Defaults(key);
    }

    private static void visit(SettingType type, @Nullable Object value, BiConsumer<String, Tree.Leaf> visitor) {
        Tree.visit("", Tree.of("", type, value, new Origin.Recipe("")), visitor);
    }

    /**
     * The value as compact JSON with the version first and every key: what {@link #fromJson} reads.
     *
     * @throws SettingsException as {@link #value} does
     */
    public String json() {
        return toJson(format, value());
    }

    /** The value as compact JSON, every key and no version. */
    public static <R> String toJson(Class<R> type, R value) {
        return toJson(Format.unversioned(type), value);
    }

    /** The value as compact JSON, the version first and every key. */
    public static <R> String toJson(Format<R> format, R value) {
        Map<String, @Nullable Object> keys = new LinkedHashMap<>();
        if (format.version() != Format.UNVERSIONED) {
            keys.put(Format.KEY, format.version());
        }
        keys.putAll(map(SettingType.of(format.type()), value));
        return JsonMapper.shared().writeValueAsString(keys);
    }

    /**
     * The value of {@link #toJson(Class, Object)}; every key must be there.
     *
     * @param name for messages: where the text was found
     * @throws SettingsException if it is not such a text, or lacks a key
     */
    public static <R> R fromJson(Class<R> type, String name, String json) {
        return fromJson(Format.unversioned(type), name, json);
    }

    /**
     * The value of {@link #toJson(Format, Object)}, as any version of the format has it.
     *
     * @param name for messages: where the text was found
     * @throws SettingsException if it is not such a text, lacks a key that its version has, or is of a newer version
     */
    public static <R> R fromJson(Format<R> format, String name, String json) {
        SettingType type = SettingType.of(format.type());
        Tree tree = read(format, type, name, NodeReader.json(name, json));
        return format.type().cast(Objects.requireNonNull(Tree.build("", tree)));
    }

    private static @Nullable Object plain(SettingType type, @Nullable Object value) {
        if (value == null) {
            return null;
        }
        if (type instanceof ScalarType scalar) {
            return scalar.plain(value);
        }
        if (type instanceof SettingType.ListType list) {
            return ((List<?>) value).stream().map(v -> plain(list.element(), v)).toList();
        }
        return map(type, value);
    }

    private static Map<String, @Nullable Object> map(SettingType type, Object value) {
        Map<String, @Nullable Object> keys = new LinkedHashMap<>();
        if (type instanceof SettingType.SealedType kinds) {
            keys.put(SettingType.KIND, kinds.nameOf(value));
        }
        for (SettingType.Component c : SettingType.recordOf(type, value).components()) {
            keys.put(c.key(), plain(c.type(), c.read(value)));
        }
        return keys;
    }

    /**
     * What is not the same, in the order of the components; of a node whose kind is another, only the kind.
     */
    public static <R> List<Difference> differences(Class<R> type, R was, R is) {
        List<Difference> differences = new ArrayList<>();
        compare("", SettingType.of(type), was, is, differences);
        return List.copyOf(differences);
    }

    private static void compare(
            String key, SettingType type, @Nullable Object was, @Nullable Object is, List<Difference> differences) {
        if (Objects.equals(was, is)) {
            return;
        }
        if (was == null || is == null || type instanceof ScalarType || type instanceof SettingType.ListType) {
            differences.add(new Difference(key, YamlWriter.flow(type, was), YamlWriter.flow(type, is)));
            return;
        }
        if (type instanceof SettingType.SealedType kinds && was.getClass() != is.getClass()) {
            differences.add(
                    new Difference(SettingType.child(key, SettingType.KIND), kinds.nameOf(was), kinds.nameOf(is)));
            return;
        }
        for (SettingType.Component c : SettingType.recordOf(type, was).components()) {
            compare(SettingType.child(key, c.key()), c.type(), c.read(was), c.read(is), differences);
        }
    }
}
