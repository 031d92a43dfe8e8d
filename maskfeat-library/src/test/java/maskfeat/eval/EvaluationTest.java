package maskfeat.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EvaluationTest {
    private static Prediction of(String name, int label, float... scores) {
        return new Prediction(name, label, scores);
    }

    /** Six classes, four items: right, second, sixth, right; class 5 never occurs. */
    private final Evaluation small = Evaluation.of(
            List.of("ant", "bee", "cat", "dog", "eel", "fox"),
            List.of(
                    of("a", 0, 0.5f, 0.25f, 0.125f, 0.0625f, 0.0625f, 0),
                    of("b", 0, 0.25f, 0.5f, 0.125f, 0.0625f, 0.0625f, 0),
                    of("c", 2, 0.5f, 0.25f, 0, 0.125f, 0.0625f, 0.0625f),
                    of("d", 3, 0, 0, 0, 1, 0, 0)));

    @Test
    void figuresAreThoseCountedByHand() {
        assertThat(small.count()).isEqualTo(4);
        assertThat(small.top1()).isEqualTo(0.5);
        assertThat(small.top5()).isEqualTo(0.75);
        assertThat(small.topCount()).isEqualTo(5);
        assertThat(small.loss()).isCloseTo((Math.log(2) + Math.log(4) + 12 * Math.log(10) + 0) / 4, within(1e-12));
        // ant 1/2, cat 0/1, dog 1/1; bee, eel and fox do not occur
        assertThat(small.meanClassAccuracy()).isEqualTo(0.5);
        assertThat(small.confusion().counts()).isEqualTo(new long[][] {
            {1, 1, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0}, {1, 0, 0, 0, 0, 0},
            {0, 0, 0, 1, 0, 0}, {0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0}
        });
        assertThat(small.top1Interval()).isEqualTo(Interval.wilson(2, 4));
        assertThat(small.predictions()).extracting(Prediction::name).containsExactly("a", "b", "c", "d");
    }

    @Test
    void eachClassHasItsRecallAndPrecision() {
        assertThat(small.perClass())
                .containsExactly(
                        new ClassScore("ant", 2, 0.5, 0.5),
                        new ClassScore("bee", 0, Double.NaN, 0),
                        new ClassScore("cat", 1, 0, Double.NaN),
                        new ClassScore("dog", 1, 1, 1),
                        new ClassScore("eel", 0, Double.NaN, Double.NaN),
                        new ClassScore("fox", 0, Double.NaN, Double.NaN));
    }

    @Test
    void figuresAreInPercentAndInOrder() {
        assertThat(ClassMetrics.figures(small).keySet())
                .startsWith("val/top1", "val/top5", "val/loss", "val/mean_class", "val/ece");
        assertThat(ClassMetrics.figures(small))
                .containsEntry("val/top1", 50.0)
                .containsEntry("val/top5", 75.0)
                .containsEntry("val/loss", small.loss())
                .containsEntry("val/mean_class", 50.0);
        // (7/15, 8/15]: a, b and c at 0.5, one of three right; the last bin: d, certain and right
        assertThat(ClassMetrics.figures(small).get("val/ece")).isCloseTo(100 * 0.75 * (0.5 - 1 / 3.0), within(1e-9));
    }

    @Test
    void fewerThanFiveClassesAreAllAmongTheTop() {
        Evaluation three = Evaluation.of(Predictions.classes(3), List.of(of("a", 2, 0.5f, 0.5f, 0)));
        assertThat(three.topCount()).isEqualTo(3);
        assertThat(three.top5()).isEqualTo(1);
        assertThat(three.top1()).isZero();
    }

    @Test
    void classesOfManyItemsWeighNoMoreInTheMeanOfClasses() {
        List<Prediction> predictions = new ArrayList<>(Collections.nCopies(98, of("a", 0, 1, 0)));
        predictions.add(of("b", 1, 1, 0));
        predictions.add(of("c", 1, 0, 1));
        Evaluation evaluation = Evaluation.of(List.of("often", "seldom"), predictions);
        assertThat(evaluation.top1()).isEqualTo(0.99);
        assertThat(evaluation.meanClassAccuracy()).isEqualTo(0.75);
    }

    static IntStream seeds() {
        return IntStream.range(0, 100);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void agreesWithCountingItemByItemAndItsPartsWithEachOther(int seed) {
        Random random = new Random(seed);
        int classes = 1 + random.nextInt(12);
        List<Prediction> predictions = Predictions.draw(random, 1 + random.nextInt(80), classes);
        Evaluation evaluation = Evaluation.of(Predictions.classes(classes), predictions);

        int first = 0;
        int five = 0;
        double loss = 0;
        for (Prediction prediction : predictions) {
            int before = 0;
            float own = prediction.scores()[prediction.label()];
            for (int c = 0; c < classes; c++) {
                float other = prediction.scores()[c];
                before += other > own || (other == own && c < prediction.label()) ? 1 : 0;
            }
            first += before == 0 ? 1 : 0;
            five += before < 5 ? 1 : 0;
            loss += own < 1e-12 ? -Math.log(1e-12) : -Math.log(own);
        }
        double count = predictions.size();
        assertThat(evaluation.top1()).isEqualTo(first / count);
        assertThat(evaluation.top5()).isEqualTo(five / count);
        assertThat(evaluation.loss()).isCloseTo(loss / count, within(1e-12));

        ConfusionMatrix confusion = evaluation.confusion();
        assertThat(confusion.total()).isEqualTo(predictions.size());
        assertThat(evaluation.top1()).isEqualTo((double) confusion.correct() / confusion.total());
        assertThat(evaluation.perClass().stream()
                        .filter(score -> score.count() > 0)
                        .mapToDouble(score -> score.count() * score.recall())
                        .sum())
                .isCloseTo(first, within(1e-9));
        assertThat(confusion.worst(Integer.MAX_VALUE).stream()
                        .mapToLong(Confusion::count)
                        .sum())
                .isEqualTo(confusion.total() - confusion.correct());
        assertThat(evaluation.calibration().count()).isEqualTo(predictions.size());
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void theOrderOfItemsDoesNotMatter(int seed) {
        Random random = new Random(seed);
        List<Prediction> predictions = Predictions.draw(random, 60, 7);
        Evaluation evaluation = Evaluation.of(Predictions.classes(7), predictions);
        Collections.shuffle(predictions, random);
        Evaluation shuffled = Evaluation.of(Predictions.classes(7), predictions);
        assertThat(shuffled.perClass()).isEqualTo(evaluation.perClass());
        assertThat(shuffled.confusion().worst(99))
                .isEqualTo(evaluation.confusion().worst(99));
        assertThat(shuffled.top5()).isEqualTo(evaluation.top5());
        assertThat(shuffled.loss()).isCloseTo(evaluation.loss(), within(1e-12));
        assertThat(shuffled.calibration().expectedError())
                .isCloseTo(evaluation.calibration().expectedError(), within(1e-12));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void renamedClassesAreAsHardAsBefore(int seed) {
        Random random = new Random(seed);
        int classes = 2 + random.nextInt(9);
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, classes).boxed().toList());
        Collections.shuffle(order, random);
        List<Prediction> predictions = new ArrayList<>();
        List<Prediction> renamed = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            float[] scores = distinct(random, classes);
            float[] moved = new float[classes];
            for (int c = 0; c < classes; c++) {
                moved[order.get(c)] = scores[c];
            }
            int label = random.nextInt(classes);
            predictions.add(of("item", label, scores));
            renamed.add(of("item", order.get(label), moved));
        }
        Evaluation before = Evaluation.of(Predictions.classes(classes), predictions);
        Evaluation after = Evaluation.of(Predictions.classes(classes), renamed);
        assertThat(after.top1()).isEqualTo(before.top1());
        assertThat(after.top5()).isEqualTo(before.top5());
        assertThat(after.loss()).isEqualTo(before.loss());
        assertThat(after.meanClassAccuracy()).isCloseTo(before.meanClassAccuracy(), within(1e-12));
        assertThat(after.calibration()).isEqualTo(before.calibration());
    }

    private static float[] distinct(Random random, int classes) {
        double[] raw = random.doubles(classes, 0.1, 1).toArray();
        double sum = java.util.Arrays.stream(raw).sum();
        float[] scores = new float[classes];
        for (int c = 0; c < classes; c++) {
            scores[c] = (float) (raw[c] / sum);
        }
        return scores;
    }

    @Test
    void refusesNothingToJudge() {
        assertThatThrownBy(() -> Evaluation.of(List.of("a"), List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no predictions");
    }

    @Test
    void refusalsNameTheItem() {
        List<String> two = List.of("a", "b");
        Prediction good = of("good.png", 0, 1, 0);
        assertThatThrownBy(() -> Evaluation.of(two, List.of(good, of("c.png", -1, 1, 0))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("c.png", "no label");
        assertThatThrownBy(() -> Evaluation.of(two, List.of(good, of("c.png", 2, 1, 0))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("label 2", "c.png", "2 classes", "from 0 to 1");
        assertThatThrownBy(() -> Evaluation.of(two, List.of(good, of("c.png", 0, 1, 0, 0))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("c.png", "3 scores", "2 classes");
    }
}
