package maskfeat.disk;

import java.util.Locale;

/** Text out of files that may be hostile, made fit for a message. */
public final class Shown {
    private static final int LONGEST = 100;

    private Shown() {}

    /** The text on one line, without control characters, cut where it is long. */
    public static String text(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().limit(LONGEST).forEach(c -> {
            int kind = Character.getType(c);
            boolean plain = !Character.isISOControl(c)
                    && kind != Character.FORMAT
                    && kind != Character.SURROGATE
                    && kind != Character.LINE_SEPARATOR
                    && kind != Character.PARAGRAPH_SEPARATOR;
            if (plain) {
                shown.appendCodePoint(c);
            } else {
                shown.append(String.format(Locale.ROOT, "\\u%04x", c));
            }
        });
        return text.codePointCount(0, text.length()) > LONGEST ? shown + "..." : shown.toString();
    }
}
