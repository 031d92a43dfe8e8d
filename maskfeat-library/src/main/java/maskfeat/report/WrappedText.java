package maskfeat.report;

/** Sentences in lines of a terminal's width. */
public final class WrappedText {
    private WrappedText() {}

    /**
     * Words in as few lines as they take; a word that is longer than a line has one of its own.
     *
     * @param columns characters of a line, 1 or more
     * @return without a line break at the end
     */
    public static String of(String words, int columns) {
        StringBuilder lines = new StringBuilder();
        int column = 0;
        for (String word : words.split(" ", -1)) {
            if (column > 0 && column + 1 + word.length() > columns) {
                lines.append('\n');
                column = 0;
            } else if (column > 0) {
                lines.append(' ');
                column++;
            }
            lines.append(word);
            column += word.length();
        }
        return lines.toString();
    }
}
