package maskfeat.eval;

/** Tables as text. */
public final class Csv {
    private Csv() {}

    /**
     * A field of a row: what holds a comma, a quote or a line end is quoted, and its quotes doubled (RFC 4180). A name that
     * a spreadsheet would take for a formula has an apostrophe before it, which spreadsheets do not show.
     */
    public static String field(String name) {
        String text = name.isEmpty() || "=+-@\t\r".indexOf(name.charAt(0)) < 0 ? name : "'" + name;
        boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
