package maskfeat.eval;

/** Tables as text. */
public final class Csv {
    private Csv() {}

    /** A field of a row: what holds a comma, a quote or a line end is quoted, and its quotes doubled (RFC 4180). */
    public static String field(String text) {
        boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
