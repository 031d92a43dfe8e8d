package maskfeat.eval;

import java.util.List;

/** Mean of the scores of several views of a video, at other moments or places. */
public final class Views {
    private Views() {}

    /**
     * The mean score of each class over all views.
     *
     * <p>SlowFast sums the softmax scores of a video's views; the mean orders classes as the sum does and is again a
     * distribution. Added up in double precision: another order of the views changes the result by rounding only.
     *
     * @param views each [classes], the scores of one view
     * @return [classes], a new array
     * @throws IllegalArgumentException if there is no view, or two have scores of differing numbers of classes
     */
    public static float[] mean(List<float[]> views) {
        if (views.isEmpty()) {
            throw new IllegalArgumentException("the mean over no view at all: there must be at least one");
        }
        double[] sums = new double[views.get(0).length];
        for (int view = 0; view < views.size(); view++) {
            float[] scores = views.get(view);
            if (scores.length != sums.length) {
                throw new IllegalArgumentException("view " + view + " has " + scores.length + " scores and view 0 has "
                        + sums.length + "; there must be one for each class");
            }
            for (int c = 0; c < sums.length; c++) {
                sums[c] += scores[c];
            }
        }
        float[] mean = new float[sums.length];
        for (int c = 0; c < sums.length; c++) {
            mean[c] = (float) (sums[c] / views.size());
        }
        return mean;
    }
}
