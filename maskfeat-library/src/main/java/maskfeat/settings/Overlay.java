package maskfeat.settings;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import maskfeat.disk.Names;
import org.jspecify.annotations.Nullable;

/**
 * Applies the changes of one layer, which is a file, all assignments or all flags, to a tree.
 *
 * <p>The order of changes in a layer does not matter, except that the last of two values for one key wins. The kind of a
 * group is applied first; if it is another one than before, the group starts from the defaults of the new kind, and what
 * earlier layers set for the old kind is dropped.
 */
final class Overlay {
    /** PySlowFast's keys: SOLVER.BASE_LR. */
    static final Pattern PYSLOWFAST = Pattern.compile("[A-Z][A-Z0-9_]*(\\.[A-Z][A-Z0-9_]*)*");

    /**
     * One thing to be changed.
     *
     * @param path the rest of the key, seen from the current group; empty for the group or setting itself
     */
    record Change(List<String> path, Node node, Origin origin) {
        Change below() {
            return new Change(path.subList(1, path.size()), node, origin);
        }
    }

    /** A whole file, as one change of the root. */
    static List<Change> changes(Node file) {
        return List.of(new Change(List.of(), file, file.origin()));
    }

    private final SettingType rootType;
    private final Tree root;
    private final Beginnings beginnings;

    Overlay(SettingType rootType, Tree root, Beginnings beginnings) {
        this.rootType = rootType;
        this.root = root;
        this.beginnings = beginnings;
    }

    Tree with(List<Change> changes) {
        return lay("", rootType, false, root, changes);
    }

    private Tree lay(String key, SettingType type, boolean nullable, Tree below, List<Change> changes) {
        if (changes.isEmpty()) {
            return below;
        }
        if (type instanceof ScalarType || type instanceof SettingType.ListType) {
            return leaf(key, type, nullable, below, changes);
        }
        List<Change> inner = new ArrayList<>();
        Change toNull = null;
        for (Change change : changes) {
            if (!change.path().isEmpty()) {
                inner.add(change);
            } else if (keys(change.node()) instanceof Node.Mapping keys) {
                keys.entries().forEach(e -> inner.add(new Change(List.of(e.key()), e.value(), e.origin())));
            } else if (nullable && isNull(change.node())) {
                toNull = change;
            } else {
                throw wrong(key, type, nullable, change.node());
            }
        }
        if (toNull != null) {
            if (!inner.isEmpty()) {
                throw SettingsException.at(
                        key,
                        "is set to null, and "
                                + SettingType.child(key, inner.get(0).path().get(0)) + " is set as well",
                        toNull.origin());
            }
            return new Tree.Leaf(null, toNull.origin());
        }
        Tree.Branch start = type instanceof SettingType.SealedType kinds
                ? ofKind(key, kinds, below, inner, changes.get(0).origin())
                : ofRecord(key, (SettingType.RecordType) type, below);
        return branch(key, type, start, inner);
    }

    private Tree branch(String key, SettingType type, Tree.Branch start, List<Change> changes) {
        Map<String, List<Change>> byName = new LinkedHashMap<>();
        for (Change change : changes) {
            String name = change.path().get(0);
            if (name.equals(SettingType.KIND) && start.kind() != null) {
                continue;
            }
            if (!start.children().containsKey(name)) {
                throw unknown(key, type, start, change);
            }
            byName.computeIfAbsent(name, n -> new ArrayList<>()).add(change.below());
        }
        Map<String, Tree> children = new LinkedHashMap<>();
        for (SettingType.Component c : start.type().components()) {
            Tree child = Objects.requireNonNull(start.children().get(c.key()));
            children.put(
                    c.key(),
                    lay(
                            SettingType.child(key, c.key()),
                            c.type(),
                            c.isNullable(),
                            child,
                            byName.getOrDefault(c.key(), List.of())));
        }
        return new Tree.Branch(start.type(), start.kind(), children);
    }

    private Tree.Branch ofRecord(String key, SettingType.RecordType type, Tree below) {
        if (below instanceof Tree.Branch branch) {
            return branch;
        }
        return below instanceof Tree.Leaf ? defaults(key, type, null) : Tree.unknown(type, null);
    }

