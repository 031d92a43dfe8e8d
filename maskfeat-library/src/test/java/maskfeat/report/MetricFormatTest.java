package maskfeat.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import maskfeat.eval.Metric.Better;
import maskfeat.eval.Metrics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricFormatTest {
    @ParameterizedTest
    @CsvSource({
        "val/top1,63.449,63.4 %,validation top-1",
        "val/mean_class,7,7.0 %,validation mean of classes",
        "val/ece,4.21,4.2 %,validation calibration error",
        "val/loss,1.5,1.5000,validation loss",
        "train/loss,2,2.0000,training loss",
        "train/loss_vs_baseline,0.9,0.9000,training loss over baseline",
        "probe/cross_validated_top1,44,44.0 %,probe cross-validated top-1",
        "val/clips,1234,'1,234',val/clips",
        "time/hours,1.25,1.2500,time/hours",
        "top1,50,50.0 %,top1",
        "val/top1,NaN,NaN,validation top-1"
    })
    void aMetricHasATextForItsValueAndATitle(String tag, double value, String text, String name) {
        assertThat(new MetricFormat(tag).text(value)).isEqualTo(text);
        assertThat(Metrics.of(tag).fullTitle()).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource({
        "val/top1,HIGHER",
        "val/map,HIGHER",
        "val/loss,LOWER",
        "train/loss_vs_baseline,LOWER",
        "val/ece,LOWER",
        "time/hours,NEITHER",
        "epoch,NEITHER",
        "train/lr,NEITHER"
    })
    void aMetricHasADirection(String tag, Better better) {
        assertThat(Metrics.of(tag).better()).isEqualTo(better);
    }

    @Test
    void noValueOfASettingIsBetter() {
        assertThat(Better.NEITHER.than(1, 2) || Better.NEITHER.than(2, 1)).isFalse();
    }

    /** Of 1, 2 and 4: mean 7/3, squares 16/9 + 1/9 + 25/9 = 42/9, by n - 1 = 7/3. */
    @Test
    void deviationsDivideByCountMinusOne() {
        Spread spread = Spread.of(List.of(1.0, 2.0, 4.0));
        assertThat(spread.deviation()).isCloseTo(Math.sqrt(7.0 / 3), within(1e-12));
        assertThat(spread.text(new MetricFormat("val/loss"))).isEqualTo("2.3333 \u00b1 1.5275");
        assertThat(spread.text(new MetricFormat("val/top1"))).isEqualTo("2.3 \u00b1 1.5 %");
        assertThat(Spread.of(List.of(4.0)).text(new MetricFormat("val/top1"))).isEqualTo("4.0 %");
    }

    @ParameterizedTest
    @CsvSource({
        "0,0:00",
        "0.5,0:00.5",
        "59.96,1:00",
        "65,1:05",
        "3599,59:59",
        "3605,1:00:05",
        "36000,10:00:00",
        "-2,-0:02"
    })
    void secondsAreWrittenLikeAPlayerShowsThem(double second, String text) {
        assertThat(Numbers.clock(second)).isEqualTo(text);
    }
}
