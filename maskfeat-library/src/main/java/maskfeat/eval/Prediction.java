package maskfeat.eval;

/**
 * What a network says of one item, an image or a video.
 *
 * <p>Classes are ordered by score, the highest first; of classes of the same score the lower number comes first, so
 * that a network which says the same of all classes is right only where class 0 is.
 *
 * @param name of the item, as the list of items or the folder gives it
 * @param label number of the true class, or {@link #UNLABELLED}; it may lie beyond the scores, as that of an item of
 *     other classes does
 * @param scores [classes], probabilities: finite, not below 0, summing to 1 within 0.001. Copied when the record is
 *     made; what the record gives out is not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // one number a class; nobody compares predictions with equals
public record Prediction(String name, int label, float[] scores) {
    /** The label of an item of which no class is known. */
    public static final int UNLABELLED = -1;

    /** @throws IllegalArgumentException naming the item if the scores are no probabilities or the label is below -1 */
    public Prediction {
        if (label < UNLABELLED) {
            throw new IllegalArgumentException("label " + label + " of " + name
                    + " must be the number of a class, from 0, or " + UNLABELLED + " for none");
        }
        Scores.check(name, scores);
        scores = scores.clone();
    }

    /** Whether a class is known. */
    public boolean labelled() {
        return label != UNLABELLED;
    }

    /** Number of the class of the highest score. */
    public int top() {
        return Scores.top(scores);
    }

    /**
     * The classes of the highest scores, best first.
     *
     * @param k how many, at least 1
     * @return [min(k, classes)], numbers of classes
     * @throws IllegalArgumentException if k is below 1
     */
    public int[] top(int k) {
        if (k < 1) {
            throw new IllegalArgumentException("the top " + k + " classes: it takes at least 1");
        }
        int[] top = new int[Math.min(k, scores.length)];
        int found = 0;
        for (int c = 0; c < scores.length; c++) {
            if (found == top.length && scores[c] <= scores[top[found - 1]]) {
                continue;
            }
            int place = found < top.length ? found++ : found - 1;
            // Strictly: of equal scores the class that came first stays in front.
            while (place > 0 && scores[c] > scores[top[place - 1]]) {
                top[place] = top[place - 1];
                place--;
            }
            top[place] = c;
        }
        return top;
    }

    /**
     * How many classes come before the true one; 0 if the prediction is right. The label is among the top k classes
     * exactly if its rank is below k.
     *
     * @throws IllegalStateException naming the item if its label is no class of the scores
     */
    public int rank() {
        if (label < 0 || label >= scores.length) {
            throw new IllegalStateException(
                    "label " + label + " of " + name + " has no rank among " + scores.length + " classes");
        }
        int rank = 0;
        for (int c = 0; c < scores.length; c++) {
            if (scores[c] > scores[label] || (scores[c] == scores[label] && c < label)) {
                rank++;
            }
        }
        return rank;
    }

    /** The highest score; at most 1, whatever rounding the scores went through. */
    public double confidence() {
        return Math.min(1.0, scores[top()]);
    }

    /** @throws IllegalArgumentException naming the item if its scores or its label are not of so many classes */
    void checkFits(int classes) {
        if (scores.length != classes) {
            throw new IllegalArgumentException(name + " has " + scores.length
                    + " scores; there must be one for each of the " + classes + " classes");
        }
        if (label >= classes) {
            throw new IllegalArgumentException("label " + label + " of " + name + " is none of the " + classes
                    + " classes; they are numbered from 0 to " + (classes - 1));
        }
    }
}
