package maskfeat.pickle;

import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Shown;
import org.jspecify.annotations.Nullable;

/**
 * What names mean in pickles of plain values and of NumPy's arrays of numbers, of Python 2 and 3: arrays become {@link
 * NumpyArray}, single numbers {@code Double} or {@code Long}, ordered and default dictionaries {@link Pickled.Dict}. Arrays of
 * objects, which would be pickles within the pickle, and all other names are refused.
 */
public final class NumpyGlobals implements PickleGlobals {
    private static final int MAX_AXES = 8;
    private static final int SHORT = 64;

    private enum Function {
        ORDERED_DICT,
        DEFAULT_DICT,
        RECONSTRUCT,
        FROM_BUFFER,
        SCALAR,
        NDARRAY,
        DTYPE,
        ENCODE,
        BYTES,
        /** Types that are named as arguments and never called. */
        TYPE
    }

    private static final Map<String, Map<String, Function>> KNOWN = Map.ofEntries(
            Map.entry(
                    "collections", Map.of("OrderedDict", Function.ORDERED_DICT, "defaultdict", Function.DEFAULT_DICT)),
            Map.entry("numpy.core.multiarray", Map.of("_reconstruct", Function.RECONSTRUCT, "scalar", Function.SCALAR)),
            Map.entry(
                    "numpy._core.multiarray", Map.of("_reconstruct", Function.RECONSTRUCT, "scalar", Function.SCALAR)),
            Map.entry("numpy.core.numeric", Map.of("_frombuffer", Function.FROM_BUFFER)),
            Map.entry("numpy._core.numeric", Map.of("_frombuffer", Function.FROM_BUFFER)),
            Map.entry("numpy", Map.of("ndarray", Function.NDARRAY, "dtype", Function.DTYPE)),
            Map.entry("_codecs", Map.of("encode", Function.ENCODE)),
            Map.entry("__builtin__", types("bytes", "list", "dict", "int", "float", "set", "str")),
            Map.entry("builtins", types("bytes", "list", "dict", "int", "float", "set", "str")));

    private static Map<String, Function> types(String bytes, String... others) {
        Map<String, Function> types = new HashMap<>(Map.of(bytes, Function.BYTES));
        for (String other : others) {
            types.put(other, Function.TYPE);
        }
        return Map.copyOf(types);
    }

    private record Callable(Function function, String name) implements Pickled.Named {
        @Override
        public String kind() {
            return name;
        }
    }

    /** Changed once, by its state. */
    private static final class DType implements Pickled.Named {
        private final NumpyArray.Type type;
        private ByteOrder order = ByteOrder.LITTLE_ENDIAN;

        private DType(NumpyArray.Type type) {
            this.type = type;
        }

        @Override
        public String kind() {
            return "an element type";
        }
    }

    private final PickleInput in;
    /** Bytes of long texts, each once: a pickle may use one text for a million arrays. */
    private final Map<String, byte[]> encoded = new IdentityHashMap<>();

    /** @param in the pickle that holds the names, for messages */
    public NumpyGlobals(PickleInput in) {
        this.in = in;
    }

    @Override
    public Object global(String module, String name) throws DamagedFile {
        Function function = KNOWN.getOrDefault(module, Map.of()).get(name);
        if (function == null) {
            throw in.refusal(
                    "names " + Shown.text(module + "." + name)
                            + ", which is no part of lists, dictionaries and arrays of numbers; it is refused, and nothing was run");
        }
        return new Callable(function, module + "." + name);
    }

    @Override
    public Object persistent(Object id) throws DamagedFile {
        throw in.damage("refers to something outside");
    }

