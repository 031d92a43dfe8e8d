package maskfeat.pickle;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Shown;

/**
 * Reads a pickle of protocols 0 to 5 (Python's {@code pickletools}) without running it: names mean what {@link
 * PickleGlobals} say or end the reading, calls make values of this package or nothing.
 *
 * <p>Time and memory are bound by the pickle's length: no step loops over more than it adds, none recurses, and none reads
 * containers by content.
 */
public final class Unpickler {
    private static final int MAX_DEPTH = 1000; // Python's own writer stops at about 300
    private static final int MAX_INTEGER_BYTES = 1024;
    private static final int MAX_PROTOCOL = 5;

    private final PickleInput in;
    private final PickleGlobals globals;
    private final ArrayList<Object> stack = new ArrayList<>();
    private final List<Integer> marks = new ArrayList<>(); // size of the stack at each open mark
    private final ArrayList<Object> memo = new ArrayList<>();
    private final Map<Long, Object> sparseMemo = new HashMap<>(); // entries out of order

    private Unpickler(PickleInput in, PickleGlobals globals) {
        this.in = in;
        this.globals = globals;
    }

    /** The value of the pickle that begins where {@code in} stands, which afterwards stands behind it. */
    public static Object read(PickleInput in, PickleGlobals globals) throws IOException {
        return new Unpickler(in, globals).run();
    }

    private Object run() throws IOException {
        for (long steps = 0; steps < in.mostSteps(); steps++) {
            int opcode = in.u8();
            if (opcode == '.') {
                Object result = pop();
                if (!stack.isEmpty()) {
                    throw in.damage("ends with values left over");
                }
                return result;
            }
            step(opcode);
        }
        throw in.damage("takes more than " + in.mostSteps() + " steps");
    }

