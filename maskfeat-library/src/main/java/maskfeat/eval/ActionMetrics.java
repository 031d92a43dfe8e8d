package maskfeat.eval;

import java.util.List;
import maskfeat.eval.Metric.Better;
import maskfeat.eval.Metric.Place;
import maskfeat.eval.Metric.Unit;

/** The metrics of action detection. */
public final class ActionMetrics {
    /** Mean over the classes of the average precision in key frames. */
    public static final Metric FRAME_MAP = Metric.of("val/frame_map", "frame-mAP", Better.HIGHER, Unit.PER_CENT)
            .inChart("Frame-mAP")
            .shownIn(Place.HEADLINE, Place.COMPARISON, Place.BEST);

    /** The same had the detector found exactly the true boxes. */
    public static final Metric TRUE_BOX_MAP = Metric.of(
                    "val/true_box_map", "frame-mAP with true boxes", Better.HIGHER, Unit.PER_CENT)
            .inChart("Frame-mAP")
            .shownIn(Place.HEADLINE);

    /** What these boxes would reach if every action in them were known. */
    public static final Metric BOUND =
            Metric.of("val/bound", "most that these boxes allow", Better.NEITHER, Unit.PER_CENT);

    /** Share of the true boxes that a given box overlaps enough. */
    public static final Metric RECALL =
            Metric.of("val/box_recall", "true boxes among those given", Better.NEITHER, Unit.PER_CENT);

    /** All of them, in the order in which they are shown. */
    public static final List<Metric> METRICS = List.of(FRAME_MAP, TRUE_BOX_MAP, BOUND, RECALL);

    private ActionMetrics() {}
}
