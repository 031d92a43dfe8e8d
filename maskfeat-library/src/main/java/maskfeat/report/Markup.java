package maskfeat.report;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A piece of a page, in HTML that is also XML. Inserted text is escaped. */
record Markup(String html) {
    static final Markup NONE = new Markup("");

    /**
     * HTML with inserted values.
     *
     * @param format HTML with a {@code %s} for each value
     * @param values markup is inserted as it is, anything else as escaped text
     */
    static Markup of(String format, Object... values) {
        return new Markup(String.format(
                Locale.ROOT,
                format,
                Arrays.stream(values)
                        .map(value -> value instanceof Markup piece ? piece.html() : escaped(value.toString()))
                        .toArray()));
    }

    /** The pieces of all items, joined. */
    static <T> Markup each(List<T> items, Function<T, Markup> piece) {
        return new Markup(items.stream().map(item -> piece.apply(item).html()).collect(Collectors.joining()));
    }

    static Markup join(Markup... pieces) {
        return each(List.of(pieces), piece -> piece);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;")
                .replace("`", "&#x60;")
                .replace("=", "&#x3D;");
    }
}
