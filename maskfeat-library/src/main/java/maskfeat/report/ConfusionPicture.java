package maskfeat.report;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import maskfeat.report.Lettering.Anchor;

/**
 * Draws a confusion matrix: a row for each true class, a column for each predicted one, in the order of the classes.
 *
 * <p>Shades show the share of the row, blue on the diagonal and orange elsewhere. With few classes the cells have
 * numbers; with up to about sixty the rows and columns have names, and with more class numbers.
 */
public final class ConfusionPicture {
    private static final int MOST_NAMED = 64;
    private static final int NAMED_SIDE = 760;
    private static final int MAP_SIDE = 800;
    private static final int LEAST_NAMED_CELL = 14;
    private static final int MOST_CELL = 64;
    private static final int LEAST_CELL_WITH_NUMBER = 24;
    private static final int LEAST_CELL_WITH_BOTH = 52;
    private static final int LONGEST_ROW_NAME = 210;
    private static final int LONGEST_COLUMN_NAME = 150;
    private static final int GAP = 6;
    private static final int AXIS = 20;
    private static final int LEGEND = 62;
    private static final int RAMP = 110;
    private static final int LEGEND_WIDTH = 360;

    /** Small shares are drawn stronger, so that one error in a hundred predictions is visible. */
    private static final double GAMMA = 0.55;

    private static final Lettering AXES = new Lettering(Font.PLAIN, 13, Ink.QUIET);

    private final List<String> classes;
    private final long[][] counts;
    private final long[] rowSums;
    private final boolean named;
    private final int cell;
    private final Lettering names;
    private final List<String> rowNames;
    private final List<String> columnNames;
    private final boolean upright;
    private final CellText cellText;
    private final int left;
    private final int top;

    private ConfusionPicture(List<String> classes, long[][] counts) {
        int size = classes.size();
        this.classes = classes;
        this.counts = counts;
        this.rowSums =
                Arrays.stream(counts).mapToLong(row -> Arrays.stream(row).sum()).toArray();
        this.named = size <= MOST_NAMED;
        this.cell = named
                ? Math.max(LEAST_NAMED_CELL, Math.min(MOST_CELL, NAMED_SIDE / size))
                : Math.max(1, MAP_SIDE / size);
        this.names = new Lettering(Font.PLAIN, cell < 18 ? 11 : 13, Ink.TEXT);
        this.rowNames = named ? shortened(LONGEST_ROW_NAME) : List.of();
        this.columnNames = named ? shortened(LONGEST_COLUMN_NAME) : List.of();
        this.upright = columnNames.stream().allMatch(name -> names.width(name) <= cell - 4);
        this.cellText = cellText();
        int rowsWidth = named ? widest(rowNames) : AXES.width("0000");
        int columnsHeight = named && !upright ? widest(columnNames) : AXIS - GAP;
        this.left = Paper.MARGIN + AXIS + rowsWidth + GAP;
        this.top = Paper.MARGIN / 2 + AXIS + columnsHeight + GAP;
    }

    /**
     * Draws the matrix.
     *
     * @param classes names in the order of rows and columns
     * @param counts [true class][predicted class]
     * @throws IllegalArgumentException if there are no classes, the counts have another size, or one is negative
     */
    public static BufferedImage draw(List<String> classes, long[][] counts) {
        if (classes.isEmpty()) {
            throw new IllegalArgumentException("a confusion matrix needs at least one class");
        }
        if (counts.length != classes.size()) {
            throw new IllegalArgumentException(classes.size() + " classes need as many rows, got " + counts.length);
        }
        for (int row = 0; row < counts.length; row++) {
            if (counts[row].length != classes.size()) {
                throw new IllegalArgumentException(
                        classes.size() + " classes need as many columns, got " + counts[row].length + " in row " + row);
            }
            if (Arrays.stream(counts[row]).anyMatch(count -> count < 0)) {
                throw new IllegalArgumentException(
                        "counts must not be negative, got " + Arrays.toString(counts[row]) + " in row " + row);
            }
        }
        return new ConfusionPicture(List.copyOf(classes), counts).drawn();
    }

    private List<String> shortened(int width) {
        return classes.stream().map(name -> names.shortened(name, width)).toList();
    }

    private int widest(List<String> texts) {
        return texts.stream().mapToInt(names::width).max().orElse(0);
    }

    private int side() {
        return classes.size() * cell;
    }

    private BufferedImage drawn() {
        Paper paper = new Paper(
                Math.max(left + side(), Paper.MARGIN + LEGEND_WIDTH) + Paper.MARGIN,
                top + side() + GAP + LEGEND + Paper.MARGIN / 2);
        Graphics2D g = paper.pen();
        AXES.write(g, "prediction", left + side() / 2, Paper.MARGIN / 2 + 13, Anchor.MIDDLE);
        AXES.writeUp(g, "truth", Paper.MARGIN + 12, top + side() / 2, Anchor.MIDDLE);
        if (named) {
            names(g);
        } else {
            classNumbers(g);
        }
        cells(g);
        legend(g, top + side() + GAP);
        return paper.finished();
    }