    private void step(int opcode) throws IOException {
        switch (opcode) {
            case 0x80 -> {
                int protocol = in.u8();
                if (protocol > MAX_PROTOCOL) {
                    throw in.damage("is of protocol " + protocol + "; known are 0 to " + MAX_PROTOCOL);
                }
            }
            case 0x95 -> in.need(in.number(8)); // FRAME, a hint for readers
            case '(' -> {
                if (marks.size() >= MAX_DEPTH) {
                    throw in.damage("nests deeper than " + MAX_DEPTH);
                }
                marks.add(stack.size());
            }
            case '0' -> {
                if (stack.size() == floor() && !marks.isEmpty()) {
                    marks.remove(marks.size() - 1);
                } else {
                    pop();
                }
            }
            case '1' -> popMark();
            case '2' -> stack.add(top());

            case 'N' -> stack.add(Pickled.Constant.NONE);
            case 0x88 -> stack.add(Boolean.TRUE);
            case 0x89 -> stack.add(Boolean.FALSE);
            case 'I' -> stack.add(integerLine());
            case 'L' -> stack.add(longLine());
            case 'J' -> stack.add((long) (int) in.number(4));
            case 'K' -> stack.add((long) in.u8());
            case 'M' -> stack.add(in.number(2));
            case 0x8a -> stack.add(integer(in.u8()));
            case 0x8b -> stack.add(integer(in.number(4)));
            case 'F' -> stack.add(floatLine());
            case 'G' -> stack.add(Double.longBitsToDouble(Long.reverseBytes(in.number(8))));

            case 'S' -> stack.add(quoted(in.line()));
            case 'T' -> stack.add(globals.oldText(in.bytes(in.number(4))));
            case 'U' -> stack.add(globals.oldText(in.bytes(in.u8())));
            case 'V' -> stack.add(escaped(in.line()));
            case 'X' -> stack.add(text(in.bytes(in.number(4))));
            case 0x8c -> stack.add(text(in.bytes(in.u8())));
            case 0x8d -> stack.add(text(in.bytes(in.number(8))));
            case 'B' -> stack.add(in.bytes(in.number(4)));
            case 'C' -> stack.add(in.bytes(in.u8()));
            case 0x8e, 0x96 -> stack.add(in.bytes(in.number(8)));

            case ')' -> stack.add(Pickled.Tuple.EMPTY);
            case 't' -> stack.add(new Pickled.Tuple(popMark()));
            case 0x85 -> stack.add(new Pickled.Tuple(pop()));
            case 0x86 -> {
                Object second = pop();
                stack.add(new Pickled.Tuple(pop(), second));
            }
            case 0x87 -> {
                Object third = pop();
                Object second = pop();
                stack.add(new Pickled.Tuple(pop(), second, third));
            }
            case ']' -> stack.add(new Pickled.Sequence());
            case 'l' -> {
                Object[] items = popMark();
                stack.add(new Pickled.Sequence());
                append(items);
            }
            case 'a' -> append(new Object[] {pop()});
            case 'e' -> append(popMark());
            case '}' -> stack.add(new Pickled.Dict());
            case 'd' -> {
                Object[] pairs = popMark();
                stack.add(new Pickled.Dict());
                put(pairs);
            }
            case 's' -> {
                Object value = pop();
                put(new Object[] {pop(), value});
            }
            case 'u' -> put(popMark());
            case 0x8f -> stack.add(new Pickled.Opaque("builtins.set"));
            case 0x90 -> {
                popMark();
                opaqueTop("adds items to");
            }
            case 0x91 -> {
                popMark();
                stack.add(new Pickled.Opaque("builtins.frozenset"));
            }

            case 'p' -> remember(index(in.line()));
            case 'q' -> remember(in.u8());
            case 'r' -> remember(in.number(4));
            case 0x94 -> remember(memo.size() + (long) sparseMemo.size());
            case 'g' -> stack.add(recall(index(in.line())));
            case 'h' -> stack.add(recall(in.u8()));
            case 'j' -> stack.add(recall(in.number(4)));

            case 'c' -> {
                String module = globals.oldText(in.line());
                stack.add(globals.global(module, globals.oldText(in.line())));
            }
            case 0x93 -> {
                Object name = pop();
                Object module = pop();
                if (!(name instanceof String named) || !(module instanceof String of)) {
                    throw in.damage("names " + Pickled.kind(name) + " of " + Pickled.kind(module));
                }
                stack.add(globals.global(of, named));
            }
            case 'i' -> {
                String module = globals.oldText(in.line());
                Object named = globals.global(module, globals.oldText(in.line()));
                stack.add(globals.call(named, new Pickled.Tuple(popMark())));
            }
            case 'o' -> {
                Object[] items = popMark();
                if (items.length == 0) {
                    throw in.damage("makes an object of no class");
                }
                stack.add(globals.call(items[0], new Pickled.Tuple(Arrays.copyOfRange(items, 1, items.length))));
            }
            case 'R', 0x81 -> {
                Object arguments = pop();
                stack.add(globals.call(pop(), arguments));
            }
            case 0x92 -> {
                Object named = pop();
                Object arguments = pop();
                if (!(named instanceof Pickled.Dict)) {
                    throw in.damage("makes an object with names that are " + Pickled.kind(named));
                }
                stack.add(globals.call(pop(), arguments));
            }
            case 'b' -> {
                Object state = pop();
                build(state);
            }
            case 'Q' -> stack.add(globals.persistent(pop()));

            case 'P' -> throw in.damage("refers to something outside by a line of text");
            case 0x82, 0x83, 0x84 ->
                throw in.refusal(
                        "names a function by a number of Python's extension registry, whose meaning is not in the"
                                + " file; it is refused, and nothing was run");
            case 0x97, 0x98 -> throw in.damage("refers to a buffer outside");
            default -> throw in.damage(String.format(Locale.ROOT, "has an unknown step, byte 0x%02x", opcode));
        }
    }

    /** Below this the stack belongs to what was begun before the last mark. */
    private int floor() {
        return marks.isEmpty() ? 0 : marks.get(marks.size() - 1);
    }

