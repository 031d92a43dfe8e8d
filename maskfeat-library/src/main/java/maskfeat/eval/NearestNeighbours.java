package maskfeat.eval;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Tells the class of an image or video by the features of labelled ones that are most like its own: how good features
 * are without any training on them.
 *
 * <p>Wu et al. 2018, section 3.4, with the numbers of DINO (Caron et al. 2021, section 4.1): features are scaled to
 * unit length; each of the k nearest by cosine similarity s votes for its class with the weight {@code exp(s / 0.07)}.
 * A feature of zeros has the similarity 0 to every other. Of features equally near, the one given first counts as
 * nearer; of classes with equal votes, the lower one wins. Similarities are added up in single precision in one fixed
 * order, so that the neighbours are the same on every machine.
 *
 * <p>Safe for use by many threads. Methods for many features use all processors.
 */
public final class NearestNeighbours {
    private static final double TEMPERATURE = 0.07; // Wu et al. 2018, section 3.4

    /** Features of a block: with 768 numbers each, a block stays in a processor's own cache. */
    private static final int BLOCK = 128;

    /** Questions that are put to a block while it is there. */
    private static final int TILE = 16;

    private final int dimensions;
    private final int[] labels;
    private final int classes;

    /** Unit features; [dimensions * width] each, one dimension after the other, so that similarities vectorise. */
    private final float[][] blocks;

