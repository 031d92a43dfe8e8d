package maskfeat.report;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/** Sentences in lines of a terminal's width. */
public final class WrappedText {
    /** The first word of several in single quotes; an apostrophe within a word or at its end is no quote. */
    private static final Pattern QUOTE = Pattern.compile("[(\\[]*([\\w.-]+=)?'[^']*");

    private static final Pattern END_OF_QUOTE = Pattern.compile("[^']*'(?![\\p{L}\\p{N}]).*");

    /** Nothing that ends a part of a sentence follows. */
    private static final Pattern PATH = Pattern.compile(".*/.*[^,;:)]");

    /** A relative path would go on like this too, and then stays beside the one before. */
    private static final Pattern MORE_OF_A_PATH = Pattern.compile("[\\p{L}\\p{N}_-][^/]*/.*");

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

    /**
     * A name and what it is, which goes on under its beginning where it is long.
     *
     * @param name padded, with what stands between the two
     * @param columns characters of a line; empty for one line
     * @return without a line break at the end
     */
    public static String beside(String name, String words, OptionalInt columns) {
        return columns.isEmpty()
                ? name + words
                : name
                        + of(words, Math.max(1, columns.getAsInt() - name.length()))
                                .replace("\n", System.lineSeparator() + " ".repeat(name.length()));
    }

    /**
     * Words in lines of which all but the first are indented. What stands in single quotes stays in one piece, and so does a
     * path with blanks in its folders.
     *
     * @param columns characters of a line, 1 or more
     * @param taken of these, how many stand on the first line already
     * @param indent of the other lines, in blanks
     * @return without a line break at the end
     */
    public static String hanging(String words, int columns, int taken, int indent) {
        StringBuilder lines = new StringBuilder();
        int column = taken;
        boolean begun = false;
        for (String piece : pieces(List.of(words.split(" ", -1)))) {
            if (begun && column + 1 + piece.length() > columns) {
                lines.append('\n').append(" ".repeat(indent));
                column = indent;
            } else if (begun) {
                lines.append(' ');
                column++;
            }
            lines.append(piece);
            column += piece.length();
            begun = true;
        }
        return lines.toString();
    }

    /** What a line may not end within. */
    private static List<String> pieces(List<String> words) {
        List<String> pieces = new ArrayList<>();
        for (int first = 0; first < words.size(); ) {
            int last = last(words, first);
            pieces.add(String.join(" ", words.subList(first, last + 1)));
            first = last + 1;
        }
        return pieces;
    }

    private static int last(List<String> words, int first) {
        if (QUOTE.matcher(words.get(first)).matches()) {
            for (int i = first + 1; i < words.size(); i++) {
                if (END_OF_QUOTE.matcher(words.get(i)).matches()) {
                    return i;
                }
            }
        }
        int last = first;
        while (last + 1 < words.size()
                && PATH.matcher(words.get(last)).matches()
                && MORE_OF_A_PATH.matcher(words.get(last + 1)).matches()) {
            last++;
        }
        return last;
    }
}
