package maskfeat.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NearestNeighboursTest {
    private static double cosine(float[] a, float[] b) {
        double dot = 0;
        double aa = 0;
        double bb = 0;
        for (int d = 0; d < a.length; d++) {
            dot += (double) a[d] * b[d];
            aa += (double) a[d] * a[d];
            bb += (double) b[d] * b[d];
        }
        return aa == 0 || bb == 0 ? 0 : dot / Math.sqrt(aa) / Math.sqrt(bb);
    }

    /** All in double, one pair after the other, all sorted; without the feature of one number. */
    private static double[] brute(float[][] features, int[] labels, int classes, float[] asked, int k, int without) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < features.length; i++) {
            if (i != without) {
                order.add(i);
            }
        }
        order.sort(Comparator.comparingDouble((Integer i) -> -cosine(asked, features[i])));
        double[] votes = new double[classes];
        double sum = 0;
        for (int i : order.subList(0, k)) {
            double vote = Math.exp(cosine(asked, features[i]) / 0.07);
            votes[labels[i]] += vote;
            sum += vote;
        }
        for (int c = 0; c < classes; c++) {
            votes[c] /= sum;
        }
        return votes;
    }

    private static float[][] draw(Random random, int count, int dimensions) {
        float[][] features = new float[count][dimensions];
        for (float[] feature : features) {
            for (int d = 0; d < dimensions; d++) {
                feature[d] = (float) (random.nextGaussian() * 5 + 1);
            }
        }
        return features;
    }

    static IntStream seeds() {
        return IntStream.range(0, 40);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void scoresAreThoseOfBruteForce(int seed) {
        Random random = new Random(seed);
        int count = 1 + random.nextInt(300);
        int dimensions = 3 + random.nextInt(40);
        int classes = 1 + random.nextInt(6);
        float[][] features = draw(random, count, dimensions);
        int[] labels = random.ints(count, 0, classes).toArray();
        int k = 1 + random.nextInt(count);
        float[][] asked = draw(random, 1 + random.nextInt(40), dimensions);
        NearestNeighbours neighbours = new NearestNeighbours(features, labels, classes);
        float[][] scores = neighbours.scores(asked, k);
        assertThat(scores).hasDimensions(asked.length, classes);
        for (int i = 0; i < asked.length; i++) {
            double[] expected = brute(features, labels, classes, asked[i], k, -1);
            for (int c = 0; c < classes; c++) {
                // A similarity off by 1e-7, divided by 0.07.
                assertThat((double) scores[i][c]).isCloseTo(expected[c], within(2e-5));
            }
            assertThat(neighbours.scores(asked[i], k)).containsExactly(scores[i]);
            assertThat(new Prediction("sums to one", -1, scores[i]).labelled()).isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void leavingOneOutIsBruteForceWithoutTheFeatureItself(int seed) {
        Random random = new Random(seed);
        int count = 120 + random.nextInt(60);
        float[][] features = draw(random, count, 5);
        int[] labels = random.ints(count, 0, 3).toArray();
        int[] candidates = {1, 20, 7, count - 1};
        double[] accuracies = new NearestNeighbours(features, labels, 3).leaveOneOut(candidates);
        assertThat(accuracies).hasSize(candidates.length);
        for (int n = 0; n < candidates.length; n++) {
            int right = 0;
            for (int i = 0; i < count; i++) {
                double[] votes = brute(features, labels, 3, features[i], candidates[n], i);
                int best = votes[1] > votes[0] ? 1 : 0;
                best = votes[2] > votes[best] ? 2 : best;
                right += best == labels[i] ? 1 : 0;
            }
            assertThat(accuracies[n]).isEqualTo((double) right / count);
        }
    }

    @Test
    void theNearestCountByTheirSimilarity() {
        // At 0, 60 and 90 degrees: similarities 1, 1/2 and 0.
        float[][] features = {{3, 0}, {0.5f, (float) Math.sqrt(0.75)}, {0, 2}};
        NearestNeighbours neighbours = new NearestNeighbours(features, new int[] {0, 1, 1}, 2);
        assertThat(neighbours.size()).isEqualTo(3);
        assertThat(neighbours.scores(new float[] {7, 0}, 1)).containsExactly(1, 0);
        double half = Math.exp(-0.5 / 0.07);
        double none = Math.exp(-1 / 0.07);
        float[] all = neighbours.scores(new float[] {7, 0}, 3);
        assertThat((double) all[0]).isCloseTo(1 / (1 + half + none), within(1e-6));
        assertThat((double) all[1]).isCloseTo((half + none) / (1 + half + none), within(1e-6));
    }

    @Test
    void scaleDoesNotMatter() {
        Random random = new Random(4);
        float[][] features = draw(random, 50, 8);
        int[] labels = random.ints(50, 0, 4).toArray();
        float[][] scaled = new float[50][8];
        for (int i = 0; i < 50; i++) {
            for (int d = 0; d < 8; d++) {
                scaled[i][d] = features[i][d] * (i % 2 == 0 ? 0x1p-60f : 0x1p60f);
            }
        }
        float[] asked = draw(random, 1, 8)[0];
        assertThat(new NearestNeighbours(scaled, labels, 4).scores(asked, 9))
                .containsExactly(new NearestNeighbours(features, labels, 4).scores(asked, 9));
    }

    @Test
    void ofEqualFeaturesTheFirstIsTheNearest() {
        float[][] same = new float[300][];
        int[] labels = new int[300];
        for (int i = 0; i < 300; i++) {
            same[i] = new float[] {0.1f, 0.7f, -0.3f, 0.9f, 0.2f};
            labels[i] = i < 3 ? 1 : 0;
        }
        float[] scores = new NearestNeighbours(same, labels, 2).scores(new float[] {1, 2, 3, 4, 5}, 3);
        assertThat(scores).containsExactly(0, 1);

        float[][] nearerLater = {{1, 1}, {1, 1}, {1, 0}};
        scores = new NearestNeighbours(nearerLater, new int[] {1, 0, 1}, 2).scores(new float[] {1, 0}, 2);
        assertThat(scores).containsExactly(0, 1);
    }

    @Test
    void zerosAreLikeNothing() {
        float[][] features = {{0, 0}, {-1, 0}, {1, 0}};
        NearestNeighbours neighbours = new NearestNeighbours(features, new int[] {0, 1, 2}, 3);
        assertThat(neighbours.scores(new float[] {1, 0}, 1)).containsExactly(0, 0, 1);
        assertThat(neighbours.scores(new float[] {-1, 0}, 1)).containsExactly(0, 1, 0);
        assertThat(neighbours.scores(new float[] {0, 0}, 3)).containsOnly(1 / 3f);
        float[] between = neighbours.scores(new float[] {1, 0}, 2);
        assertThat((double) between[0]).isCloseTo(1 / (1 + Math.exp(1 / 0.07)), within(1e-9));
    }

    @Test
    void choosesWhatDoesBestAndOfEqualsTheFewest() {
        // Pairs of one class, pair beside pair of another class: the nearest is right, a wider look is not.
        float[][] features = new float[40][];
        int[] labels = new int[40];
        for (int i = 0; i < 40; i++) {
            int pair = i / 2;
            double angle = pair * 0.1 + (i % 2) * 0.001;
            features[i] = new float[] {(float) Math.cos(angle), (float) Math.sin(angle)};
            labels[i] = pair % 2;
        }
        NearestNeighbours pairs = new NearestNeighbours(features, labels, 2);
        assertThat(pairs.leaveOneOut(1, 39)[0]).isEqualTo(1);
        assertThat(pairs.leaveOneOut(1, 39)[1]).isLessThan(1);
        assertThat(pairs.chooseK(39, 1)).isEqualTo(1);

        NearestNeighbours all = new NearestNeighbours(features, new int[40], 1);
        assertThat(all.chooseK(20, 5, 10)).isEqualTo(5);
        assertThat(all.leaveOneOut()).isEmpty();
    }

    /** One mislabelled item beside each pair of twins: three neighbours outvote it, one does not. */
    @Test
    void moreNeighboursOutvoteAWrongLabel() {
        Random random = new Random(12);
        float[][] features = new float[200][];
        int[] labels = new int[200];
        for (int i = 0; i < 200; i++) {
            float side = i % 2 == 0 ? 1 : -1;
            features[i] =
                    new float[] {side, (float) random.nextGaussian() * 0.1f, (float) random.nextGaussian() * 0.1f};
            labels[i] = random.nextInt(4) == 0 ? 1 - i % 2 : i % 2;
        }
        NearestNeighbours noisy = new NearestNeighbours(features, labels, 2);
        assertThat(noisy.leaveOneOut(51)[0]).isGreaterThan(noisy.leaveOneOut(1)[0]);
        assertThat(noisy.chooseK(1, 51)).isEqualTo(51);
    }

    @Test
    void keepsItsOwnFeatures() {
        float[][] features = {{1, 0}, {0, 1}};
        int[] labels = {0, 1};
        NearestNeighbours neighbours = new NearestNeighbours(features, labels, 2);
        features[0][0] = -1;
        labels[0] = 1;
        assertThat(neighbours.scores(new float[] {1, 0}, 1)).containsExactly(1, 0);
    }

    @Test
    void refusalsSayWhichAndHowMany() {
        float[][] two = {{1, 2, 3}, {4, 5, 6}};
        int[] labels = {0, 1};
        NearestNeighbours fine = new NearestNeighbours(two, labels, 2);
        assertThatThrownBy(() -> new NearestNeighbours(new float[][] {{1, 2, 3}, {4, 5}}, labels, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("feature 1", "2 numbers", "3");
        assertThatThrownBy(() -> new NearestNeighbours(new float[][] {{1, 2}, {Float.NaN, 5}}, labels, 2))
                .hasMessageContainingAll("feature 1", "not finite");
        assertThatThrownBy(() -> new NearestNeighbours(two, new int[] {0}, 2))
                .hasMessageContaining("2 features and 1 labels");
        assertThatThrownBy(() -> new NearestNeighbours(two, new int[] {0, 2}, 2))
                .hasMessageContainingAll("label 2", "feature 1", "2 classes");
        assertThatThrownBy(() -> new NearestNeighbours(two, new int[] {-1, 0}, 2))
                .hasMessageContainingAll("label -1", "feature 0");
        assertThatThrownBy(() -> new NearestNeighbours(new float[0][], new int[0], 2))
                .hasMessageContaining("no features");
        assertThatThrownBy(() -> new NearestNeighbours(new float[][] {{}}, new int[] {0}, 2))
                .hasMessageContaining("no features");
        assertThatThrownBy(() -> fine.scores(new float[] {1, 2}, 1)).hasMessageContainingAll("2 numbers", "has 3");
        assertThatThrownBy(() -> fine.scores(two[0], 3)).hasMessageContainingAll("3 neighbours", "has 2");
        assertThatThrownBy(() -> fine.scores(two[0], 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> fine.chooseK(1, 2)).hasMessageContainingAll("2 neighbours", "has 1");
        assertThatThrownBy(fine::chooseK).isInstanceOf(IllegalArgumentException.class);
    }
}
