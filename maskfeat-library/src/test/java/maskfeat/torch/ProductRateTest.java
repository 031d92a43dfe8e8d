package maskfeat.torch;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.pytorch.Device;
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

    /** What seems faster than a product is measured against a product again, and is no share while it still seems so. */
    @Test
    void noShareIsOverOne() {
        Device cpu = Devices.named("cpu");
        double rate = ProductRate.once(cpu, Precision.FLOAT32);
        assertThat(ProductRate.share(rate / 2, cpu, Precision.FLOAT32)).isEqualTo(0.5);
        assertThat(ProductRate.share(rate * 1e6, cpu, Precision.FLOAT32)).isNaN();
        assertThat(ProductRate.once(cpu, Precision.FLOAT32)).isGreaterThanOrEqualTo(rate);
        assertThat(ProductRate.share(rate * 1.001, cpu, Precision.FLOAT32))
                .satisfiesAnyOf(
                        share -> assertThat(share).isNaN(),
                        share -> assertThat(share).isBetween(0.0, 1.0));
    }
}
