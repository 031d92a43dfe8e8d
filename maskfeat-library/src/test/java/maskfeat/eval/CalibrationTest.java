package maskfeat.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CalibrationTest {
    /** Two classes, the first predicted. */
    private static Prediction sure(float confidence, boolean right) {
        return new Prediction("a", right ? 0 : 1, new float[] {confidence, 1 - confidence});
    }

    @Test
    void theErrorIsTheGapOfEachBinWeightedByItsItems() {
        double[] confidences = {0.78, 0.64, 0.92, 0.58, 0.51, 0.85, 0.70, 0.63, 0.83};
        boolean[] right = {true, true, true, false, false, true, true, false, true};
        Calibration five = Calibration.of(confidences, right, 5);
        // (0.4, 0.6]: 0.58 0.51, none right; (0.6, 0.8]: 0.78 0.64 0.70 0.63, three right; above: 0.92 0.85 0.83, all.
        assertThat(five.bins()).extracting(Calibration.Bin::count).containsExactly(0L, 0L, 2L, 4L, 3L);
        assertThat(five.bins().get(2).gap()).isCloseTo(0.545, within(1e-12));
        assertThat(five.bins().get(3).gap()).isCloseTo(0.0625, within(1e-12));
        assertThat(five.bins().get(4).gap()).isCloseTo(0.4 / 3, within(1e-12));
        assertThat(five.expectedError()).isCloseTo((2 * 0.545 + 4 * 0.0625 + 0.4) / 9, within(1e-12));
        assertThat(five.maximumError()).isCloseTo(0.545, within(1e-12));
    }

    @Test
    void binsIncludeTheirUpperEnd() {
        Calibration ten = Calibration.of(new double[] {0.5, Math.nextUp(0.5), 1.0}, new boolean[3], 10);
        assertThat(ten.bins().get(4).count()).isEqualTo(1);
        assertThat(ten.bins().get(5).count()).isEqualTo(1);
        assertThat(ten.bins().get(9).count()).isEqualTo(1);
        assertThat(ten.bins().get(4).upper()).isEqualTo(0.5);
        assertThat(ten.bins().get(5).lower()).isEqualTo(0.5);
    }

    @Test
    void aBinWithoutItemsSaysNothing() {
        Calibration calibration = Calibration.of(List.of(sure(1, true)));
        assertThat(calibration.bins()).hasSize(15);
        assertThat(calibration.bins().get(3).confidence()).isNaN();
        assertThat(calibration.bins().get(3).accuracy()).isNaN();
        assertThat(calibration.bins().get(3).gap()).isZero();
        assertThat(calibration.bins().get(14).count()).isEqualTo(1);
        assertThat(calibration.expectedError()).isZero();
        assertThat(calibration.maximumError()).isZero();
    }

    @Test
    void nothingHasNoError() {
        assertThat(Calibration.of(List.of()).expectedError()).isNaN();
        assertThat(Calibration.of(List.of()).maximumError()).isNaN();
    }

    @Test
    void certaintyThatIsHalfWrongIsHalfOff() {
        Calibration calibration = Calibration.of(List.of(sure(1, true), sure(1, false)));
        assertThat(calibration.expectedError()).isEqualTo(0.5);
        assertThat(calibration.maximumError()).isEqualTo(0.5);
    }

    /** Items right as often as they are confident: what is left is the noise of drawing them. */
    @Test
    void aCalibratedNetworkHasAlmostNoError() {
        Random random = new Random(8);
        List<Prediction> calibrated = new ArrayList<>();
        List<Prediction> boasting = new ArrayList<>();
        for (int i = 0; i < 200_000; i++) {
            float confidence = 0.5f + random.nextFloat() / 2;
            calibrated.add(sure(confidence, random.nextFloat() < confidence));
            boasting.add(sure(confidence, random.nextFloat() < confidence - 0.2f));
        }
        // Eight bins of 25,000 items: a standard deviation of at most 0.0032 each.
        assertThat(Calibration.of(calibrated).expectedError()).isLessThan(0.005);
        assertThat(Calibration.of(boasting).expectedError()).isCloseTo(0.2, within(0.005));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void agreesWithBinsThatLookAtEachItemInTurn(int seed) {
        Random random = new Random(seed);
        List<Prediction> predictions = Predictions.draw(random, 400, 1 + random.nextInt(9));
        double error = 0;
        double worst = 0;
        for (int bin = 0; bin < 15; bin++) {
            double lower = bin / 15.0;
            double upper = (bin + 1) / 15.0;
            List<Prediction> inside = predictions.stream()
                    .filter(p -> p.confidence() > lower && p.confidence() <= upper)
                    .toList();
            if (!inside.isEmpty()) {
                double confidence = inside.stream()
                        .mapToDouble(Prediction::confidence)
                        .average()
                        .orElseThrow();
                double accuracy = inside.stream().filter(p -> p.rank() == 0).count() / (double) inside.size();
                error += Math.abs(confidence - accuracy) * inside.size() / predictions.size();
                worst = Math.max(worst, Math.abs(confidence - accuracy));
            }
        }
        Calibration calibration = Calibration.of(predictions);
        assertThat(calibration.count()).isEqualTo(400);
        assertThat(calibration.expectedError()).isCloseTo(error, within(1e-12));
        assertThat(calibration.maximumError()).isCloseTo(worst, within(1e-12));
    }

    @Test
    void refusesItemsWithoutLabels() {
        assertThatThrownBy(() -> Calibration.of(List.of(new Prediction("b.png", -1, new float[] {1}))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("b.png");
    }
}
