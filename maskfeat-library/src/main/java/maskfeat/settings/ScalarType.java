package maskfeat.settings;

import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import maskfeat.disk.PathText;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** The type of a single value: what it accepts, how it is read, and how it is written so that it reads the same again. */
abstract sealed class ScalarType implements SettingType {
    private static final ScalarType BOOLEAN = new BooleanType();
    private static final ScalarType INT = new WholeNumber(Integer.MIN_VALUE, Integer.MAX_VALUE) {
        @Override
        Object narrow(long number) {
            return (int) number;
        }
    };
    private static final ScalarType LONG = new WholeNumber(Long.MIN_VALUE, Long.MAX_VALUE) {
        @Override
        Object narrow(long number) {
            return number;
        }
    };
    private static final ScalarType FLOAT = new RealNumber() {
        @Override
        Number parse(String digits) {
            return Float.valueOf(digits);
        }
    };
    private static final ScalarType DOUBLE = new RealNumber() {
        @Override
        Number parse(String digits) {
            return Double.valueOf(digits);
        }
    };

    static @Nullable ScalarType of(Class<?> type) {
        if (type == boolean.class || type == Boolean.class) {
            return BOOLEAN;
        }
        if (type == int.class || type == Integer.class) {
            return INT;
        }
        if (type == NumberOrAuto.class) {
            return new NumberOrAutoType();
        }
        if (type == long.class || type == Long.class) {
            return LONG;
        }
        if (type == float.class || type == Float.class) {
            return FLOAT;
        }
        if (type == double.class || type == Double.class) {
            return DOUBLE;
        }
        if (type == String.class) {
            return new TextType();
        }
        if (type == Path.class) {
            return new PathType();
        }
        return type.isEnum() ? new EnumType(type) : null;
    }

    /** The value, or empty if the text does not fit; {@link #hint} may then say why. */
    abstract Optional<Object> read(Node.Scalar text);

    /** How to mend a text that does not fit, to end a message with: begins with a semicolon, or is empty. */
    String hint(Node.Scalar text) {
        return text.quoted()
                        && read(new Node.Scalar(text.text(), false, text.origin()))
                                .isPresent()
                ? "; leave out the quotes"
                : "";
    }

    abstract String yaml(Object value);

    /** As JSON knows it: a number, a boolean or text. */
    abstract Object plain(Object value);

    /** Of an enum, all there are; otherwise none. */
    List<Enum<?>> constants() {
        return List.of();
    }