    /** Each byte a character, so that the bytes of arrays, which Python 2 writes as texts, are kept. */
    @Override
    public String oldText(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Override
    public Object call(Object callee, Object arguments) throws DamagedFile {
        if (!(callee instanceof Callable callable) || !(arguments instanceof Pickled.Tuple given)) {
            throw in.damage("calls " + Pickled.kind(callee) + " with " + Pickled.kind(arguments));
        }
        Object made = made(callable.function(), given);
        if (made == null) {
            throw in.damage("calls " + callable.name() + " with what does not fit it");
        }
        return made;
    }

    private @Nullable Object made(Function function, Pickled.Tuple given) throws DamagedFile {
        int size = given.size();
        switch (function) {
            case ORDERED_DICT:
                return size == 0 ? new Pickled.Dict() : null;
            case DEFAULT_DICT:
                return size <= 1 ? new Pickled.Dict() : null;
            case RECONSTRUCT:
                return size == 3 && isNdarray(given.get(0)) ? new NumpyArray() : null;
            case NDARRAY:
                return null;
            case FROM_BUFFER:
                if (size == 4 && given.get(0) instanceof byte[] data && given.get(1) instanceof DType type) {
                    return filled(new NumpyArray(), given.get(2), type, "F".equals(given.get(3)), data);
                }
                return null;
            case SCALAR:
                byte[] number = size == 2 ? bytes(given.get(1)) : null;
                if (number == null || !(given.get(0) instanceof DType type)) {
                    return null;
                }
                NumpyArray single = filled(new NumpyArray(), Pickled.Tuple.EMPTY, type, false, number);
                double value = single.element(0);
                boolean whole = type.type.name().charAt(0) != 'F' && Math.abs(value) < 1L << 53;
                return whole ? (Object) (long) value : (Object) value;
            case DTYPE:
                return size >= 1 && size <= 3 && given.get(0) instanceof String name ? dtype(name) : null;
            case ENCODE:
                if (size == 2 && given.get(0) instanceof String text && isLatin(given.get(1))) {
                    return bytes(text);
                }
                return null;
            case BYTES:
                return size == 0 ? new byte[0] : null;
            case TYPE:
                return null;
        }
        return null;
    }

    private static boolean isNdarray(Object value) {
        return value instanceof Callable callable && callable.function() == Function.NDARRAY;
    }

    private static boolean isLatin(Object encoding) {
        return encoding instanceof String name
                && Set.of("latin1", "latin-1", "iso-8859-1").contains(name.toLowerCase(Locale.ROOT));
    }

    private DType dtype(String name) throws DamagedFile {
        String bare = name.replaceFirst("^[<>|=]", "");
        if (bare.startsWith("O")) {
            throw in.refusal(
                    "has an array of objects, which is a program within the program; it is refused, and nothing"
                            + " was run. Save plain lists or arrays of numbers");
        }
        for (NumpyArray.Type type : NumpyArray.Type.values()) {
            if (type.name().toLowerCase(Locale.ROOT).equals(bare)) {
                DType made = new DType(type);
                made.order = name.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
                return made;
            }
        }
        throw in.refusal("has an array of elements '" + Shown.text(name)
                + "'; read are integers, floating-point numbers and truth values");
    }

    @Override
    public boolean build(Object thing, Object state) throws DamagedFile {
        if (thing instanceof DType type) {
            String order =
                    state instanceof Pickled.Tuple parts && parts.size() >= 2 && parts.get(1) instanceof String text
                            ? text
                            : "";
            switch (order) {
                case "<", "|", "=" -> type.order = ByteOrder.LITTLE_ENDIAN;
                case ">" -> type.order = ByteOrder.BIG_ENDIAN;
                default -> throw in.damage("has an element type of byte order '" + Shown.text(order) + "'");
            }
            return true;
        }
        if (thing instanceof NumpyArray array) {
            // Version, shape, element type, column after column, bytes.
            byte[] data = state instanceof Pickled.Tuple parts && parts.size() == 5 ? bytes(parts.get(4)) : null;
            if (data == null
                    || !(state instanceof Pickled.Tuple parts)
                    || !(parts.get(2) instanceof DType type)
                    || !(parts.get(3) instanceof Boolean || parts.get(3) instanceof Long)) {
                throw in.damage("has an array with a state that does not fit it");
            }
            boolean fortran = parts.get(3).equals(Boolean.TRUE) || parts.get(3).equals(1L);
            filled(array, parts.get(1), type, fortran, data);
            return true;
        }
        return false;
    }

    private byte @Nullable [] bytes(Object value) {
        if (value instanceof byte[] bytes) {
            return bytes;
        }
        if (!(value instanceof String text)) {
            return null;
        }
        byte[] known = encoded.get(text);
        if (known == null && text.chars().allMatch(c -> c <= 0xff)) {
            known = text.getBytes(StandardCharsets.ISO_8859_1);
            if (known.length > SHORT) {
                encoded.put(text, known);
            }
        }
        return known;
    }

    private NumpyArray filled(NumpyArray array, Object sizes, DType type, boolean fortran, byte[] data)
            throws DamagedFile {
        if (!(sizes instanceof Pickled.Tuple axes) || axes.size() > MAX_AXES) {
            throw in.damage("has an array whose shape is " + Pickled.kind(sizes) + ", no tuple of up to " + MAX_AXES);
        }
        int[] shape = new int[axes.size()];
        BigInteger count = BigInteger.valueOf(type.type.bytes());
        for (int i = 0; i < shape.length; i++) {
            if (!(axes.get(i) instanceof Long axis) || axis < 0 || axis > Integer.MAX_VALUE) {
                throw in.damage("has an array with a size that is no number from 0 to " + Integer.MAX_VALUE);
            }
            shape[i] = axis.intValue();
            count = count.multiply(BigInteger.valueOf(axis));
        }
        if (!count.equals(BigInteger.valueOf(data.length))) {
            throw in.damage("has an array of " + data.length + " bytes whose shape needs " + count);
        }
        array.set(shape, type.type, type.order, fortran, data);
        return array;
    }
}