    private Object top() throws DamagedFile {
        if (stack.size() <= floor()) {
            throw in.damage("takes a value where there is none");
        }
        return stack.get(stack.size() - 1);
    }

    private Object pop() throws DamagedFile {
        Object top = top();
        stack.remove(stack.size() - 1);
        return top;
    }

    private Object[] popMark() throws DamagedFile {
        if (marks.isEmpty()) {
            throw in.damage("closes what it has not opened");
        }
        int from = marks.remove(marks.size() - 1);
        List<Object> above = stack.subList(from, stack.size());
        Object[] items = above.toArray();
        above.clear();
        return items;
    }

    private void append(Object[] items) throws DamagedFile {
        Object list = top();
        if (list instanceof Pickled.Sequence sequence) {
            sequence.items().addAll(Arrays.asList(items));
        } else {
            opaqueTop("appends to");
        }
    }

    private void put(Object[] pairs) throws DamagedFile {
        if (pairs.length % 2 != 0) {
            throw in.damage("has a key without a value");
        }
        if (!(top() instanceof Pickled.Dict dict)) {
            opaqueTop("puts keys into");
            return;
        }
        for (int i = 0; i < pairs.length; i += 2) {
            if (pairs[i] instanceof Pickled.Sequence || pairs[i] instanceof Pickled.Dict) {
                throw in.damage("has " + Pickled.kind(pairs[i]) + " as a key");
            }
            dict.put(pairs[i], pairs[i + 1]);
        }
    }

    /** Attributes mean nothing here; dictionaries have some ({@code _metadata} of a state dict), tensors have none. */
    private void build(Object state) throws DamagedFile {
        if (!globals.build(top(), state) && !(top() instanceof Pickled.Dict)) {
            opaqueTop("sets attributes of");
        }
    }

    private void opaqueTop(String verb) throws DamagedFile {
        if (!(top() instanceof Pickled.Opaque)) {
            throw in.damage(verb + " " + Pickled.kind(top()));
        }
    }

    private void remember(long index) throws DamagedFile {
        if (index == memo.size()) {
            memo.add(top());
        } else if (index >= 0 && index < memo.size()) {
            memo.set((int) index, top());
        } else {
            sparseMemo.put(index, top());
        }
    }

    private Object recall(long index) throws DamagedFile {
        Object value = index >= 0 && index < memo.size() ? memo.get((int) index) : sparseMemo.get(index);
        if (value == null) {
            throw in.damage("recalls value " + index + ", which it never stored");
        }
        return value;
    }

    private long index(byte[] line) throws DamagedFile {
        try {
            return Long.parseLong(new String(line, StandardCharsets.ISO_8859_1));
        } catch (NumberFormatException e) {
            throw in.damage("has a memo index that is no number", e);
        }
    }

    /** Little-endian, two's complement. */
    private Object integer(long count) throws IOException {
        if (count > MAX_INTEGER_BYTES) {
            throw in.damage("has an integer of " + count + " bytes");
        }
        byte[] bytes = in.bytes(count);
        for (int i = 0, j = bytes.length - 1; i < j; i++, j--) {
            byte swapped = bytes[i];
            bytes[i] = bytes[j];
            bytes[j] = swapped;
        }
        return small(bytes.length == 0 ? BigInteger.ZERO : new BigInteger(bytes));
    }

    private static Object small(BigInteger value) {
        return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
    }

    private Object integerLine() throws IOException {
        byte[] line = in.line();
        String digits = new String(line, StandardCharsets.ISO_8859_1);
        // Protocols 0 and 1 write truth values as numbers with a zero before them.
        return digits.equals("01") ? (Object) true : digits.equals("00") ? (Object) false : decimal(digits);
    }

    private Object longLine() throws IOException {
        String digits = new String(in.line(), StandardCharsets.ISO_8859_1);
        return decimal(digits.endsWith("L") ? digits.substring(0, digits.length() - 1) : digits);
    }