    private void names(Graphics2D g) {
        for (int i = 0; i < classes.size(); i++) {
            int middle = i * cell + cell / 2;
            names.write(g, rowNames.get(i), left - GAP, top + middle + names.belowMiddle(), Anchor.RIGHT);
            if (upright) {
                names.write(g, columnNames.get(i), left + middle, top - GAP, Anchor.MIDDLE);
            } else {
                names.writeUp(g, columnNames.get(i), left + middle + names.belowMiddle(), top - GAP, Anchor.LEFT);
            }
        }
    }

    /** Writes the numbers of some classes at regular intervals, from 0. */
    private void classNumbers(Graphics2D g) {
        int step = IntStream.of(10, 20, 50, 100, 200, 500, 1000)
                .filter(each -> each * cell >= 40)
                .findFirst()
                .orElse(classes.size());
        for (int i = 0; i < classes.size(); i += step) {
            int middle = i * cell + cell / 2;
            AXES.write(g, Integer.toString(i), left - GAP, top + middle + AXES.belowMiddle(), Anchor.RIGHT);
            AXES.write(g, Integer.toString(i), left + middle, top - GAP, Anchor.MIDDLE);
        }
    }

    private void cells(Graphics2D g) {
        int line = cell >= LEAST_NAMED_CELL ? 1 : 0;
        g.setColor(line == 1 ? Color.WHITE : Ink.EMPTY);
        g.fillRect(left, top, side(), side());
        for (int row = 0; row < counts.length; row++) {
            for (int column = 0; column < counts.length; column++) {
                Color shade = shade(row, column);
                g.setColor(shade);
                int x = left + column * cell;
                int y = top + row * cell;
                g.fillRect(x, y, cell - line, cell - line);
                if (counts[row][column] > 0) {
                    write(g, cellText, row, column, x + (cell - line) / 2, y + (cell - line) / 2, Ink.on(shade));
                }
            }
        }
        g.setColor(Ink.RULE);
        g.drawRect(left - 1, top - 1, side() + 1 - line, side() + 1 - line);
    }

    private Color shade(int row, int column) {
        return rowSums[row] == 0 ? Ink.EMPTY : shade(row == column, (double) counts[row][column] / rowSums[row]);
    }

    private static Color shade(boolean right, double share) {
        return right ? Ink.right(Math.pow(share, GAMMA)) : Ink.wrong(Math.pow(share, GAMMA));
    }

    /** The text of a cell that is not empty. */
    private enum CellText {
        NOTHING(""),
        COUNT("; the numbers are counts"),
        PER_CENT("; so are the numbers, in per cent"),
        BOTH("; below it the count");

        private final String meaning;

        CellText(String meaning) {
            this.meaning = meaning;
        }
    }

    private CellText cellText() {
        if (!named || cell < LEAST_CELL_WITH_NUMBER) {
            return CellText.NOTHING;
        }
        if (cell >= LEAST_CELL_WITH_BOTH) {
            return CellText.BOTH;
        }
        long most = Arrays.stream(counts).flatMapToLong(Arrays::stream).max().orElse(0);
        boolean fits = lettering(Ink.TEXT).width(Long.toString(most)) <= cell - 4;
        return fits ? CellText.COUNT : CellText.PER_CENT;
    }

    private Lettering lettering(Color colour) {
        return new Lettering(Font.PLAIN, cell < 32 ? 11 : 13, colour);
    }

    /** @param x of the middle of the cell */
    private void write(Graphics2D g, CellText text, int row, int column, int x, int y, Color colour) {
        String count = Long.toString(counts[row][column]);
        if (text == CellText.BOTH) {
            new Lettering(Font.BOLD, 14, colour).write(g, share(row, column) + " %", x, y - 2, Anchor.MIDDLE);
            new Lettering(Font.PLAIN, 12, colour).write(g, count, x, y + 14, Anchor.MIDDLE);
        } else if (text != CellText.NOTHING) {
            Lettering lettering = lettering(colour);
            String shown = text == CellText.COUNT ? count : share(row, column);
            lettering.write(g, shown, x, y + lettering.belowMiddle(), Anchor.MIDDLE);
        }
    }

    private String share(int row, int column) {
        long perCent = Math.round(100.0 * counts[row][column] / rowSums[row]);
        return perCent == 0 ? "<1" : Long.toString(perCent);
    }

    private void legend(Graphics2D g, int y) {
        AXES.write(g, "share of the row" + cellText.meaning, Paper.MARGIN, y + 18, Anchor.LEFT);
        int x = Paper.MARGIN;
        for (boolean right : new boolean[] {true, false}) {
            for (int i = 0; i < RAMP; i++) {
                g.setColor(shade(right, i / (RAMP - 1.0)));
                g.fillRect(x + i, y + 28, 1, 12);
            }
            AXES.write(g, "0", x, y + 55, Anchor.LEFT);
            AXES.write(g, "100 %", x + RAMP, y + 55, Anchor.RIGHT);
            AXES.write(g, right ? "right" : "wrong", x + RAMP + GAP, y + 39, Anchor.LEFT);
            x += RAMP + 64;
        }
    }
}
