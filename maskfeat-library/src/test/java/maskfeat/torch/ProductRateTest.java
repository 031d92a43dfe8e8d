package maskfeat.torch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProductRateTest {
    /** The second time nothing is measured, so that it is the same number. */
    @Test
    void isMeasuredOnceForEachPrecision() {
        double rate = ProductRate.once(Devices.named("cpu"), Precision.FLOAT32);
        assertThat(rate).isPositive().isFinite();
        assertThat(ProductRate.once(Devices.named("cpu"), Precision.FLOAT32)).isEqualTo(rate);
        assertThat(ProductRate.once(Devices.named("cpu"), Precision.BFLOAT16))
                .isPositive()
                .isNotEqualTo(rate);
    }
}
