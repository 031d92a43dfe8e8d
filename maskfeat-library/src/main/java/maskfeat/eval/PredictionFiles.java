package maskfeat.eval;

import java.io.IOException;
import java.util.List;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.core.io.NumberOutput;

/**
 * Predictions as text: for a table, and for other programs.
 *
 * <p>A score is written as the shortest decimal that reads back as the same float, with a point whatever the language
 * of the machine and the same under all versions of Java. Lines end in {@code \n}. Nothing is flushed or closed.
 */
public final class PredictionFiles {
    private static final int TOP = 5;

    private PredictionFiles() {}

    /**
     * A row for each item, under a head: {@code name,label,top1,score1,...,top5,score5}.
     *
     * <p>The label and the top classes are names; an item without a label has an empty one. With fewer than five
     * classes there are as many pairs of columns as classes. What holds a comma, a quote or a line end is quoted, and
     * its quotes doubled (RFC 4180).
     *
     * @param predictions each with a score for every class
     * @param classes names by number
     * @throws IllegalArgumentException naming the item if its label is no class, or its scores are of another number of
     *     classes; nothing is written then
     * @throws IOException as the output does
     */
    public static void csv(List<Prediction> predictions, List<String> classes, Appendable out) throws IOException {
        predictions.forEach(prediction -> prediction.checkFits(classes.size()));
        int columns = Math.min(TOP, classes.size());
        out.append("name,label");
        for (int i = 1; i <= columns; i++) {
            out.append(",top" + i + ",score" + i);
        }
        out.append('\n');
        for (Prediction prediction : predictions) {
            out.append(Csv.field(prediction.name())).append(',');
            out.append(prediction.labelled() ? Csv.field(classes.get(prediction.label())) : "");
            for (int top : prediction.top(TOP)) {
                out.append(',').append(Csv.field(classes.get(top)));
                out.append(',').append(number(prediction.scores()[top]));
            }
            out.append('\n');
        }
    }

    /**
     * All scores, as one JSON object: {@code {"classes":["cat",...],"predictions":[{"name":"a.jpg","label":"cat",
     * "top1":"dog","scores":[0.25,...]},...]}}, a prediction a line.
     *
     * <p>Scores are in the order of the classes; the label of an item without one is null.
     *
     * @param predictions each with a score for every class
     * @param classes names by number
     * @throws IllegalArgumentException naming the item if its label is no class, or its scores are of another number of
     *     classes; nothing is written then
     * @throws IOException as the output does
     */
    public static void json(List<Prediction> predictions, List<String> classes, Appendable out) throws IOException {
        predictions.forEach(prediction -> prediction.checkFits(classes.size()));
        out.append("{\"classes\":[");
        for (int c = 0; c < classes.size(); c++) {
            out.append(c == 0 ? "" : ",").append(quoted(classes.get(c)));
        }
        out.append("],\"predictions\":[");
        for (int i = 0; i < predictions.size(); i++) {
            Prediction prediction = predictions.get(i);
            out.append(i == 0 ? "\n" : ",\n");
            out.append("{\"name\":").append(quoted(prediction.name()));
            out.append(",\"label\":").append(prediction.labelled() ? quoted(classes.get(prediction.label())) : "null");
            out.append(",\"top1\":").append(quoted(classes.get(prediction.top())));
            out.append(",\"scores\":[");
            float[] scores = prediction.scores();
            for (int c = 0; c < scores.length; c++) {
                out.append(c == 0 ? "" : ",").append(number(scores[c]));
            }
            out.append("]}");
        }
        out.append("\n]}\n");
    }

    private static String quoted(String text) {
        return '"' + String.valueOf(JsonStringEncoder.getInstance().quoteAsCharArray(text)) + '"';
    }

    /** Not {@link Float#toString(float)}: before Java 19 it writes some numbers longer than need be. */
    private static String number(float score) {
        return NumberOutput.toString(score, /* useFastWriter= */ true);
    }
}
