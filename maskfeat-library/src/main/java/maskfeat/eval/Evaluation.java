package maskfeat.eval;

import java.util.ArrayList;
import java.util.List;

/**
 * How well a network classifies labelled items.
 *
 * <p>Every item counts once, and equally. Accuracies are shares, 0 to 1. The order of the
 * items changes nothing but the rounding of sums.
 */
public final class Evaluation {
    private static final int TOP = 5;

    /** Smallest score in the loss: one true class with score 0 must not make the mean infinite. */
    private static final double LEAST_SCORE = 1e-12;

    private final List<Prediction> predictions;
    private final ConfusionMatrix confusion;
    private final Calibration calibration;
    private final List<ClassScore> perClass;
    private final int k;
    private final long amongTop;
    private final double loss;

    private Evaluation(List<String> classes, List<Prediction> predictions) {
        this.predictions = predictions;
        k = Math.min(TOP, classes.size());
        long[][] counts = new long[classes.size()][classes.size()];
        long among = 0;
        double sum = 0;
        for (Prediction prediction : predictions) {
            counts[prediction.label()][prediction.top()]++;
            among += prediction.rank() < k ? 1 : 0;
            sum -= Math.log(Math.max(LEAST_SCORE, prediction.scores()[prediction.label()]));
        }
        amongTop = among;
        loss = sum / predictions.size();
        confusion = new ConfusionMatrix(classes, counts);
        calibration = Calibration.of(predictions);
        perClass = perClass(confusion);
    }

    /**
     * Evaluates predictions.
     *
     * @param classes names by number
     * @param predictions of labelled items, each with a score for every class
     * @throws IllegalArgumentException if there is no prediction; naming the item, if one has no label, a label that is
     *     no class, or scores of another number of classes
     */
    public static Evaluation of(List<String> classes, List<Prediction> predictions) {
        if (predictions.isEmpty()) {
            throw new IllegalArgumentException("no predictions: an evaluation needs at least one labelled item");
        }
        for (Prediction prediction : predictions) {
            prediction.checkFits(classes.size());
            if (!prediction.labelled()) {
                throw new IllegalArgumentException(
                        prediction.name() + " has no label; an evaluation needs the label of every item");
            }
        }
        return new Evaluation(List.copyOf(classes), List.copyOf(predictions));
    }

    private static List<ClassScore> perClass(ConfusionMatrix confusion) {
        List<ClassScore> scores = new ArrayList<>();
        for (int c = 0; c < confusion.classes().size(); c++) {
            double hits = confusion.counts()[c][c];
            long count = confusion.ofClass(c);
            scores.add(new ClassScore(confusion.classes().get(c), count, hits / count, hits / confusion.takenFor(c)));
        }
        return List.copyOf(scores);
    }

    /** Number of items. */
    public long count() {
        return predictions.size();
    }

    /** Share of the items whose class has the highest score; {@link Prediction} says how ties are broken. */
    public double top1() {
        return (double) confusion.correct() / count();
    }

    /** The 95 % interval of {@link #top1}: another draw of as many items may well give any share inside it. */
    public Interval top1Interval() {
        return Interval.wilson(confusion.correct(), count());
    }

    /**
     * Share of the items whose class is among the five with the highest scores. With fewer than five classes it is 1;
     * {@link #topCount} is the number of classes looked at.
     */
    public double top5() {
        return (double) amongTop / count();
    }

    /** How many classes {@link #top5} looks at: 5, or all where there are fewer. */
    public int topCount() {
        return k;
    }

    /** Mean negative natural logarithm of the score of the true class, scores below 1e-12 counting as 1e-12. */
    public double loss() {
        return loss;
    }

    /** Mean recall of the classes that occur, each class counting equally. */
    public double meanClassAccuracy() {
        return perClass.stream()
                .filter(score -> score.count() > 0)
                .mapToDouble(ClassScore::recall)
                .average()
                .orElseThrow();
    }

    /** Each class by its number, those without items as well. */
    public List<ClassScore> perClass() {
        return perClass;
    }

    /** How often each class was predicted as each. */
    public ConfusionMatrix confusion() {
        return confusion;
    }

    /** Whether scores agree with how often the predictions are right. */
    public Calibration calibration() {
        return calibration;
    }

    /** The predictions that were evaluated, in the order given. */
    public List<Prediction> predictions() {
        return predictions;
    }
}
