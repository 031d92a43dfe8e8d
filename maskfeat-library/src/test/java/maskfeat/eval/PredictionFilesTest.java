package maskfeat.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PredictionFilesTest {
    private static final String AWKWARD = "a \"b\", c\n\r\td\\e é 🦊\u0001.png";

    private static String csv(List<Prediction> predictions, List<String> classes) throws IOException {
        StringBuilder text = new StringBuilder();
        PredictionFiles.csv(predictions, classes, text);
        return text.toString();
    }

    private static String json(List<Prediction> predictions, List<String> classes) throws IOException {
        StringBuilder text = new StringBuilder();
        PredictionFiles.json(predictions, classes, text);
        return text.toString();
    }

    /** Reads what RFC 4180 describes, with lone line feeds as line ends as well. */
    private static List<List<String>> parse(String text) {
        List<List<String>> rows = new ArrayList<>(List.of(new ArrayList<>()));
        StringBuilder field = new StringBuilder();
        boolean inside = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (inside && c == '"' && i + 1 < text.length() && text.charAt(i + 1) == '"') {
                field.append('"');
                i++;
            } else if (c == '"') {
                inside = !inside;
            } else if (!inside && (c == ',' || c == '\n')) {
                rows.get(rows.size() - 1).add(field.toString());
                field.setLength(0);
                if (c == '\n' && i + 1 < text.length()) {
                    rows.add(new ArrayList<>());
                }
            } else {
                field.append(c);
            }
        }
        return rows;
    }

    @Test
    void aRowNamesTheItemItsLabelAndTheFiveBest() throws IOException {
        List<String> classes = List.of("ant", "bee", "cat", "dog", "eel", "fox");
        assertThat(csv(
                        List.of(
                                new Prediction("x/1.png", 2, new float[] {0, 0.125f, 0.5f, 0.25f, 0.0625f, 0.0625f}),
                                new Prediction("2.png", -1, new float[] {1, 0, 0, 0, 0, 0})),
                        classes))
                .isEqualTo("""
                        name,label,top1,score1,top2,score2,top3,score3,top4,score4,top5,score5
                        x/1.png,cat,cat,0.5,dog,0.25,bee,0.125,eel,0.0625,fox,0.0625
                        2.png,,ant,1.0,bee,0.0,cat,0.0,dog,0.0,eel,0.0
                        """);
    }

    @Test
    void fewClassesHaveFewColumns() throws IOException {
        assertThat(csv(List.of(new Prediction("a", 0, new float[] {0.25f, 0.75f})), List.of("no", "yes")))
                .isEqualTo("name,label,top1,score1,top2,score2\na,no,yes,0.75,no,0.25\n");
        assertThat(csv(List.of(), List.of("no"))).isEqualTo("name,label,top1,score1\n");
    }

    @Test
    void awkwardNamesSurviveATable() throws IOException {
        List<String> classes = List.of("to be, or not", "say \"hi\"", "plain");
        List<List<String>> rows = parse(csv(
                List.of(
                        new Prediction(AWKWARD, 1, new float[] {0.5f, 0.25f, 0.25f}),
                        new Prediction("\"", 2, new float[] {0, 0, 1}),
                        new Prediction("two\nlines", 2, new float[] {0, 0, 1})),
                classes));
        assertThat(rows).hasSize(4);
        assertThat(rows.get(1))
                .containsExactly(AWKWARD, "say \"hi\"", "to be, or not", "0.5", "say \"hi\"", "0.25", "plain", "0.25");
        assertThat(rows.get(2)).startsWith("\"", "plain", "plain", "1.0");
        assertThat(rows.get(3)).startsWith("two\nlines", "plain");
        assertThat(csv(List.of(new Prediction("a\rb", -1, new float[] {1})), List.of("c")))
                .contains("\"a\rb\",,c,1.0");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void jsonReadsBackAsTheSameFloats(int seed) throws IOException {
        Random random = new Random(seed);
        List<String> classes = List.of("a \"quoted\"", "b", "c\\", "d\n", "e", "f");
        List<Prediction> predictions = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            float[] scores = new float[6];
            float rest = 1;
            for (int c = 0; c < 5; c++) {
                // Over many powers of ten, to numbers that are not normal.
                scores[c] = (float) (rest * Math.pow(random.nextDouble(), 1 << random.nextInt(9)));
                rest -= scores[c];
            }
            scores[5] = Math.max(0, rest);
            predictions.add(new Prediction(AWKWARD + i, random.nextInt(7) - 1, scores));
        }
        String text = json(predictions, classes);
        assertThat(text.lines()).hasSize(50 + 2);
        JsonNode read = new JsonMapper().readTree(text);
        assertThat(read.get("classes").valueStream().map(JsonNode::stringValue)).containsExactlyElementsOf(classes);
        assertThat(read.get("predictions").size()).isEqualTo(50);
        for (int i = 0; i < 50; i++) {
            Prediction prediction = predictions.get(i);
            JsonNode node = read.get("predictions").get(i);
            assertThat(node.get("name").stringValue()).isEqualTo(prediction.name());
            assertThat(node.get("label").isNull()).isEqualTo(!prediction.labelled());
            if (prediction.labelled()) {
                assertThat(node.get("label").stringValue()).isEqualTo(classes.get(prediction.label()));
            }
            assertThat(node.get("top1").stringValue()).isEqualTo(classes.get(prediction.top()));
            float[] scores = new float[node.get("scores").size()];
            for (int c = 0; c < scores.length; c++) {
                scores[c] = node.get("scores").get(c).floatValue();
            }
            assertThat(scores).containsExactly(prediction.scores());
        }
    }

    @Test
    void nothingIsStillJson() throws IOException {
        assertThat(new JsonMapper().readTree(json(List.of(), List.of("a"))).get("predictions"))
                .isEmpty();
    }

    /** Of 2 to the -27, Float.toString before Java 19 says 7.4505806E-9. */
    @Test
    void numbersAreTheShortestAndHaveAPoint() throws IOException {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.GERMANY);
            Prediction prediction = new Prediction("a", 0, new float[] {0.9f, 0.1f, 0x1p-27f, 1e-3f});
            assertThat(json(List.of(prediction), Predictions.classes(4))).contains("[0.9,0.1,7.450581E-9,0.001]");
            assertThat(csv(List.of(prediction), Predictions.classes(4)))
                    .endsWith("class 0,0.9,class 1,0.1,class 3,0.001,class 2,7.450581E-9\n");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void refusalsNameTheItemAndWriteNothing() {
        StringBuilder out = new StringBuilder();
        List<String> two = List.of("a", "b");
        Prediction good = new Prediction("good", 0, new float[] {1, 0});
        assertThatThrownBy(() ->
                        PredictionFiles.csv(List.of(good, new Prediction("c.png", 2, new float[] {1, 0})), two, out))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("label 2", "c.png");
        assertThatThrownBy(() -> PredictionFiles.json(
                        List.of(good, new Prediction("c.png", 0, new float[] {1, 0, 0})), two, out))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("c.png", "3 scores", "2 classes");
        assertThat(out).isEmpty();
    }
}
