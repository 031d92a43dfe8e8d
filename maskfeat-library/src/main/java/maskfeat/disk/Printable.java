package maskfeat.disk;

import java.util.Locale;

/**
 * Text made fit for terminals, logs and messages. Names of files, classes and keys may hold anything, such as sequences
 * that colour a terminal, erase lines of it or change the direction of writing.
 */
public final class Printable {
    private Printable() {}

    /**
     * The text with each character that steers a terminal, the direction of writing or the lines written as in Java:
     * {@code \u001b}.
     */
    public static String text(String text) {
        return escaped(text, false);
    }

    /** As {@link #text}, of text that has lines: the ends of lines and tabs stay. */
    public static String lines(String text) {
        return escaped(text, true);
    }

    private static String escaped(String text, boolean keepLines) {
        if (text.codePoints().allMatch(c -> isPlain(c, keepLines))) {
            return text;
        }
        StringBuilder escaped = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (isPlain(c, keepLines)) {
                escaped.appendCodePoint(c);
            } else {
                for (char unit : Character.toChars(c)) {
                    escaped.append(String.format(Locale.ROOT, "\\u%04x", (int) unit));
                }
            }
        });
        return escaped.toString();
    }

    private static boolean isPlain(int c, boolean keepLines) {
        if (keepLines && (c == '\n' || c == '\r' || c == '\t')) {
            return true;
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.SURROGATE, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                false;
            case Character.FORMAT -> joins(c);
            default -> true;
        };
    }

    /** Joiners, which words of some languages and emoji need; they steer nothing. */
    private static boolean joins(int c) {
        return c == 0x200c || c == 0x200d;
    }
}
