package maskfeat.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import maskfeat.data.Seeds;
import maskfeat.task.LinearProbe.Config;
import maskfeat.task.LinearProbe.Head;
import maskfeat.task.LinearProbe.Trained;
import maskfeat.torch.Handles;
import org.bytedeco.pytorch.Device;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinearProbeTest {
    private static final Device CPU = new Device("cpu");
    private static final Config QUICK = new Config(List.of(0.01, 0.1, 0.5), List.of(0.0, 0.01), 256, 1, 60, 5);

    /** Labelled features around a centre for each class. */
    private record Blobs(float[][] features, int[] labels, int classes) {
        static Blobs of(int perClass, int classes, int dim, double apart, long seed) {
            SplittableRandom random = new SplittableRandom(seed);
            float[][] features = new float[perClass * classes][dim];
            int[] labels = new int[features.length];
            for (int i = 0; i < features.length; i++) {
                labels[i] = i % classes;
                for (int d = 0; d < dim; d++) {
                    features[i][d] = (float) (random.nextGaussian() * (1 + d) + 5 * d);
                }
                features[i][labels[i] % dim] += (float) (apart * (1 + labels[i] % dim));
            }
            return new Blobs(features, labels, classes);
        }

        LinearProbe probe(Config config, long seed) {
            return LinearProbe.train(features, labels, classes, config, seed, CPU);
        }

        double accuracy(LinearProbe probe) {
            float[][] scores = probe.scores(features);
            return IntStream.range(0, labels.length)
                            .filter(i -> IntStream.range(0, classes)
                                    .allMatch(c -> c == labels[i] || scores[i][c] < scores[i][labels[i]]))
                            .count()
                    / (double) labels.length;
        }

        double loss(LinearProbe probe) {
            float[][] scores = probe.scores(features);
            return IntStream.range(0, labels.length)
                    .mapToDouble(i -> -Math.log(scores[i][labels[i]]))
                    .average()
                    .orElseThrow();
        }

        double[][] standardised() {
            double[][] rows = new double[features.length][features[0].length];
            for (int d = 0; d < features[0].length; d++) {
                int column = d;
                double mean = Arrays.stream(features)
                        .mapToDouble(row -> row[column])
                        .average()
                        .orElseThrow();
                double variance = Arrays.stream(features)
                        .mapToDouble(row -> (row[column] - mean) * (row[column] - mean))
                        .average()
                        .orElseThrow();
                for (int i = 0; i < rows.length; i++) {
                    rows[i][d] = (features[i][d] - mean) / Math.sqrt(variance);
                }
            }
            return rows;
        }
    }

    /** The mean loss that plain gradient descent in double precision ends at, decay included in what it descends. */
    private static double descended(double[][] x, int[] labels, int classes, double decay) {
        int dim = x[0].length;
        double[][] weight = new double[classes][dim + 1];
        double loss = 0;
        for (int step = 0; step < 1500; step++) {
            double[][] gradient = new double[classes][dim + 1];
            loss = 0;
            for (int i = 0; i < x.length; i++) {
                double[] scores = new double[classes];
                double sum = 0;
                for (int c = 0; c < classes; c++) {
                    double logit = weight[c][dim];
                    for (int d = 0; d < dim; d++) {
                        logit += weight[c][d] * x[i][d];
                    }
                    scores[c] = Math.exp(logit);
                    sum += scores[c];
                }
                loss -= Math.log(scores[labels[i]] / sum) / x.length;
                for (int c = 0; c < classes; c++) {
                    double off = (scores[c] / sum - (c == labels[i] ? 1 : 0)) / x.length;
                    for (int d = 0; d < dim; d++) {
                        gradient[c][d] += off * x[i][d];
                    }
                    gradient[c][dim] += off;
                }
            }
            for (int c = 0; c < classes; c++) {
                for (int d = 0; d <= dim; d++) {
                    weight[c][d] -= 1.0 * (gradient[c][d] + (d < dim ? decay * weight[c][d] : 0));
                }
            }
        }
        return loss;
    }

    @ParameterizedTest
    @CsvSource({"0, 256", "0.05, 256", "0, 40", "0.05, 40"})
    void endsWherePlainGradientDescentEnds(double decay, int batch) {
        Blobs blobs = Blobs.of(40, 3, 5, 1.2, 7);
        Config config = new Config(List.of(0.2), List.of(decay), batch, 120, 400, 2);
        double expected = descended(blobs.standardised(), blobs.labels, 3, decay);
        assertThat(blobs.loss(blobs.probe(config, 1))).isEqualTo(expected, within(batch < 120 ? 2e-3 : 1e-4));
    }

    @Test
    void classesThatLieApartAreAllTold() {
        Blobs blobs = Blobs.of(20, 4, 6, 12, 3);
        LinearProbe probe = blobs.probe(QUICK, 0);
        assertThat(blobs.accuracy(probe)).isEqualTo(1);
        assertThat(probe.chosen().top1()).isEqualTo(1);
        assertThat(probe.folds()).isEqualTo(5);
        assertThat(Blobs.of(50, 4, 6, 12, 4).accuracy(probe)).isEqualTo(1);
    }

    @Test
    void labelsThatMeanNothingAreGuessed() {
        Blobs noise = Blobs.of(100, 4, 6, 0, 3);
        LinearProbe probe = noise.probe(QUICK, 0);
        assertThat(probe.chosen().top1()).isBetween(0.15, 0.35);
        assertThat(Blobs.of(250, 4, 6, 0, 4).accuracy(probe)).isBetween(0.2, 0.3);
    }

    @Test
    void crossValidationTellsWhatIsLearntFromWhatIsLearntByHeart() {
        // As many numbers as features: any labels can be learnt by heart.
        Blobs few = Blobs.of(12, 2, 40, 0, 5);
        LinearProbe probe = few.probe(new Config(List.of(0.1), List.of(0.0), 256, 1, 300, 5), 0);
        assertThat(few.accuracy(probe)).isEqualTo(1);
        assertThat(probe.chosen().top1()).isLessThan(0.8);
    }

    @Test
    void theBestOfAllCandidatesIsChosen() {
        LinearProbe probe = Blobs.of(40, 3, 5, 1.2, 7).probe(QUICK, 0);
        assertThat(probe.candidates()).hasSize(6).contains(probe.chosen());
        assertThat(probe.candidates())
                .allMatch(each -> each.top1() <= probe.chosen().top1());
        assertThat(probe.candidates().stream().map(LinearProbe.Candidate::loss).distinct())
                .as("each is trained at its own rate and decay")
                .hasSize(6);
    }

    @ParameterizedTest
    @ValueSource(ints = {256, 32})
    void headsInOnePassAreAsTheyAreTrainedAlone(int batch) {
        Blobs blobs = Blobs.of(30, 3, 5, 1.5, 9);
        double[][] rows = blobs.standardised();
        float[] x = new float[rows.length * 5];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) rows[i / 5][i % 5];
        }
        int[] folds = LinearProbe.foldsOf(blobs.labels, 3, 5, new Seeds(1));
        List<Head> heads = List.of(new Head(0.1, 0, -1), new Head(0.3, 0.01, 2), new Head(0.01, 0.1, 4));
        Config config = new Config(List.of(1.0), List.of(0.0), batch, 5, 15, 5);
        Trained together =
                LinearProbe.train(x, blobs.labels, 3, folds, heads, config, new Seeds(1), CPU, (step, of) -> {});
        for (int h = 0; h < heads.size(); h++) {
            Trained alone = LinearProbe.train(
                    x, blobs.labels, 3, folds, List.of(heads.get(h)), config, new Seeds(1), CPU, (step, of) -> {});
            assertThat(alone.weight()).containsExactly(part(together.weight(), h, 15), within(1e-4f));
            assertThat(alone.bias()).containsExactly(part(together.bias(), h, 3), within(1e-4f));
            assertThat(alone.right()[0]).isEqualTo(together.right()[h]);
            assertThat(alone.loss()[0]).isEqualTo(together.loss()[h], within(1e-3));
        }
    }

    @Test
    void stepsAreCountedToTheLast() {
        Blobs blobs = Blobs.of(20, 4, 6, 12, 3);
        List<Integer> told = new ArrayList<>();
        LinearProbe.train(blobs.features, blobs.labels, 4, QUICK, 1, CPU, (step, of) -> {
            assertThat(of).isEqualTo(60);
            told.add(step);
        });
        assertThat(told).hasSize(61).isSorted().startsWith(0).endsWith(60);
    }

    @Test
    void aHeadDoesNotSeeTheFoldItIsJudgedOn() {
        Blobs blobs = Blobs.of(30, 3, 5, 1.5, 9);
        float[] x = new float[450];
        for (int i = 0; i < x.length; i++) {
            x[i] = blobs.features[i / 5][i % 5] / 10;
        }
        int[] folds = LinearProbe.foldsOf(blobs.labels, 3, 5, new Seeds(1));
        float[] other = x.clone();
        for (int i = 0; i < other.length; i++) {
            other[i] = folds[i / 5] == 2 ? -3 : x[i];
        }
        List<Head> heads = List.of(new Head(0.1, 0, 2), new Head(0.1, 0, -1));
        Trained one = LinearProbe.train(x, blobs.labels, 3, folds, heads, QUICK, new Seeds(1), CPU, (step, of) -> {});
        Trained two =
                LinearProbe.train(other, blobs.labels, 3, folds, heads, QUICK, new Seeds(1), CPU, (step, of) -> {});
        assertThat(part(two.weight(), 0, 15)).containsExactly(part(one.weight(), 0, 15), within(1e-5f));
        assertThat(part(two.weight(), 1, 15)).isNotEqualTo(part(one.weight(), 1, 15));
        assertThat(two.right()[1])
                .as("a head that saw all is judged on nothing")
                .isZero();
    }

    private static float[] part(float[] all, int number, int length) {
        return Arrays.copyOfRange(all, number * length, (number + 1) * length);
    }

    @Test
    void foldsHoldEachClassAlikeAndAreEquallyLarge() {
        int[] labels = new int[103];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = i < 50 ? 0 : i < 90 ? 1 : 2;
        }
        int[] folds = LinearProbe.foldsOf(labels, 3, 5, new Seeds(4));
        for (int fold = 0; fold < 5; fold++) {
            int own = fold;
            assertThat(Arrays.stream(folds).filter(f -> f == own).count()).isBetween(20L, 21L);
            for (int label = 0; label < 3; label++) {
                int of = label;
                long there = IntStream.range(0, labels.length)
                        .filter(i -> labels[i] == of && folds[i] == own)
                        .count();
                long all = Arrays.stream(labels).filter(l -> l == of).count();
                assertThat(there).isBetween(all / 5, all / 5 + 1);
            }
        }
        assertThat(LinearProbe.foldsOf(labels, 3, 5, new Seeds(4))).isEqualTo(folds);
        assertThat(LinearProbe.foldsOf(labels, 3, 5, new Seeds(5))).isNotEqualTo(folds);
    }

    @Test
    void aSmallClassMakesFewerFoldsButTwoAtLeast() {
        Blobs three = Blobs.of(3, 2, 4, 9, 1);
        assertThat(three.probe(QUICK, 0).folds()).isEqualTo(3);
        Blobs one = Blobs.of(1, 2, 4, 9, 1);
        LinearProbe probe = one.probe(QUICK, 0);
        assertThat(probe.folds()).isEqualTo(2);
        assertThat(one.accuracy(probe)).isEqualTo(1);
    }

    @Test
    void aClassWithoutFeaturesIsNeverTold() {
        Blobs blobs = Blobs.of(20, 2, 4, 9, 1);
        LinearProbe probe = LinearProbe.train(blobs.features, blobs.labels, 3, QUICK, 0, CPU);
        assertThat(Arrays.stream(probe.scores(blobs.features)))
                .allMatch(scores -> scores.length == 3 && scores[2] < 0.1);
    }

    @Test
    void theSameSeedGivesTheSameBitsAndScaleAndOffsetChangeLittle() {
        Blobs blobs = Blobs.of(100, 3, 5, 1.2, 7);
        Config config = new Config(List.of(0.1), List.of(1e-3), 64, 4, 10, 5);
        float[][] scores = blobs.probe(config, 3).scores(blobs.features);
        assertThat(blobs.probe(config, 3).scores(blobs.features)).isDeepEqualTo(scores);
        assertThat(Arrays.deepEquals(blobs.probe(config, 4).scores(blobs.features), scores))
                .isFalse();
        float[][] moved = Arrays.stream(blobs.features).map(float[]::clone).toArray(float[][]::new);
        for (float[] feature : moved) {
            for (int d = 0; d < feature.length; d++) {
                feature[d] = feature[d] * 0.001f - 0.02f;
            }
        }
        float[][] ofMoved = new Blobs(moved, blobs.labels, 3).probe(config, 3).scores(moved);
        for (int i = 0; i < scores.length; i++) {
            assertThat(ofMoved[i]).containsExactly(scores[i], within(1e-3f));
        }
    }

    @Test
    void numbersThatNeverVaryDoNoHarm() {
        Blobs blobs = Blobs.of(20, 2, 4, 9, 1);
        for (float[] feature : blobs.features) {
            feature[3] = 7;
        }
        assertThat(blobs.accuracy(blobs.probe(QUICK, 0))).isEqualTo(1);
        float[][] same = new float[10][4];
        LinearProbe probe = LinearProbe.train(same, new int[] {0, 1, 0, 1, 0, 1, 0, 1, 0, 1}, 2, QUICK, 0, CPU);
        assertThat(probe.scores(same)[0]).containsExactly(new float[] {0.5f, 0.5f}, within(1e-4f));
    }

    @Test
    void saysWhatIsWrongWithFeaturesAndLabels() {
        float[][] two = {{1, 2}, {3, 4}};
        assertThatThrownBy(() -> LinearProbe.train(two, new int[] {0}, 2, QUICK, 0, CPU))
                .hasMessageContaining("2 features and 1 labels");
        assertThatThrownBy(() -> LinearProbe.train(two, new int[] {0, 2}, 2, QUICK, 0, CPU))
                .hasMessageContaining("label 2 of feature 1");
        assertThatThrownBy(() -> LinearProbe.train(two, new int[] {1, 1}, 2, QUICK, 0, CPU))
                .hasMessageContaining("one class");
        assertThatThrownBy(() ->
                        LinearProbe.train(new float[][] {{1, 2}, {3, Float.NaN}}, new int[] {0, 1}, 2, QUICK, 0, CPU))
                .hasMessageContaining("feature 1 holds a number that is not finite");
        LinearProbe probe = LinearProbe.train(two, new int[] {0, 1}, 2, QUICK, 0, CPU);
        assertThatThrownBy(() -> probe.scores(new float[][] {{1, 2, 3}}))
                .hasMessageContaining("3 numbers; it must be 2");
        assertThatThrownBy(() -> new Config(List.of(), List.of(0.0), 1, 1, 1, 5))
                .hasMessageContaining("rates []");
        assertThatThrownBy(() -> new Config(List.of(0.1), List.of(-1.0), 1, 1, 1, 5))
                .hasMessageContaining("[-1.0]");
    }

    @Test
    void leavesNothingBehind() throws InterruptedException {
        Blobs blobs = Blobs.of(20, 2, 4, 9, 1);
        blobs.accuracy(blobs.probe(QUICK, 0));
        long before = Handles.settled();
        blobs.accuracy(blobs.probe(QUICK, 0));
        assertThat(Handles.now()).isLessThanOrEqualTo(before);
    }

    @Test
    void theLayerForFeaturesAsTheyAreSaysTheSame() {
        Blobs blobs = Blobs.of(12, 3, 5, 2, 11);
        LinearProbe probe = blobs.probe(QUICK, 0);
        float[] weight = probe.weight();
        float[] bias = probe.bias();
        float[][] scores = probe.scores(blobs.features);
        for (int i = 0; i < blobs.labels.length; i++) {
            double[] exp = new double[3];
            for (int c = 0; c < 3; c++) {
                double logit = bias[c];
                for (int d = 0; d < 5; d++) {
                    logit += weight[c * 5 + d] * blobs.features[i][d];
                }
                exp[c] = Math.exp(logit);
            }
            double sum = Arrays.stream(exp).sum();
            for (int c = 0; c < 3; c++) {
                assertThat((double) scores[i][c]).as("%d %d", i, c).isCloseTo(exp[c] / sum, within(1e-5));
            }
        }
    }

    /** Of few noisy features a high rate is often as good at telling classes apart, and too sure of itself. */
    @Test
    void theLowestLossIsChosenWhereAsked() {
        Config config = new Config(List.of(0.003, 1.0), List.of(0.0), 256, 1, 100, 4);
        int others = 0;
        for (int seed = 0; seed < 8; seed++) {
            Blobs blobs = Blobs.of(8, 4, 40, 2, seed);
            LinearProbe byAccuracy = blobs.probe(config, 0);
            LinearProbe byLoss = blobs.probe(config.choosing(LinearProbe.Best.LOSS), 0);
            assertThat(byLoss.chosen().loss())
                    .isEqualTo(byLoss.candidates().stream()
                            .mapToDouble(LinearProbe.Candidate::loss)
                            .min()
                            .orElseThrow());
            assertThat(byAccuracy.chosen().top1())
                    .isEqualTo(byAccuracy.candidates().stream()
                            .mapToDouble(LinearProbe.Candidate::top1)
                            .max()
                            .orElseThrow());
            others += byLoss.chosen().equals(byAccuracy.chosen()) ? 0 : 1;
        }
        assertThat(others).isPositive();
    }
}
