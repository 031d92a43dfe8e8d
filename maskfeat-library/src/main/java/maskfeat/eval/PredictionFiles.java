package maskfeat.eval;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.io.NumberOutput;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Predictions as text: for a table, and for other programs.
 *
 * <p>A score is written as the shortest decimal that reads back as the same float, with a point whatever the language
 * of the machine and the same under all versions of Java. Lines end in {@code \n}. Nothing is flushed or closed.
 */
public final class PredictionFiles {
    private static final int TOP = 5;

    /** Shortest decimals under all versions of Java. */
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
                    .build())
            .build();

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
        out.append("{\"classes\":").append(JSON.writeValueAsString(classes)).append(",\"predictions\":[");
        String separator = "\n";
        for (Prediction prediction : predictions) {
            Map<String, @Nullable Object> row = new LinkedHashMap<>();
            row.put("name", prediction.name());
            row.put("label", prediction.labelled() ? classes.get(prediction.label()) : null);
            row.put("top1", classes.get(prediction.top()));
            row.put("scores", prediction.scores());
            out.append(separator).append(JSON.writeValueAsString(row));
            separator = ",\n";
        }
        out.append("\n]}\n");
    }

    /** Not {@link Float#toString(float)}: before Java 19 it writes some numbers longer than need be. */
    private static String number(float score) {
        return NumberOutput.toString(score, /* useFastWriter= */ true);
    }
}
