package maskfeat.pickle;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import maskfeat.disk.Shown;

/**
 * Python values out of a pickle. Numbers are {@code Long}, {@code java.math.BigInteger} and {@code Double}, texts
 * {@code String}, bytes {@code byte[]}.
 *
 * <p>Containers are equal to themselves only: one may hold itself, or be a few bytes that say the same thing 2^40 times,
 * and neither may ever be hashed, compared or printed by its content.
 */
public final class Pickled {
    private Pickled() {}

    /** A value of those who read pickles, which messages call by its kind. */
    public interface Named {
        /** Such as "a tensor". */
        String kind();
    }

    /** Python's {@code None}. */
    public enum Constant {
        NONE
    }

    /** A tuple. */
    public static final class Tuple {
        /** Without items. */
        public static final Tuple EMPTY = new Tuple();

        private final Object[] items;

        /** Takes over the items. */
        public Tuple(Object... items) {
            this.items = items;
        }

        /** How many items. */
        public int size() {
            return items.length;
        }

        /** An item, from 0. */
        public Object get(int i) {
            return items[i];
        }

        /** Its items. */
        public List<Object> items() {
            return List.of(items);
        }
    }

    /** A list. */
    public static final class Sequence {
        private final List<Object> items = new ArrayList<>(0);

        /** Its items. */
        public List<Object> items() {
            return items;
        }
    }

    /** A dictionary, ordered or not. Its map is made when it is needed: an empty one is a byte in the file. */
    public static final class Dict {
        private Map<Object, Object> items = Map.of();

        /** Adds or replaces. */
        public void put(Object key, Object value) {
            if (items.isEmpty()) {
                items = new LinkedHashMap<>();
            }
            items.put(key, value);
        }

        /** Its items, by first appearance. */
        public Map<Object, Object> items() {
            return items;
        }
    }

    /**
     * Something named in the pickle that has no meaning here: a class, or what calling it would have given. Nothing is
     * called.
     *
     * @param name module and name
     */
    public record Opaque(String name) {}

    /** What kind of thing a value is, for messages; never its content. */
    public static String kind(Object value) {
        if (value instanceof Constant) {
            return "None";
        }
        if (value instanceof Boolean) {
            return "a truth value";
        }
        if (value instanceof Number) {
            return "a number";
        }
        if (value instanceof String) {
            return "a text";
        }
        if (value instanceof byte[]) {
            return "bytes";
        }
        if (value instanceof Tuple) {
            return "a tuple";
        }
        if (value instanceof Sequence) {
            return "a list";
        }
        if (value instanceof Dict) {
            return "a dictionary";
        }
        if (value instanceof Named named) {
            return named.kind();
        }
        if (value instanceof Opaque opaque) {
            return "a " + Shown.text(opaque.name());
        }
        return "a function or type";
    }
}
