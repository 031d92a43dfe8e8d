package maskfeat.eval;

/** Scores of classes as a softmax gives them. */
final class Scores {
    /** Wide enough for a softmax in half precision that was widened, far too narrow for logits to pass often. */
    private static final double SUM_TOLERANCE = 1e-3;

    private Scores() {}

    /**
     * @throws NotFinite naming the subject if a score is not finite
     * @throws IllegalArgumentException naming the subject if the scores are no distribution over at least one class
     */
    static void check(String subject, float[] scores) {
        if (scores.length == 0) {
            throw new IllegalArgumentException(subject + " has no scores; there must be one for each class");
        }
        double sum = 0;
        for (int i = 0; i < scores.length; i++) {
            if (!Float.isFinite(scores[i])) {
                throw new NotFinite("the scores of " + subject);
            }
            if (scores[i] < 0) {
                throw new IllegalArgumentException(subject + " has the score " + scores[i] + " for class " + i
                        + "; scores are probabilities, not below 0 (take the softmax of logits)");
            }
            sum += scores[i];
        }
        if (Math.abs(sum - 1) > SUM_TOLERANCE) {
            throw new IllegalArgumentException(subject + " has scores that sum to " + (float) sum
                    + "; probabilities sum to 1 (take the softmax of logits)");
        }
    }

    /** The class of the highest score, the lowest such class where several share it. */
    static int top(float[] scores) {
        int top = 0;
        for (int i = 1; i < scores.length; i++) {
            if (scores[i] > scores[top]) {
                top = i;
            }
        }
        return top;
    }
}
