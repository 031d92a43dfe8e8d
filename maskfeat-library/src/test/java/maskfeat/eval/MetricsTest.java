package maskfeat.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import maskfeat.eval.Metric.Better;
import maskfeat.eval.Metric.Unit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricsTest {
    @Test
    void everyFigureOfAnEvaluationIsDeclared() {
        Evaluation evaluation =
                Evaluation.of(List.of("cat", "dog"), List.of(new Prediction("a", 0, new float[] {0.75f, 0.25f})));
        assertThat(ClassMetrics.figures(evaluation).keySet())
                .containsExactlyInAnyOrderElementsOf(ClassMetrics.METRICS.stream()
                        .map(Metric::tag)
                        .filter(tag -> tag.startsWith("val/"))
                        .toList());
    }

    @Test
    void noTwoMetricsHaveOneTag() {
        assertThat(Metrics.declared()).extracting(Metric::tag).doesNotHaveDuplicates();
    }

    @Test
    void aSettingNamesAMetricThatCanDecide() {
        assertThat(Metric.named("mean-class", ClassMetrics.METRICS)).isEqualTo(ClassMetrics.MEAN_CLASS.metric());
        assertThat(Metric.named("loss", ClassMetrics.METRICS).better()).isEqualTo(Better.LOWER);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metric.named("top3", ClassMetrics.METRICS))
                .withMessageStartingWith("there is no metric 'top3'; it is one of top1, top5, mean-class, loss, ece");
    }

    @ParameterizedTest
    @CsvSource({
        "probe/top1, PER_CENT, HIGHER, probe top-1",
        "knn/mean_class, PER_CENT, HIGHER, neighbours mean of classes",
        "train/loss, LOSS, LOWER, training loss",
        "val/top3, PER_CENT, HIGHER, val/top3",
        "val/count, NUMBER, NEITHER, val/count",
        "val/grounding_error, NUMBER, LOWER, val/grounding_error"
    })
    void anUndeclaredTagIsShownLikeADeclaredOneOfItsNameOrByItself(String tag, Unit unit, Better better, String title) {
        Metric metric = Metrics.of(tag);
        assertThat(metric.tag()).isEqualTo(tag);
        assertThat(metric.unit()).isEqualTo(unit);
        assertThat(metric.better()).isEqualTo(better);
        assertThat(metric.fullTitle()).isEqualTo(title);
        assertThat(metric.places()).isEmpty();
    }

    @Test
    void aMetricHasAChartAndALabelOfItsOwnUnlessItSharesOne() {
        Metric map = Metric.of("val/map", "mean average precision", Better.HIGHER, Unit.PER_CENT);
        assertThat(map.name()).isEqualTo("map");
        assertThat(map.chart()).isEqualTo("mean average precision");
        assertThat(map.label()).isEqualTo("mean average precision, validation");
        assertThat(map.fullTitle()).isEqualTo("validation mean average precision");
        assertThat(map.inChart("Precision").chart()).isEqualTo("Precision");
        assertThat(Better.HIGHER.than(2, 1)).isTrue();
        assertThat(Better.LOWER.than(2, 1)).isFalse();
        assertThat(Better.HIGHER.than(Double.NaN, 1) || Better.LOWER.than(1, Double.NaN))
                .isFalse();
    }
}