    private Tree.Branch ofKind(
            String key, SettingType.SealedType kinds, Tree below, List<Change> changes, Origin place) {
        Change chosen = null;
        for (Change change : changes) {
            if (change.path().get(0).equals(SettingType.KIND)) {
                chosen = change;
            }
        }
        if (chosen == null) {
            if (below instanceof Tree.Branch branch) {
                return branch;
            }
            throw SettingsException.at(
                    SettingType.child(key, SettingType.KIND),
                    "is missing; expected one of " + Names.of(kinds.byName().keySet()),
                    place);
        }
        String name = kindName(key, kinds, chosen);
        Tree.Kind kind = new Tree.Kind(name, chosen.node().origin());
        if (below instanceof Tree.Branch branch
                && branch.kind() != null
                && branch.kind().name().equals(name)) {
            return new Tree.Branch(branch.type(), kind, branch.children());
        }
        return below instanceof Tree.Missing
                ? Tree.unknown(kinds.kind(name), kind)
                : defaults(key, kinds.kind(name), kind);
    }

    private static String kindName(String key, SettingType.SealedType kinds, Change chosen) {
        Set<String> names = kinds.byName().keySet();
        Node node = scalar(chosen.node());
        if (chosen.path().size() == 1 && node instanceof Node.Scalar scalar && names.contains(scalar.text())) {
            return scalar.text();
        }
        String hint = node instanceof Node.Scalar scalar ? Nearest.hint(scalar.text(), names) : "";
        throw SettingsException.at(
                SettingType.child(key, SettingType.KIND),
                "expected one of " + Names.of(names) + ", got " + node.found() + hint,
                chosen.node().origin());
    }

    private Tree.Branch defaults(String key, SettingType.RecordType type, Tree.@Nullable Kind kind) {
        Origin origin = new Origin.Defaults(kind == null ? key : kind.name());
        return beginnings
                .whereSwitchedOn(type.type())
                .or(type::defaults)
                .map(value -> Tree.branch(key, type, kind, value, origin))
                .orElseGet(() -> Tree.unknown(type, kind));
    }

    private static Tree leaf(String key, SettingType type, boolean nullable, Tree below, List<Change> changes) {
        for (Change change : changes) {
            if (!change.path().isEmpty()) {
                throw SettingsException.at(
                        SettingType.child(key, String.join(".", change.path())),
                        "does not exist: " + key + " is " + type.expected() + " and has no settings of its own",
                        change.origin());
            }
        }
        Node node = changes.get(changes.size() - 1).node();
        Object value = nullable && isNull(node) ? null : value(key, type, nullable, node);
        if (value instanceof NumberOrAuto && below instanceof Tree.Leaf leaf) {
            value = leaf.value();
            for (Change change : changes) { // "auto" begins from what stood there before, of the same changes too
                Object next = value(key, type, nullable, change.node());
                value = next instanceof NumberOrAuto now && value instanceof NumberOrAuto before
                        ? now.over(before)
                        : next;
            }
        }
        return new Tree.Leaf(value, node.origin());
    }

    private static Object value(String key, SettingType type, boolean nullable, Node node) {
        if (type instanceof SettingType.ListType list) {
            Node parsed = node instanceof Node.CommandLine line ? line.asYaml() : node;
            if (parsed instanceof Node.Sequence items) {
                return items.items().stream()
                        .map(item -> value(key, list.element(), false, item))
                        .toList();
            }
        } else if (scalar(node) instanceof Node.Scalar scalar && !isPythonsNone(nullable, scalar)) {
            return ((ScalarType) type).read(scalar).orElseThrow(() -> wrong(key, type, nullable, scalar));
        }
        throw wrong(key, type, nullable, node);
    }

    private static SettingsException wrong(String key, SettingType type, boolean nullable, Node node) {
        Node found = scalar(node);
        String hint = "";
        if (found instanceof Node.Scalar scalar) {
            if (isPythonsNone(nullable, scalar) || nullable && scalar.isNull()) {
                hint = "; write null";
            } else if (type instanceof ScalarType plain) {
                hint = plain.hint(scalar);
            } else if (type instanceof SettingType.SealedType kinds
                    && kinds.byName().containsKey(scalar.text())) {
                hint = "; choose a kind by " + SettingType.child(key, SettingType.KIND) + "=" + scalar.text();
            } else if (type instanceof SettingType.ListType) {
                hint = "; such as [" + scalar.text() + "]";
            }
        }
        return SettingsException.at(
                key,
                "expected " + type.expected() + (nullable ? " or null" : "") + ", got " + found.found() + hint,
                node.origin());
    }

