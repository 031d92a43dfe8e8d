package maskfeat.settings;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A value as a tree of settings, each with its origin. Constructors of records check it only in {@link #build}. */
sealed interface Tree {
    /**
     * A record.
     *
     * @param kind null for a record that is not chosen by a kind
     */
    record Branch(SettingType.RecordType type, @Nullable Kind kind, Map<String, Tree> children) implements Tree {}

    /** Which kind a record is, and where it was chosen. */
    record Kind(String name, Origin origin) {}

    /** A setting, or a whole record that is null. */
    record Leaf(@Nullable Object value, Origin origin) implements Tree {}

    /** A setting or group that has no value yet. */
    record Missing() implements Tree {}

    static Tree of(String key, SettingType type, @Nullable Object value, Origin origin) {
        if (value == null || type instanceof SettingType.ListType) {
            return new Leaf(value, origin);
        }
        if (type instanceof ScalarType scalar) {
            try {
                scalar.check(value);
            } catch (IllegalStateException e) {
                throw new IllegalStateException(key + " " + e.getMessage() + " (" + origin.detail() + ")", e);
            }
            return new Leaf(value, origin);
        }
        if (type instanceof SettingType.SealedType kinds) {
            String name = kinds.nameOf(value);
            return branch(key, kinds.kind(name), new Kind(name, origin), value, origin);
        }
        return branch(key, (SettingType.RecordType) type, null, value, origin);
    }

    static Branch branch(String key, SettingType.RecordType type, @Nullable Kind kind, Object value, Origin origin) {
        Map<String, Tree> children = new LinkedHashMap<>();
        for (SettingType.Component c : type.components()) {
            Object part = c.read(value);
            if (part == null && !c.isNullable()) {
                throw new IllegalStateException(SettingType.child(key, c.key())
                        + " is null and its component is not @Nullable (" + origin.detail() + ")");
            }
            children.put(c.key(), of(SettingType.child(key, c.key()), c.type(), part, origin));
        }
        return new Branch(type, kind, children);
    }

    static Branch unknown(SettingType.RecordType type, @Nullable Kind kind) {
        Map<String, Tree> children = new LinkedHashMap<>();
        type.components().forEach(c -> children.put(c.key(), new Missing()));
        return new Branch(type, kind, children);
    }

    /** Every setting below, with its dotted key, in the order of the components; a kind comes before what it has. */
    static void visit(String key, Tree tree, BiConsumer<String, Leaf> visitor) {
        if (tree instanceof Branch branch) {
            if (branch.kind() != null) {
                visitor.accept(
                        SettingType.child(key, SettingType.KIND),
                        new Leaf(branch.kind().name(), branch.kind().origin()));
            }
            branch.children().forEach((name, child) -> visit(SettingType.child(key, name), child, visitor));
        } else if (tree instanceof Leaf leaf) {
            visitor.accept(key, leaf);
        }
    }

    /** The first setting of which nothing is known, with its dotted key. */
    static Optional<String> missing(String key, Tree tree) {
        if (tree instanceof Branch branch) {
            return branch.children().entrySet().stream()
                    .flatMap(child -> missing(SettingType.child(key, child.getKey()), child.getValue()).stream())
                    .findFirst();
        }
        return tree instanceof Missing ? Optional.of(key) : Optional.empty();
    }

    /**
     * The value, every record made by its own constructor.
     *
     * @throws SettingsException if a record refuses its settings, or one is missing
     */
    static @Nullable Object build(String key, Tree tree) {
        if (tree instanceof Leaf leaf) {
            return leaf.value();
        }
        if (tree instanceof Missing) {
            throw new SettingsException(key + ": is missing");
        }
        Branch branch = (Branch) tree;
        List<@Nullable Object> values = new ArrayList<>();
        branch.children().forEach((name, child) -> values.add(build(SettingType.child(key, name), child)));
        try {
            return branch.type().construct(values);
        } catch (SettingsException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new SettingsException(inFull(key, branch, e) + offenders(key, branch, e), e);
        }
    }

    /** A record knows its settings by their own names alone: "batch 0 must be at least 1" of train is about train.batch. */
    private static String inFull(String key, Branch branch, IllegalArgumentException refusal) {
        String message = String.valueOf(refusal.getMessage());
        if (key.isEmpty()) {
            return message;
        }
        boolean begins = branch.children().containsKey(message.split(" ", 2)[0]);
        return begins ? SettingType.child(key, message) : key + ": " + message;
    }

    /**
     * Names what was changed, what was said last first: layers are built together, so that any of it may be what is refused. Where the
     * message names settings, it is about those.
     */
    private static String offenders(String key, Branch branch, IllegalArgumentException refusal) {
        String message = String.valueOf(refusal.getMessage());
        Map<String, Origin> changed = new LinkedHashMap<>();
        Set<String> named = new HashSet<>();
        visit(key, branch, (name, leaf) -> {
            changed.put(name, leaf.origin());
            if (isAbout(message, name.substring(key.isEmpty() ? 0 : key.length() + 1), leaf.value())) {
                named.add(name);
            }
        });
        if (named.stream().anyMatch(name -> requireNonNull(changed.get(name)).rank() > 0)) {
            changed.keySet().retainAll(named);
        }
        boolean saidByNobody = changed.values().stream().allMatch(origin -> origin.rank() == 0);
        List<String> details = changed.values().stream()
                .filter(origin -> saidByNobody || origin.rank() > 0)
                .sorted(Comparator.comparing(Origin::rank).reversed())
                .map(Origin::detail)
                .distinct()
                .toList();
        int shown = Math.min(3, details.size());
        return details.isEmpty()
                ? ""
                : " (" + String.join(", ", details.subList(0, shown))
                        + (shown < details.size() ? " and " + (details.size() - shown) + " more" : "") + ")";
    }

    /**
     * Whether a refusal is about a setting, by its name within the record: it begins with it, or says its value behind it. A name
     * of one word alone may be any word of a sentence.
     */
    private static boolean isAbout(String message, String name, @Nullable Object value) {
        List<String> words = List.of(message.split("[^a-z0-9.-]+"));
        return message.startsWith(name + " ")
                || name.contains(".") && words.contains(name)
                || Pattern.compile("(?<![\\w.-])" + Pattern.quote(name + " " + value) + "(?![\\w-])")
                        .matcher(message)
                        .find();
    }
}
