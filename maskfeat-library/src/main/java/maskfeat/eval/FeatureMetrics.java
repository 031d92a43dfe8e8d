package maskfeat.eval;

import java.util.List;
import maskfeat.eval.Metric.Better;
import maskfeat.eval.Metric.Place;
import maskfeat.eval.Metric.Unit;

/** What is measured of features while they are learned, without training anything on them. */
public final class FeatureMetrics {
    /** Of the nearest neighbours' votes, each item by the others, or by items that are trained on. */
    public static final Metric NEIGHBOURS = Metric.of(
                    "features/knn_top1", "nearest neighbours", Better.HIGHER, Unit.PER_CENT)
            .inChart("Features: nearest neighbours")
            .labelled("top-1 by nearest neighbours")
            .shownIn(Place.HEADLINE, Place.BEST);

    /** The effective rank. */
    public static final Metric RANK = Metric.of("features/rankme", "effective rank", Better.NEITHER, Unit.NUMBER)
            .inChart("Features: effective rank")
            .labelled("RankMe")
            .shownIn(Place.HEADLINE);

    static final List<Metric> METRICS = List.of(NEIGHBOURS, RANK);

    private FeatureMetrics() {}
}