    /**
     * Remembers labelled features.
     *
     * @param features [N][D], any scale; copied
     * @param labels [N], numbers of classes; copied
     * @param classes how many there are
     * @throws IllegalArgumentException if there are no features, if they are not as many as labels, if their lengths
     *     differ or are 0 or one is not finite, naming it, or if a label is no class
     */
    public NearestNeighbours(float[][] features, int[] labels, int classes) {
        if (features.length == 0 || features[0].length == 0) {
            throw new IllegalArgumentException(
                    "no features: nearest neighbours need at least one, of at least one number");
        }
        if (features.length != labels.length) {
            throw new IllegalArgumentException(
                    features.length + " features and " + labels.length + " labels; there must be one for each");
        }
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new IllegalArgumentException("label " + labels[i] + " of feature " + i + " is none of the "
                        + classes + " classes; they are numbered from 0");
            }
        }
        this.dimensions = features[0].length;
        this.labels = labels.clone();
        this.classes = classes;
        blocks = new float[(features.length + BLOCK - 1) / BLOCK][];
        for (int b = 0; b < blocks.length; b++) {
            int first = b * BLOCK;
            int width = Math.min(BLOCK, features.length - first);
            blocks[b] = new float[Math.multiplyExact(dimensions, width)];
            for (int i = 0; i < width; i++) {
                float[] unit = unit(first + i, features[first + i]);
                for (int d = 0; d < dimensions; d++) {
                    blocks[b][d * width + i] = unit[d];
                }
            }
        }
    }

    private float[] unit(int number, float[] feature) {
        if (feature.length != dimensions) {
            throw new IllegalArgumentException("feature " + number + " has " + feature.length
                    + " numbers; the first one remembered has " + dimensions + " (are they of one network?)");
        }
        double square = 0;
        for (float x : feature) {
            square += (double) x * x;
        }
        if (!Double.isFinite(square)) {
            throw new IllegalArgumentException("feature " + number + " holds a number that is not finite");
        }
        float[] unit = new float[dimensions];
        if (square > 0) {
            double norm = Math.sqrt(square);
            for (int d = 0; d < dimensions; d++) {
                unit[d] = (float) (feature[d] / norm);
            }
        }
        return unit;
    }

    /** Number of features remembered, N. */
    public int size() {
        return labels.length;
    }

    /**
     * The votes for each class.
     *
     * @param feature [D], any scale
     * @param k neighbours that vote, 1 to N
     * @return [classes], summing to 1
     * @throws IllegalArgumentException if k is not between 1 and N, or the feature is not finite or of another length
     */
    public float[] scores(float[] feature, int k) {
        return scores(new float[][] {feature}, k)[0];
    }

    /**
     * The votes for each class, for many features at once; far quicker than one by one.
     *
     * @param features [M][D], any scale
     * @param k neighbours that vote, 1 to N
     * @return [M][classes], each summing to 1
     * @throws IllegalArgumentException if k is not between 1 and N, or a feature is not finite or of another length,
     *     naming it by its place among those given
     */
    public float[][] scores(float[][] features, int k) {
        checkNeighbours(k, size());
        float[][] units = new float[features.length][];
        for (int i = 0; i < units.length; i++) {
            units[i] = unit(i, features[i]);
        }
        float[][] scores = new float[units.length][];
        tiles(units.length).forEach(first -> {
            Nearest[] nearest = nearest(
                    Arrays.copyOfRange(units, first, Math.min(units.length, first + TILE)), k, /* without= */ -1);
            for (int i = 0; i < nearest.length; i++) {
                scores[first + i] = share(votes(nearest[i], k));
            }
        });
        return scores;
    }

    /**
     * Accuracy on the stored features, each classified by all the others.
     *
     * @param neighbours numbers of neighbours to try, each 1 to N - 1
     * @return [neighbours], share of the features whose class has the most votes, 0 to 1
     * @throws IllegalArgumentException if a number of neighbours is not between 1 and N - 1
     */
    public double[] leaveOneOut(int... neighbours) {
        int most = 0;
        for (int k : neighbours) {
            checkNeighbours(k, size() - 1);
            most = Math.max(most, k);
        }
        if (most == 0) {
            return new double[0];
        }
        int reach = most;
        boolean[][] right = new boolean[size()][neighbours.length];
        tiles(size()).forEach(first -> {
            float[][] units = new float[Math.min(TILE, size() - first)][];
            Arrays.setAll(units, i -> remembered(first + i));
            Nearest[] nearest = nearest(units, reach, first);
            for (int i = 0; i < nearest.length; i++) {
                for (int n = 0; n < neighbours.length; n++) {
                    right[first + i][n] = highest(votes(nearest[i], neighbours[n])) == labels[first + i];
                }
            }
        });
        double[] accuracies = new double[neighbours.length];
        for (int n = 0; n < accuracies.length; n++) {
            int candidate = n;
            long hits = Arrays.stream(right).filter(one -> one[candidate]).count();
            accuracies[n] = (double) hits / size();
        }
        return accuracies;
    }

    /**
     * The number of neighbours that does best on the features remembered, by {@link #leaveOneOut}: chosen without a
     * look at the features to be classified.
     *
     * @param candidates numbers of neighbours to try, at least one, each 1 to N - 1
     * @return the candidate of the highest accuracy, the smallest such where several share it
     * @throws IllegalArgumentException if there is no candidate, or one is not between 1 and N - 1
     */
    public int chooseK(int... candidates) {
        if (candidates.length == 0) {
            throw new IllegalArgumentException("no number of neighbours to choose from");
        }
        double[] accuracies = leaveOneOut(candidates);
        int best = 0;
        for (int n = 1; n < candidates.length; n++) {
            if (accuracies[n] > accuracies[best]
                    || (accuracies[n] == accuracies[best] && candidates[n] < candidates[best])) {
                best = n;
            }
        }
        return candidates[best];
    }

    private static void checkNeighbours(int k, int most) {
        if (k < 1 || k > most) {
            throw new IllegalArgumentException(k + " neighbours of a feature that has " + most
                    + ": it must be at least 1 and not more than those");
        }
    }

    private static IntStream tiles(int count) {
        return IntStream.range(0, (count + TILE - 1) / TILE)
                .map(tile -> tile * TILE)
                .parallel();
    }

    /** @param without number of the remembered feature that the first question is; -1 if they are others */
    private Nearest[] nearest(float[][] units, int k, int without) {
        Nearest[] nearest = new Nearest[units.length];
        Arrays.setAll(nearest, i -> new Nearest(k));
        float[] similarities = new float[BLOCK];
        for (int b = 0; b < blocks.length; b++) {
            int width = width(b);
            for (int i = 0; i < units.length; i++) {
                similarities(blocks[b], width, units[i], similarities);
                int self = without < 0 ? -1 : without + i;
                for (int j = 0; j < width; j++) {
                    if (b * BLOCK + j != self) {
                        nearest[i].add(b * BLOCK + j, similarities[j]);
                    }
                }
            }
        }
        return nearest;
    }

    private int width(int block) {
        return blocks[block].length / dimensions;
    }

    private float[] remembered(int number) {
        float[] block = blocks[number / BLOCK];
        int width = width(number / BLOCK);
        float[] unit = new float[dimensions];
        for (int d = 0; d < dimensions; d++) {
            unit[d] = block[d * width + number % BLOCK];
        }
        return unit;
    }

    /** Four dimensions a pass, added one after the other: the same sums as one a pass gives, with fewer stores. */
    private static void similarities(float[] block, int width, float[] unit, float[] sums) {
        Arrays.fill(sums, 0, width, 0f);
        int d = 0;
        for (; d + 4 <= unit.length; d += 4) {
            add(block, d * width, width, unit[d], unit[d + 1], unit[d + 2], unit[d + 3], sums);
        }
        for (; d < unit.length; d++) {
            for (int j = 0; j < width; j++) {
                sums[j] = sums[j] + unit[d] * block[d * width + j];
            }
        }
    }

    private static void add(float[] block, int a, int width, float p, float q, float r, float s, float[] sums) {
        int b = a + width;
        int c = b + width;
        int d = c + width;
        for (int j = 0; j < width; j++) {
            sums[j] = sums[j] + p * block[a + j] + q * block[b + j] + r * block[c + j] + s * block[d + j];
        }
    }

    private double[] votes(Nearest nearest, int k) {
        double[] votes = new double[classes];
        for (int i = 0; i < k; i++) {
            votes[labels[nearest.numbers[i]]] += Math.exp(nearest.similarities[i] / TEMPERATURE);
        }
        return votes;
    }

    private static float[] share(double[] votes) {
        double sum = Arrays.stream(votes).sum();
        float[] shares = new float[votes.length];
        for (int c = 0; c < votes.length; c++) {
            shares[c] = (float) (votes[c] / sum);
        }
        return shares;
    }

    private static int highest(double[] votes) {
        int highest = 0;
        for (int c = 1; c < votes.length; c++) {
            if (votes[c] > votes[highest]) {
                highest = c;
            }
        }
        return highest;
    }

    /** The k nearest so far, nearest first. */
    private static final class Nearest {
        private final int[] numbers;
        private final float[] similarities;
        private int found;

        Nearest(int k) {
            numbers = new int[k];
            similarities = new float[k];
        }

        /** Numbers come ascending, so that of equals the lower one stays in front. */
        void add(int number, float similarity) {
            if (found == numbers.length && similarity <= similarities[found - 1]) {
                return;
            }
            int place = found < numbers.length ? found++ : found - 1;
            while (place > 0 && similarity > similarities[place - 1]) {
                numbers[place] = numbers[place - 1];
                similarities[place] = similarities[place - 1];
                place--;
            }
            numbers[place] = number;
            similarities[place] = similarity;
        }
    }
}
