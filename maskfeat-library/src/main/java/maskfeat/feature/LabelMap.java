package maskfeat.feature;

import java.util.HashSet;
import java.util.Set;

/**
 * Scores of classes in the cells of a whole picture, before softmax: of each cell those of a few classes, the others 0. As Token
 * Labeling keeps what a classifier saw.
 */
public final class LabelMap {
    private final int classes;
    private final int kept;
    private final int rows;
    private final int columns;
    private final float[] scores; // [kept, rows, columns]
    private final int[] labels; // the same

    /**
     * A map.
     *
     * @param classes how many there are
     * @param kept how many are kept in each cell
     * @param scores [kept, rows, columns]
     * @param labels [kept, rows, columns], the classes that the scores are of
     * @throws IllegalArgumentException if a score is not finite, or a label is no class or stands twice in a cell
     */
    public LabelMap(int classes, int kept, int rows, int columns, float[] scores, int[] labels) {
        this.classes = classes;
        this.kept = kept;
        this.rows = rows;
        this.columns = columns;
        this.scores = scores.clone();
        this.labels = labels.clone();
        if (scores.length != kept * rows * columns || labels.length != scores.length) {
            throw new IllegalArgumentException(scores.length + " scores and " + labels.length + " labels for " + kept
                    + " x " + rows + " x " + columns);
        }
        Set<Integer> ofCell = new HashSet<>();
        for (int cell = 0; cell < rows * columns; cell++) {
            ofCell.clear();
            for (int k = 0; k < kept; k++) {
                check(cell, scores[k * rows * columns + cell], labels[k * rows * columns + cell], ofCell);
            }
        }
    }

    private void check(int cell, float score, int label, Set<Integer> ofCell) {
        String place = " in row " + cell / columns + ", column " + cell % columns;
        if (!Float.isFinite(score)) {
            throw new IllegalArgumentException("has the score " + score + place);
        }
        if (label < 0 || label >= classes) {
            throw new IllegalArgumentException("names class " + label + place + ", where there are " + classes
                    + " classes; task.target.maps.classes says how many");
        }
        if (!ofCell.add(label)) {
            throw new IllegalArgumentException("names class " + label + " twice" + place);
        }
    }

    int classes() {
        return classes;
    }

    int rows() {
        return rows;
    }

    int columns() {
        return columns;
    }

    /** Adds the scores of a cell, times a weight, to those at {@code into[at...]}. */
    void add(int row, int column, float weight, float[] into, int at) {
        for (int k = 0; k < kept; k++) {
            int place = (k * rows + row) * columns + column;
            into[at + labels[place]] += weight * scores[place];
        }
    }
}
