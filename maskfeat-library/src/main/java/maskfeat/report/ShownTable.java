package maskfeat.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A table in the form that the page shows.
 *
 * @param folded whether it is collapsed until clicked
 * @param named whether its first column names the rows and stays visible when scrolling
 */
record ShownTable(String caption, boolean folded, boolean named, List<Cell> columns, List<List<Cell>> rows) {
    private static final int MOST_UNFOLDED = 15;

    /**
     * A cell.
     *
     * @param number whether to align it right
     * @param best whether it is the best of its column
     * @param head whether it names its row
     */
    record Cell(String text, boolean number, boolean best, boolean head) {
        Cell(String text, boolean number) {
            this(text, number, false, false);
        }
    }

    static ShownTable of(HtmlReport.Table table) {
        boolean[] numbers = new boolean[table.columns().size()];
        for (int column = 0; column < numbers.length; column++) {
            int at = column;
            numbers[column] = table.rows().stream().allMatch(row -> isNumber(row.get(at)));
        }
        List<List<Cell>> rows = new ArrayList<>();
        for (List<String> row : table.rows()) {
            rows.add(cells(row, numbers));
        }
        return new ShownTable(
                table.caption(), rows.size() > MOST_UNFOLDED, false, cells(table.columns(), numbers), rows);
    }

    Markup markup() {
        Markup table = Markup.of(
                """
                <div class="scroll">
                <table%s>
                %s
                <thead><tr>%s</tr></thead>
                <tbody>
                %s</tbody>
                </table>
                </div>
                """,
                new Markup(named ? " class=\"named\"" : ""),
                folded || caption.isEmpty() ? Markup.NONE : Markup.of("<caption>%s</caption>", caption),
                Markup.each(columns, column -> Markup.of("<th scope=\"col\"%s>%s</th>", flush(column), column.text())),
                Markup.each(rows, row -> Markup.of("<tr>%s</tr>\n", Markup.each(row, ShownTable::markup))));
        return folded ? Markup.of("""
                        <details>
                        <summary>%s <span class="note">(%s rows)</span></summary>
                        %s</details>
                        """, caption, rows.size(), table) : table;
    }

    private static Markup markup(Cell cell) {
        if (cell.head()) {
            return Markup.of("<th scope=\"row\">%s</th>", cell.text());
        }
        return Markup.of(
                "<td%s>%s</td>",
                flush(cell), cell.best() ? Markup.of("<b class=\"best\">%s</b>", cell.text()) : cell.text());
    }

    private static Markup flush(Cell cell) {
        return new Markup(cell.number() ? " class=\"number\"" : "");
    }

    private static List<Cell> cells(List<String> texts, boolean[] numbers) {
        return IntStream.range(0, texts.size())
                .mapToObj(i -> new Cell(texts.get(i), numbers[i]))
                .toList();
    }

    /** Whether a cell holds a number or the sign for a missing one. */
    private static boolean isNumber(String text) {
        return text.matches("-?[0-9][0-9.,]*(e[-+]?[0-9]+)?( ?[%x])?|[-\u2013]|");
    }
}
