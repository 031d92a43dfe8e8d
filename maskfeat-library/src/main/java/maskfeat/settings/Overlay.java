package maskfeat.settings;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Lays what one file, or one command line, says over a tree.
 *
 * <p>Within one layer order does not count, except that the last of two values for one key wins: the kind of a node is
 * looked for first, the rest is laid over what that kind begins with. A kind chosen by a later layer discards what
 * earlier layers said of the kind before.
 */
final class Overlay {
    /** PySlowFast's keys: SOLVER.BASE_LR. */
    static final Pattern PYSLOWFAST = Pattern.compile("[A-Z][A-Z0-9_]*(\\.[A-Z][A-Z0-9_]*)*");

    /**
     * One thing to be changed.
     *
     * @param path what is left to walk; empty where the written value belongs
     */
    record Change(List<String> path, Written written, Origin origin) {
        Change below() {
            return new Change(path.subList(1, path.size()), written, origin);
        }
    }

    private final Shape rootShape;
    private final Tree root;
    private final Beginnings beginnings;

    Overlay(Shape rootShape, Tree root, Beginnings beginnings) {
        this.rootShape = rootShape;
        this.root = root;
        this.beginnings = beginnings;
    }

    Tree with(List<Change> changes) {
        return lay("", rootShape, false, root, changes);
    }

    private Tree lay(String key, Shape shape, boolean nullable, Tree below, List<Change> changes) {
        if (changes.isEmpty()) {
            return below;
        }
        if (shape instanceof Scalar || shape instanceof Shape.ListOf) {
            return leaf(key, shape, nullable, changes);
        }
        List<Change> inner = new ArrayList<>();
        Change toNull = null;
        for (Change change : changes) {
            if (!change.path().isEmpty()) {
                inner.add(change);
            } else if (keys(change.written()) instanceof Written.Keys keys) {
                keys.entries().forEach(e -> inner.add(new Change(List.of(e.key()), e.value(), e.origin())));
            } else if (nullable && isNull(change.written())) {
                toNull = change;
            } else {
                throw wrong(key, shape, nullable, change.written());
            }
        }
        if (toNull != null) {
            if (!inner.isEmpty()) {
                throw SettingsException.at(
                        key,
                        "is set to null, and "
                                + Shape.child(key, inner.get(0).path().get(0)) + " is set as well",
                        toNull.origin());
            }
            return new Tree.Leaf(null, toNull.origin());
        }
        Tree.Branch start = shape instanceof Shape.Kinds kinds
                ? ofKind(key, kinds, below, inner, changes.get(0).origin())
                : ofRecord(key, (Shape.RecordOf) shape, below);
        return branch(key, shape, start, inner);
    }

    private Tree branch(String key, Shape shape, Tree.Branch start, List<Change> changes) {
        Map<String, List<Change>> byName = new LinkedHashMap<>();
        for (Change change : changes) {
            String name = change.path().get(0);
            if (name.equals(Shape.KIND) && start.kind() != null) {
                continue;
            }
            if (!start.children().containsKey(name)) {
                throw unknown(key, shape, start, change);
            }
            byName.computeIfAbsent(name, n -> new ArrayList<>()).add(change.below());
        }
        Map<String, Tree> children = new LinkedHashMap<>();
        for (Shape.Component c : start.shape().components()) {
            Tree child = Objects.requireNonNull(start.children().get(c.key()));
            children.put(
                    c.key(),
                    lay(
                            Shape.child(key, c.key()),
                            c.shape(),
                            c.isNullable(),
                            child,
                            byName.getOrDefault(c.key(), List.of())));
        }
        return new Tree.Branch(start.shape(), start.kind(), children);
    }

    private Tree.Branch ofRecord(String key, Shape.RecordOf shape, Tree below) {
        if (below instanceof Tree.Branch branch) {
            return branch;
        }
        return below instanceof Tree.Leaf ? defaults(key, shape, null) : Tree.unknown(shape, null);
    }

    private Tree.Branch ofKind(String key, Shape.Kinds kinds, Tree below, List<Change> changes, Origin place) {
        Change chosen = null;
        for (Change change : changes) {
            if (change.path().get(0).equals(Shape.KIND)) {
                chosen = change;
            }
        }
        if (chosen == null) {
            if (below instanceof Tree.Branch branch) {
                return branch;
            }
            throw SettingsException.at(
                    Shape.child(key, Shape.KIND),
                    "is missing; expected one of "
                            + String.join(", ", kinds.byName().keySet()),
                    place);
        }
        String name = kindName(key, kinds, chosen);
        Tree.Kind kind = new Tree.Kind(name, chosen.written().origin());
        if (below instanceof Tree.Branch branch
                && branch.kind() != null
                && branch.kind().name().equals(name)) {
            return new Tree.Branch(branch.shape(), kind, branch.children());
        }
        return below instanceof Tree.Missing
                ? Tree.unknown(kinds.kind(name), kind)
                : defaults(key, kinds.kind(name), kind);
    }

