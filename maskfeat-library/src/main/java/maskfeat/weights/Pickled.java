package maskfeat.weights;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Python values out of a pickle. Numbers are {@code Long}, {@code java.math.BigInteger} and {@code Double}, texts
 * {@code String}, bytes {@code byte[]}.
 *
 * <p>Containers are equal to themselves only: one may hold itself, or be a few bytes that say the same thing 2^40 times,
 * and neither may ever be hashed, compared or printed by its content.
 */
final class Pickled {
    private Pickled() {}

    /** Python's {@code None}. */
    enum Constant {
        NONE
    }

    /** A tuple. */
    static final class Tuple {
        static final Tuple EMPTY = new Tuple();

        private final Object[] items;

        Tuple(Object... items) {
            this.items = items;
        }

        int size() {
            return items.length;
        }

        Object get(int i) {
            return items[i];
        }

        List<Object> items() {
            return List.of(items);
        }
    }

    /** A list. */
    static final class Sequence {
        private final List<Object> items = new ArrayList<>(0);

        List<Object> items() {
            return items;
        }
    }

    /** A dictionary, ordered or not. Its map is made when it is needed: an empty one is a byte in the file. */
    static final class Dict {
        private Map<Object, Object> items = Map.of();

        void put(Object key, Object value) {
            if (items.isEmpty()) {
                items = new LinkedHashMap<>();
            }
            items.put(key, value);
        }

        Map<Object, Object> items() {
            return items;
        }
    }

    /**
     * Something named in the pickle that has no meaning here: a class, or what calling it would have given. Nothing is
     * called.
     *
     * @param name module and name
     */
    record Opaque(String name) {}

    /** What kind of thing a value is, for messages; never its content. */
    static String kind(Object value) {
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
        if (value instanceof TorchTensor || value instanceof TorchGlobals.Unreadable) {
            return "a tensor";
        }
        if (value instanceof TorchStorage) {
            return "a storage";
        }
        if (value instanceof Opaque opaque) {
            return "a " + Shown.text(opaque.name());
        }
        return "a function or type";
    }
}