    /** A value copied from Python may be None, which must not silently become the text "None". */
    private static boolean isPythonsNone(boolean nullable, Node.Scalar scalar) {
        return nullable && !scalar.quoted() && scalar.text().equals("None");
    }

    /** On the command line nothing is no null: it is what a shell makes of a variable that is not set. */
    private static boolean isNull(Node node) {
        boolean forgotten = node instanceof Node.CommandLine line && line.raw().isEmpty();
        return !forgotten && scalar(node) instanceof Node.Scalar scalar && scalar.isNull();
    }

    private static Node scalar(Node node) {
        return node instanceof Node.CommandLine line ? line.scalar() : node;
    }

    private static Node keys(Node node) {
        return node instanceof Node.CommandLine line && line.raw().startsWith("{") ? line.asYaml() : node;
    }

    private SettingsException unknown(String key, SettingType type, Tree.Branch start, Change change) {
        String name = change.path().get(0);
        String asked = SettingType.child(key, String.join(".", change.path()));
        if (type instanceof SettingType.SealedType kinds && start.kind() != null) {
            List<String> owners = kinds.byName().entrySet().stream()
                    .filter(k -> k.getValue().component(name).isPresent())
                    .map(Map.Entry::getKey)
                    .toList();
            if (!owners.isEmpty()) {
                return SettingsException.at(
                        "",
                        SettingType.child(key, name) + " is a setting of kind " + String.join(", ", owners) + "; "
                                + SettingType.child(key, SettingType.KIND) + " is "
                                + start.kind().name() + ", from "
                                + start.kind().origin().detail(),
                        change.origin());
            }
        }
        if (PYSLOWFAST.matcher(name).matches()) {
            return SettingsException.at(asked, pyslowfast(asked, known()), change.origin());
        }
        if (name.indexOf('.') >= 0) {
            return SettingsException.at(
                    asked, "is not a key: keys are nested, one level a line, not dotted", change.origin());
        }
        Set<String> names = new LinkedHashSet<>(start.children().keySet());
        if (start.kind() != null) {
            names.add(SettingType.KIND);
        }
        Set<String> known = known();
        names.forEach(n -> known.add(SettingType.child(key, n)));
        List<String> near = Nearest.to(asked, known);
        String hint = near.isEmpty()
                ? (key.isEmpty() ? "known here: " : key + " has ")
                        + Names.of(names, "'maskfeat config --explain' has all")
                : "did you mean " + String.join(" or ", near) + "?";
        return SettingsException.at(shown(asked), "is not a setting; " + hint, change.origin());
    }

    private static String shown(String key) {
        return key.length() <= 80 ? key : key.substring(0, 80) + "...";
    }

    static String pyslowfast(String asked, Set<String> known) {
        return "this looks like a PySlowFast setting; keys here are lower-case, --set a.b=c, see 'maskfeat config'"
                + Nearest.hint(asked, known);
    }

    private Set<String> known() {
        return known(rootType, root);
    }

    /** Every key that can be set with the kinds as they are now, groups included. */
    static Set<String> known(SettingType type, Tree tree) {
        Set<String> known = new LinkedHashSet<>();
        collect("", type, tree, known);
        return known;
    }

    private static void collect(String key, SettingType type, Tree tree, Set<String> known) {
        if (!key.isEmpty()) {
            known.add(key);
        }
        if (type instanceof SettingType.SealedType) {
            known.add(SettingType.child(key, SettingType.KIND));
        }
        if (tree instanceof Tree.Branch branch) {
            for (SettingType.Component c : branch.type().components()) {
                collect(
                        SettingType.child(key, c.key()),
                        c.type(),
                        Objects.requireNonNull(branch.children().get(c.key())),
                        known);
            }
        } else if (type instanceof SettingType.RecordType record) {
            for (SettingType.Component c : record.components()) {
                known.add(SettingType.child(key, c.key()));
            }
        }
    }
}
