package maskfeat.disk;

/** Text out of files that may be hostile, made fit for a message. */
public final class Shown {
    private static final int LONGEST = 100;

    private Shown() {}

    /** The text on one line, without control characters, cut where it is long. */
    public static String text(String text) {
        if (text.codePointCount(0, text.length()) <= LONGEST) {
            return Printable.text(text);
        }
        return Printable.text(text.substring(0, text.offsetByCodePoints(0, LONGEST))) + "...";
    }
}
