package maskfeat.settings;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import maskfeat.disk.Names;
import maskfeat.settings.Node.Entry;
import maskfeat.settings.Node.Mapping;
import maskfeat.settings.Node.Scalar;

/**
 * Recipes: complete values of settings with a name, each a YAML file among the program's resources.
 *
 * <p>{@code FOLDER/NAME.yaml} holds the keys of the value. Its {@code summary} says in half a line what the recipe is. If it
 * has a {@code base}, it holds only what differs from the file of that name in the same folder; a base may have a base, and
 * need neither be complete nor be a recipe. Comments are for the source of each number.
 *
 * <p>The files are ours: mistakes in them raise {@link IllegalStateException} with line and column. They are always of
 * today's version.
 *
 * @param <R> what a recipe is
 */
public final class RecipeBook<R> {
    private static final String BASE = "base";
    private static final String SUMMARY = "summary";

    private final Format<R> format;
    private final String folder;
    private final List<String> names;

    private RecipeBook(Format<R> format, String folder, List<String> names) {
        this.format = format;
        this.folder = folder;
        this.names = names;
    }

    /**
     * The recipes of a folder. Files are read when they are asked for.
     *
     * @param folder on the class path of the format's type, without a slash at either end
     * @param names of the recipes in the order in which they are shown
     */
    public static <R> RecipeBook<R> of(Format<R> format, String folder, List<String> names) {
        return new RecipeBook<>(format, folder, List.copyOf(names));
    }

    /** The recipes in order. */
    public List<String> names() {
        return names;
    }

    /**
     * What a recipe is, in half a line.
     *
     * @throws SettingsException if there is none of that name
     */
    public String summary(String name) {
        return chain(known(name))
                .getFirst()
                .summary()
                .orElseThrow(() -> new IllegalStateException("recipe " + name + " has no " + SUMMARY));
    }

    /**
     * A recipe's value.
     *
     * @throws SettingsException if there is none of that name
     */
    public R value(String name) {
        Deque<RecipeFile> chain = chain(known(name));
        try {
            SettingType type = SettingType.checked(format.type());
            Tree tree = new Tree.Missing();
            while (!chain.isEmpty()) {
                Node keys = chain.removeLast().keys();
                tree = new Overlay(type, tree, beginnings(tree)).with(Overlay.changes(keys));
            }
            Optional<String> missing = Tree.missing("", tree);
            if (missing.isPresent()) {
                throw new SettingsException(missing.get() + ": is missing");
            }
            return format.type().cast(Objects.requireNonNull(Tree.build("", tree)));
        } catch (SettingsException e) {
            throw new IllegalStateException("recipe " + name + ": " + e.getMessage(), e);
        }
    }

    /** A base that is complete knows what its records begin with where they are switched on. */
    private static Beginnings beginnings(Tree base) {
        return Tree.missing("", base).isEmpty() && Tree.build("", base) instanceof Beginnings own
                ? own
                : Beginnings.OWN;
    }

    /**
     * Settings that begin with a recipe; each of its values says so as its origin.
     *
     * @throws SettingsException if there is none of that name
     */
    public Settings<R> settings(String name) {
        return Settings.of(format, name, value(name));
    }

    /**
     * Settings that begin with a user's own file. It either holds every key or has a {@code base}, the name of a recipe here
     * over which it is laid; it may have a {@code summary} and a version.
     *
     * @throws SettingsException if it cannot be read, lacks a key, or there is no such recipe
     */
    public Settings<R> settings(Path file) {
        RecipeFile own = split(NodeReader.file(file));
        return own.base().isPresent()
                ? settings(own.base().get()).over(file.toString(), own.keys())
                : Settings.complete(format, file.toString(), own.keys());
    }

    private String known(String name) {
        if (!names.contains(name)) {
            throw new SettingsException("there is no recipe '" + name + "'" + Nearest.hint(name, names) + " (there are "
                    + Names.of(names, "'maskfeat recipes' has all") + ")");
        }
        return name;
    }

    /** A recipe's own file first, then its base, then the base of that. */
    private Deque<RecipeFile> chain(String name) {
        Deque<RecipeFile> chain = new ArrayDeque<>();
        List<String> seen = new ArrayList<>();
        for (Optional<String> next = Optional.of(name); next.isPresent(); ) {
            boolean again = seen.contains(next.get());
            seen.add(next.get());
            if (again) {
                throw new IllegalStateException("recipes are based on themselves: " + String.join(", ", seen));
            }
            RecipeFile file = read(next.get());
            chain.addLast(file);
            next = file.base();
        }
        return chain;
    }

    private RecipeFile read(String name) {
        String path = folder + "/" + name + ".yaml";
        ClassLoader loader = Objects.requireNonNull(format.type().getClassLoader());
        try (InputStream in = loader.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException("there is no recipe file " + path + " on the class path");
            }
            return split(NodeReader.yaml(path, new String(in.readAllBytes(), StandardCharsets.UTF_8)));
        } catch (IOException | SettingsException e) {
            throw new IllegalStateException("recipe file " + path + ": " + e.getMessage(), e);
        }
    }

    /**
     * One file.
     *
     * @param keys without base and summary
     */
    private record RecipeFile(Optional<String> base, Optional<String> summary, Node keys) {}

    private static RecipeFile split(Node content) {
        if (!(content instanceof Mapping mapping)) {
            return new RecipeFile(Optional.empty(), Optional.empty(), content);
        }
        List<Entry> keys = new ArrayList<>(mapping.entries());
        Optional<String> base = taken(BASE, keys);
        Optional<String> summary = taken(SUMMARY, keys);
        return new RecipeFile(base, summary, new Mapping(List.copyOf(keys), mapping.origin()));
    }

    private static Optional<String> taken(String key, List<Entry> keys) {
        for (Entry entry : keys) {
            if (entry.key().equals(key)) {
                keys.remove(entry);
                if (entry.value() instanceof Scalar scalar && !scalar.isNull()) {
                    return Optional.of(scalar.text());
                }
                throw SettingsException.at(
                        key,
                        "expected text, got " + entry.value().found(),
                        entry.value().origin());
            }
        }
        return Optional.empty();
    }
}