    private static String kindName(String key, Shape.Kinds kinds, Change chosen) {
        Set<String> names = kinds.byName().keySet();
        Written written = text(chosen.written());
        if (chosen.path().size() == 1 && written instanceof Written.Text text && names.contains(text.text())) {
            return text.text();
        }
        String hint = written instanceof Written.Text text ? Nearest.hint(text.text(), names) : "";
        throw SettingsException.at(
                Shape.child(key, Shape.KIND),
                "expected one of " + String.join(", ", names) + ", got " + written.found() + hint,
                chosen.written().origin());
    }

    private Tree.Branch defaults(String key, Shape.RecordOf shape, Tree.@Nullable Kind kind) {
        Origin origin = new Origin.Defaults(kind == null ? key : kind.name());
        return beginnings
                .whereSwitchedOn(shape.type())
                .or(shape::defaults)
                .map(value -> Tree.branch(key, shape, kind, value, origin))
                .orElseGet(() -> Tree.unknown(shape, kind));
    }

    private static Tree leaf(String key, Shape shape, boolean nullable, List<Change> changes) {
        for (Change change : changes) {
            if (!change.path().isEmpty()) {
                throw SettingsException.at(
                        Shape.child(key, String.join(".", change.path())),
                        "does not exist: " + key + " is " + shape.expected() + " and has no settings of its own",
                        change.origin());
            }
        }
        Written written = changes.get(changes.size() - 1).written();
        Object value = nullable && isNull(written) ? null : value(key, shape, nullable, written);
        return new Tree.Leaf(value, written.origin());
    }

    private static Object value(String key, Shape shape, boolean nullable, Written written) {
        if (shape instanceof Shape.ListOf list) {
            Written structure = written instanceof Written.Typed typed ? typed.structure() : written;
            if (structure instanceof Written.Items items) {
                return items.items().stream()
                        .map(item -> value(key, list.element(), false, item))
                        .toList();
            }
        } else if (text(written) instanceof Written.Text text && !isPythonsNone(nullable, text)) {
            return ((Scalar) shape).read(text).orElseThrow(() -> wrong(key, shape, nullable, text));
        }
        throw wrong(key, shape, nullable, written);
    }

    private static SettingsException wrong(String key, Shape shape, boolean nullable, Written written) {
        Written found = text(written);
        String hint = "";
        if (found instanceof Written.Text text) {
            if (isPythonsNone(nullable, text)) {
                hint = "; write null";
            } else if (shape instanceof Scalar scalar) {
                hint = scalar.hint(text);
            } else if (shape instanceof Shape.Kinds kinds && kinds.byName().containsKey(text.text())) {
                hint = "; choose a kind by " + Shape.child(key, Shape.KIND) + "=" + text.text();
            } else if (shape instanceof Shape.ListOf) {
                hint = "; such as [" + text.text() + "]";
            }
        }
        return SettingsException.at(
                key,
                "expected " + shape.expected() + (nullable ? " or null" : "") + ", got " + found.found() + hint,
                written.origin());
    }

    /** A file moved over from Python says None; as text it would be a silent surprise. */
    private static boolean isPythonsNone(boolean nullable, Written.Text text) {
        return nullable && !text.quoted() && text.text().equals("None");
    }

    private static boolean isNull(Written written) {
        return text(written) instanceof Written.Text text && text.isNull();
    }

    private static Written text(Written written) {
        return written instanceof Written.Typed typed ? typed.text() : written;
    }

    private static Written keys(Written written) {
        return written instanceof Written.Typed typed && typed.raw().startsWith("{") ? typed.structure() : written;
    }

    private SettingsException unknown(String key, Shape shape, Tree.Branch start, Change change) {
        String name = change.path().get(0);
        String asked = Shape.child(key, String.join(".", change.path()));
        if (shape instanceof Shape.Kinds kinds && start.kind() != null) {
            List<String> owners = kinds.byName().entrySet().stream()
                    .filter(k -> k.getValue().component(name).isPresent())
                    .map(Map.Entry::getKey)
                    .toList();
            if (!owners.isEmpty()) {
                return SettingsException.at(
                        "",
                        Shape.child(key, name) + " is a setting of kind " + String.join(", ", owners) + "; "
                                + Shape.child(key, Shape.KIND) + " is "
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
            names.add(Shape.KIND);
        }
        Set<String> known = known();
        names.forEach(n -> known.add(Shape.child(key, n)));
        List<String> near = Nearest.to(asked, known);
        String hint = near.isEmpty()
                ? (key.isEmpty() ? "known here: " : key + " has ") + String.join(", ", names)
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
        return known(rootShape, root);
    }

    /** Every key that could be set as things are, nodes included. */
    static Set<String> known(Shape shape, Tree tree) {
        Set<String> known = new LinkedHashSet<>();
        collect("", shape, tree, known);
        return known;
    }

    private static void collect(String key, Shape shape, Tree tree, Set<String> known) {
        if (!key.isEmpty()) {
            known.add(key);
        }
        if (shape instanceof Shape.Kinds) {
            known.add(Shape.child(key, Shape.KIND));
        }
        if (tree instanceof Tree.Branch branch) {
            for (Shape.Component c : branch.shape().components()) {
                collect(
                        Shape.child(key, c.key()),
                        c.shape(),
                        Objects.requireNonNull(branch.children().get(c.key())),
                        known);
            }
        } else if (shape instanceof Shape.RecordOf record) {
            for (Shape.Component c : record.components()) {
                known.add(Shape.child(key, c.key()));
            }
        }
    }
}
