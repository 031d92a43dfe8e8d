package maskfeat.boxes;

/** Numbers as tables have them. */
final class Numbers {
    private static final int LONGEST = 64;

    private Numbers() {}

    /** The number that a text is; NaN if it is none, or not a plain decimal one. */
    static double parse(String text) {
        if (text.isEmpty() || text.length() > LONGEST) {
            return Double.NaN;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            // Java would take 1f, 1d and hexadecimal ones as well.
            if (!(c >= '0' && c <= '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E') {
                return Double.NaN;
            }
        }
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }
}
