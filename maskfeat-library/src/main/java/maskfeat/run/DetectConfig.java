package maskfeat.run;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import maskfeat.augment.BoxRule;
import maskfeat.boxes.ClipRange;
import maskfeat.data.ActionClasses;
import maskfeat.data.KeyFrameDataset;
import maskfeat.eval.ActionMetrics;
import maskfeat.eval.BoxProtocol;
import maskfeat.eval.Metric;
import maskfeat.model.Backbone;
import maskfeat.network.ActionHead;
import maskfeat.network.NetworkSpec;
import org.bytedeco.pytorch.Device;
import org.jspecify.annotations.Nullable;

/**
 * Detection of actions: what is done in each box of a key frame.
 *
 * @param boxes where annotations and boxes are
 * @param dropout share of a box's features that are zeroed in training before the last layer, 0 to 1
 * @param boxRule where augmentations take boxes: {@code exact}, or {@code slowfast} for the official figures
 * @param leastVisible boxes of which a crop leaves a smaller share of the area are dropped; 0 keeps all, as the official code
 *     does
 * @param wholeFrames whether evaluation sees whole frames of any shape; else the square in their middle
 * @param protocol whose rules of average precision: {@code ava}, {@code yowo} or {@code act}
 * @param iou intersection over union from which a box is found
 */
@JsonTypeName("detect")
public record DetectConfig(
        Boxes boxes,
        double dropout,
        BoxRule boxRule,
        double leastVisible,
        boolean wholeFrames,
        BoxProtocol protocol,
        double iou)
        implements TaskConfig {
    /**
     * Where annotations and boxes are. Formats are told by content: AVA's folder and files, PySlowFast's and mmaction2's,
     * {@code gttubes} pickles, a table with a header, CVAT.
     *
     * @param source annotations: a folder in AVA's form, or a file; null for {@code data.path}
     * @param validation file of annotations to measure on; null for what {@code source} has
     * @param given boxes of a detector to measure with; null for what {@code source} has, else the annotated ones
     * @param extra file of further boxes for training, such as a detector's that got the labels of the truth they overlap
     * @param labels label map, which names the ids and says which count; null for what {@code source} has
     * @param excluded file of moments that are not measured; null for what {@code source} has
     * @param range annotated seconds of long films; null for all, counted from each video's beginning
     * @param firstFrame number of a video's first frame, where annotations name frames; null for the format's own
     * @param threshold score from which a given box is used
     * @param split which split of a {@code gttubes} file, counted from 1
     * @param holdOut share of the videos, 0 to 1, that are measured on instead of trained on; 0 for none
     */
    public record Boxes(
            @Nullable String source,
            @Nullable String validation,
            @Nullable String given,
            @Nullable String extra,
            @Nullable String labels,
            @Nullable String excluded,
            @Nullable ClipRange range,
            @Nullable Integer firstFrame,
            double threshold,
            int split,
            double holdOut) {
        private static final Pattern SECONDS = Pattern.compile("(\\d{1,6})-(\\d{1,6})");

        public Boxes {
            if (!(threshold >= 0 && threshold <= 1)) {
                throw new IllegalArgumentException("threshold " + threshold + " must lie between 0 and 1");
            }
            if (split < 1) {
                throw new IllegalArgumentException("split " + split + " must be at least 1");
            }
            if (!(holdOut >= 0 && holdOut < 1)) {
                throw new IllegalArgumentException("hold-out " + holdOut + " must be at least 0 and below 1");
            }
            if (holdOut > 0 && validation != null) {
                throw new IllegalArgumentException(
                        "validation and hold-out exclude each other; leave one of them away");
            }
        }

        /**
         * Annotated seconds of films.
         *
         * @param seconds such as {@code 902-1798}, which are AVA's
         * @throws IllegalArgumentException if they are no two seconds
         */
        public static ClipRange annotated(String seconds) {
            Matcher matcher = SECONDS.matcher(seconds);
            if (!matcher.matches()) {
                throw new IllegalArgumentException("annotated seconds " + seconds + " must be two, such as 902-1798");
            }
            int first = Integer.parseInt(matcher.group(1));
            int last = Integer.parseInt(matcher.group(2));
            ClipRange ava = ClipRange.AVA;
            return first == ava.first() && last == ava.last()
                    ? ava
                    : new ClipRange(first, last, 0, ava.framesPerSecond());
        }

        /** What lies in {@code data.path}. */
        public static Boxes defaults() {
            return new Boxes(null, null, null, null, null, null, null, null, 0.9, 1, 0);
        }
    }

    public DetectConfig {
        ActionHead.checkDropout(dropout);
        if (!(leastVisible >= 0 && leastVisible <= 1)) {
            throw new IllegalArgumentException("least-visible " + leastVisible + " must lie between 0 and 1");
        }
        if (!(iou > 0 && iou <= 1)) {
            throw new IllegalArgumentException("iou " + iou + " must be above 0 and at most 1");
        }
    }

    /** What {@code kind: detect} begins with: AVA's rules, whole frames. */
    public static DetectConfig defaults() {
        return new DetectConfig(Boxes.defaults(), 0, BoxRule.EXACT, 0, true, BoxProtocol.AVA, 0.5);
    }

    @Override
    public String command() {
        return "finetune";
    }

    @Override
    public List<Metric> metrics() {
        return ActionMetrics.METRICS;
    }

    @Override
    public String toMeasureOn() {
        return "task.boxes.validation (--val) to a file of annotations, or task.boxes.hold-out to a share of the videos";
    }

    @Override
    public void check(Run.Data data, Backbone.Config model, Run.Train train) {
        if (data.ofImages()) {
            throw new IllegalArgumentException(
                    "actions are found in clips; set data.clip.kind=timed or strided instead of still");
        }
    }

    @Override
    public List<Run.Idle> idle(Run.Data data) {
        List<Run.Idle> idle = new ArrayList<>();
        idle.add(new Run.Idle("validate.views", "a key frame has one view"));
        if (wholeFrames) {
            idle.add(new Run.Idle("data.short-side", "task.whole-frames measures frames of short side data.side"));
        }
        return idle;
    }

    /** Positions are resized, as they are for whole frames in any case. */
    @Override
    public boolean takesOtherSides() {
        return true;
    }

    @Override
    public Backbone.Config backbone(Backbone.Config ofWeights, Backbone.Config set) {
        return ofWeights.likeForFineTuning(set);
    }

    @Override
    public NetworkSpec spec(Run run, RunData data) {
        ActionClasses actions = ((KeyFrameDataset) data.train()).actions();
        return new NetworkSpec(
                run.data().input(), run.model(), new ActionHead(dropout, actions.names(), actions.ids()));
    }

    @Override
    public TaskPlan<?> plan(Run run, RunData data, Device device) {
        return new DetectPlan(run, this, data, spec(run, data), device);
    }

    @Override
    public RunData open(Run run) throws IOException {
        return ActionData.open(run, boxes);
    }
}