    private Object decimal(String digits) throws DamagedFile {
        if (digits.length() > MAX_INTEGER_BYTES) {
            throw in.damage("has an integer of " + digits.length() + " digits");
        }
        try {
            return small(new BigInteger(digits));
        } catch (NumberFormatException e) {
            throw in.damage("has '" + Shown.text(digits) + "' for an integer", e);
        }
    }

    private Object floatLine() throws IOException {
        String digits = new String(in.line(), StandardCharsets.ISO_8859_1);
        switch (digits) {
            case "nan":
                return Double.NaN;
            case "inf":
                return Double.POSITIVE_INFINITY;
            case "-inf":
                return Double.NEGATIVE_INFINITY;
            default:
        }
        if (digits.length() > MAX_INTEGER_BYTES) {
            throw in.damage("has a number of " + digits.length() + " digits");
        }
        try {
            return Double.parseDouble(digits);
        } catch (NumberFormatException e) {
            throw in.damage("has '" + Shown.text(digits) + "' for a number", e);
        }
    }

    private String text(byte[] bytes) throws DamagedFile {
        try {
            return decoded(bytes);
        } catch (CharacterCodingException e) {
            throw in.damage("has a text that is not UTF-8", e);
        }
    }

    private static String decoded(byte[] bytes) throws CharacterCodingException {
        // A decoder takes a hundred times the memory of the two bytes that a text may be in the file.
        for (byte b : bytes) {
            if (b < 0) {
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes))
                        .toString();
            }
        }
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    /** A text in quotes, with Python's escapes. */
    private String quoted(byte[] line) throws DamagedFile {
        int last = line.length - 1;
        if (last < 1 || line[0] != line[last] || line[0] != '\'' && line[0] != '"') {
            throw in.damage("has a text without its quotes");
        }
        ByteBuffer plain = ByteBuffer.allocate(line.length);
        for (int i = 1; i < last; i++) {
            if (line[i] != '\\') {
                plain.put(line[i]);
                continue;
            }
            if (++i >= last) {
                throw in.damage("has a text that ends within an escape");
            }
            switch (line[i]) {
                case '\\', '\'', '"' -> plain.put(line[i]);
                case 'n' -> plain.put((byte) '\n');
                case 't' -> plain.put((byte) '\t');
                case 'r' -> plain.put((byte) '\r');
                case 'x' -> {
                    plain.put((byte) hex(line, i + 1, Math.min(last, i + 3), 2));
                    i += 2;
                }
                default -> throw in.damage("has a text with an unknown escape");
            }
        }
        return globals.oldText(Arrays.copyOf(plain.array(), plain.position()));
    }

    /** Latin-1 with {@code \}{@code uXXXX} and {@code \UXXXXXXXX}. */
    private String escaped(byte[] line) throws DamagedFile {
        StringBuilder plain = new StringBuilder(line.length);
        for (int i = 0; i < line.length; i++) {
            int digits =
                    line[i] != '\\' || i + 1 == line.length ? 0 : line[i + 1] == 'u' ? 4 : line[i + 1] == 'U' ? 8 : 0;
            if (digits == 0) {
                plain.append((char) (line[i] & 0xff));
            } else {
                int point = hex(line, i + 2, Math.min(line.length, i + 2 + digits), digits);
                if (!Character.isValidCodePoint(point)) {
                    throw in.damage("has a text with an unknown escape");
                }
                plain.appendCodePoint(point);
                i += 1 + digits;
            }
        }
        return plain.toString();
    }

    private int hex(byte[] line, int from, int to, int digits) throws DamagedFile {
        int value = 0;
        for (int i = from; i < to; i++) {
            int digit = Character.digit(line[i], 16);
            if (digit < 0) {
                throw in.damage("has a text with an unknown escape");
            }
            value = value << 4 | digit;
        }
        if (to - from != digits) {
            throw in.damage("has a text that ends within an escape");
        }
        return value;
    }
}
