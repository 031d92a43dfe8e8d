package maskfeat.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import maskfeat.disk.Printable;

/**
 * A table for a terminal, with names at the left and numbers aligned right.
 *
 * <p>If it is too wide, names are cut, and columns that do not fit follow in another table below.
 *
 * @param columns headings; the first is that of the names
 * @param rows each as long as {@code columns}
 */
public record TextTable(List<String> columns, List<List<String>> rows) {
    private static final String GAP = "  ";
    private static final String CUT = "...";

    /** Least width of the names, however many numbers there are. */
    private static final int LEAST_NAME = 20;

    public TextTable {
        columns = List.copyOf(columns);
        rows = rows.stream()
                .map(row -> row.stream().map(Printable::text).toList())
                .toList();
        for (List<String> row : rows) {
            if (row.size() != columns.size()) {
                throw new IllegalArgumentException(
                        "a table of " + columns.size() + " columns has a row of " + row.size() + ": " + row);
            }
        }
    }

    /**
     * The lines of the table, each with a line end.
     *
     * @param most characters per line, except if a single column needs more
     */
    public String text(int most) {
        int least = Math.min(LEAST_NAME, width(0));
        StringBuilder text = new StringBuilder();
        int from = 1;
        do {
            int to = from;
            int taken = 0;
            while (to < columns.size() && (to == from || least + taken + GAP.length() + width(to) <= most)) {
                taken += GAP.length() + width(to++);
            }
            text.append(text.length() == 0 ? "" : "\n");
            int name = Math.min(width(0), Math.max(least, most - taken));
            append(text, columns, name, from, to);
            for (List<String> row : rows) {
                append(text, row, name, from, to);
            }
            from = to;
        } while (from < columns.size());
        return text.toString();
    }

    private int width(int column) {
        return Math.max(
                columns.get(column).length(),
                rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0));
    }

    private void append(StringBuilder text, List<String> row, int name, int from, int to) {
        List<String> cells = new ArrayList<>();
        cells.add(padded(cut(row.get(0), name), name));
        IntStream.range(from, to).forEach(column -> {
            String cell = row.get(column);
            cells.add(" ".repeat(width(column) - cell.length()) + cell);
        });
        text.append(String.join(GAP, cells).stripTrailing()).append('\n');
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(width - text.length());
    }

    private static String cut(String text, int width) {
        return text.length() <= width
                ? text
                : text.substring(0, width - CUT.length()).stripTrailing() + CUT;
    }
}