    /** As a file has it. */
    static String name(Object constant) {
        return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Refuses, by IllegalStateException, a value that could not be written and read again. */
    void check(Object value) {}

    private static final class BooleanType extends ScalarType {
        @Override
        public String expected() {
            return "true or false";
        }

        @Override
        Optional<Object> read(Node.Scalar text) {
            boolean fits = text.text().equals("true") || text.text().equals("false");
            return fits && !text.quoted() ? Optional.of(text.text().equals("true")) : Optional.empty();
        }

        @Override
        String yaml(Object value) {
            return value.toString();
        }

        @Override
        Object plain(Object value) {
            return value;
        }
    }

    private abstract static non-sealed class Numeric extends ScalarType {
        /** YAML 1.2's numbers, and no more: 007 is octal to some readers, 1_000 text to others. */
        private static final Pattern NUMBER =
                Pattern.compile("[-+]?((0|[1-9][0-9]*)(\\.[0-9]*)?|\\.[0-9]+)([eE][-+]?[0-9]{1,9})?");

        @Override
        Optional<Object> read(Node.Scalar text) {
            return !text.quoted() && NUMBER.matcher(text.text()).matches() ? number(text.text()) : Optional.empty();
        }

        abstract Optional<Object> number(String digits);

        @Override
        Object plain(Object value) {
            return value;
        }
    }

    private abstract static class WholeNumber extends Numeric {
        private final BigDecimal least;
        private final BigDecimal most;

        WholeNumber(long least, long most) {
            this.least = BigDecimal.valueOf(least);
            this.most = BigDecimal.valueOf(most);
        }

        abstract Object narrow(long number);

        @Override
        public String expected() {
            return "a whole number";
        }

        /** 1e3 and 64.0 are whole numbers, 64.5 and 1e-3 are not. */
        @Override
        Optional<Object> number(String digits) {
            try {
                long number = new BigDecimal(digits).longValueExact();
                return inRange(BigDecimal.valueOf(number)) ? Optional.of(narrow(number)) : Optional.empty();
            } catch (ArithmeticException notWhole) {
                return Optional.empty();
            }
        }

        private boolean inRange(BigDecimal number) {
            return number.compareTo(least) >= 0 && number.compareTo(most) <= 0;
        }

        @Override
        String hint(Node.Scalar text) {
            boolean tooLarge = !text.quoted()
                    && text.text().matches("[-+]?[0-9]{1,1000}")
                    && !inRange(new BigDecimal(text.text()));
            return tooLarge ? "; it must lie between " + least + " and " + most : super.hint(text);
        }

        @Override
        String yaml(Object value) {
            return value.toString();
        }
    }

    private abstract static class RealNumber extends Numeric {
        private static final Pattern ZERO = Pattern.compile("[-+]?[0.]+([eE].*)?");

        abstract Number parse(String digits);

        @Override
        public String expected() {
            return "a number";
        }

        /** A number that overflows to infinity, or underflows to zero, is refused. */
        @Override
        Optional<Object> number(String digits) {
            Number number = parse(digits);
            double wide = number.doubleValue();
            boolean kept =
                    Double.isFinite(wide) && (wide != 0 || ZERO.matcher(digits).matches());
            return kept ? Optional.of(number) : Optional.empty();
        }

        /** {@code 1.0e-4}: a number in YAML 1.1 as well, which wants the point and the sign of the exponent. */
        @Override
        String yaml(Object value) {
            return value.toString().replace("E-", "e-").replace("E", "e+");
        }

        @Override
        void check(Object value) {
            if (!Double.isFinite(((Number) value).doubleValue())) {
                throw new IllegalStateException(
                        "is " + value + "; a setting is a finite number, or null where allowed");
            }
        }
    }

    private static final class NumberOrAutoType extends ScalarType {
        @Override
        public String expected() {
            return "a whole number, or " + NumberOrAuto.AUTO;
        }

        @Override
        Optional<Object> read(Node.Scalar text) {
            Optional<Object> word = NumberOrAuto.word(text.text()).map(each -> each);
            return word.or(() -> INT.read(text).map(number -> NumberOrAuto.of((int) number)));
        }

        @Override
        String hint(Node.Scalar text) {
            String near = Nearest.hint(text.text(), List.of(NumberOrAuto.AUTO));
            return near.isEmpty() ? INT.hint(text) : near;
        }

        @Override
        String yaml(Object value) {
            return value.toString();
        }

        @Override
        Object plain(Object value) {
            NumberOrAuto either = (NumberOrAuto) value;
            return either.isAuto() ? either.toString() : (Object) either.number();
        }
    }

    private static final class TextType extends ScalarType {
        /** Read as text by every YAML reader, 1.1 or 1.2, inside a list or outside. */
        private static final Pattern BARE = Pattern.compile("(\\.{0,2}/)?[A-Za-z_][A-Za-z0-9_./+-]*");

        private static final Pattern TAKEN = Pattern.compile("(?i)null|none|true|false|yes|no|on|off|y|n");

        static String quoted(String text) {
            if (BARE.matcher(text).matches() && !TAKEN.matcher(text).matches()) {
                return text;
            }
            // A JSON string is a YAML string, but for what YAML does not print.
            return JSON.writeValueAsString(text)
                    .codePoints()
                    .mapToObj(c -> isPrintable(c) ? Character.toString(c) : escaped(c))
                    .collect(Collectors.joining());
        }

        private static boolean isPrintable(int c) {
            return (c >= 0x20 && c <= 0x7E)
                    || (c >= 0xA0 && c <= 0xD7FF && c != 0x2028 && c != 0x2029)
                    || (c >= 0xE000 && c <= 0xFFFD && c != 0xFEFF)
                    || c >= 0x10000;
        }

        private static String escaped(int c) {
            return String.format(Locale.ROOT, "\\u%04X", c);
        }

        private static final JsonMapper JSON = JsonMapper.shared();

        @Override
        public String expected() {
            return "text";
        }

        /** Where text is expected, 2024 and true are text, exactly as they were written. */
        @Override
        Optional<Object> read(Node.Scalar text) {
            return text.isNull() ? Optional.empty() : Optional.of(text.text());
        }

        @Override
        String hint(Node.Scalar text) {
            return "; quote it if it is meant as text";
        }

        @Override
        String yaml(Object value) {
            return quoted((String) value);
        }

        @Override
        Object plain(Object value) {
            return value;
        }
    }

    private static final class PathType extends ScalarType {
        @Override
        public String expected() {
            return "a path";
        }

        @Override
        Optional<Object> read(Node.Scalar text) {
            if (text.isNull() || text.text().isEmpty() || isHome(text)) {
                return Optional.empty();
            }
            try {
                return Optional.of(PathText.path(text.text()));
            } catch (InvalidPathException e) {
                return Optional.empty();
            }
        }

        /** The shell expands ~ at the start of a word only, so --set data.root=~/k400 would make a folder called ~. */
        private static boolean isHome(Node.Scalar text) {
            return text.text().equals("~") || text.text().startsWith("~/");
        }

        @Override
        String hint(Node.Scalar text) {
            return isHome(text) ? "; ~ is not expanded here, write the folder out" : "";
        }

        @Override
        String yaml(Object value) {
            return TextType.quoted(text(value));
        }

        @Override
        Object plain(Object value) {
            return text(value);
        }

        private static String text(Object path) {
            return PathText.shown((Path) path);
        }
    }

    private static final class EnumType extends ScalarType {
        private final List<Enum<?>> constants;

        EnumType(Class<?> type) {
            this.constants = Arrays.stream(type.getEnumConstants())
                    .<Enum<?>>map(c -> (Enum<?>) c)
                    .toList();
        }

        @Override
        List<Enum<?>> constants() {
            return constants;
        }

        @Override
        public String expected() {
            return "one of "
                    + String.join(", ", constants.stream().map(ScalarType::name).toList());
        }

        @Override
        Optional<Object> read(Node.Scalar text) {
            return constants.stream()
                    .filter(c -> name(c).equals(text.text()))
                    .<Object>map(c -> c)
                    .findFirst();
        }

        @Override
        String hint(Node.Scalar text) {
            return Nearest.hint(
                    text.text(), constants.stream().map(ScalarType::name).toList());
        }

        @Override
        String yaml(Object value) {
            return TextType.quoted(name(value));
        }

        @Override
        Object plain(Object value) {
            return name(value);
        }
    }

    static String text(String text) {
        return TextType.quoted(text);
    }
}
