package maskfeat.run;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import maskfeat.augment.Mix;
import maskfeat.augment.RandomErasing;
import maskfeat.data.Splits;
import maskfeat.disk.PathText;
import maskfeat.eval.ClassMetrics;
import maskfeat.eval.Metric;
import maskfeat.model.Backbone;
import maskfeat.model.Classifier;
import maskfeat.network.Head;
import maskfeat.network.NetworkSpec;
import maskfeat.report.Yardstick;
import maskfeat.settings.Added;
import maskfeat.task.Classification;
import org.bytedeco.pytorch.Device;
import org.jspecify.annotations.Nullable;

/**
 * Classification of images and clips with labels: fine-tuning.
 *
 * @param head how classes are read off the tokens
 * @param loss what is minimised
 * @param erasing probability that a box of a sample is replaced by noise
 * @param mix how samples are mixed with each other; null for not at all
 * @param headStart what the last layer begins with in a new run
 */
@JsonTypeName("classify")
public record ClassifyConfig(
        Classifier.Head head,
        Loss loss,
        double erasing,
        @Nullable Mix mix,
        @Added(in = 7, before = "small") HeadStart headStart)
        implements TaskConfig {
    /** What the last layer begins with. */
    public enum HeadStart {
        /** Values near 0, so that all classes begin with nearly equal scores, as in the papers. */
        SMALL,
        /**
         * A linear classifier trained on the features of the network as it is before the first step, one view of each item, so
         * that the first steps do not undo what pre-training learned (Kumar et al. 2022, linear probing, then fine-tuning): for
         * few labels. Weights that bring a last layer for these classes keep it.
         */
        PROBE
    }

    /** Weight of the classes in the loss. */
    public enum ClassWeights {
        /** 1 for each. */
        NONE,
        /** One over a class's share of the data, so that all classes weigh the same. */
        BALANCED
    }

    /**
     * What is minimised: cross entropy.
     *
     * @param smoothing share of each label, 0 to 1, that is spread over all classes
     * @param classWeights what the loss of each class is multiplied by
     */
    public record Loss(double smoothing, ClassWeights classWeights) {
        public Loss {
            new Classification.Objective(smoothing, Optional.empty(), Optional.empty()); // refuses
        }
    }

    public ClassifyConfig {
        RandomErasing.images(erasing); // refuses
    }

    /** What {@code kind: classify} begins with: mean pooling, smoothed labels, nothing mixed or erased. */
    public static ClassifyConfig defaults() {
        return new ClassifyConfig(Classifier.Head.mean(), new Loss(0.1, ClassWeights.NONE), 0, null, HeadStart.SMALL);
    }

    @Override
    public String command() {
        return "finetune";
    }

    @Override
    public Yardstick lossOf(Run.Train train) {
        return new Yardstick(kind(), Map.of("task", kind(), "loss", loss + " " + mix));
    }

    @Override
    public boolean isLabelled() {
        return true;
    }

    @Override
    public List<Metric> metrics() {
        return ClassMetrics.METRICS;
    }

    @Override
    public int together() {
        return mix == null ? 1 : Math.max(1, mix.group());
    }

    @Override
    public Optional<String> amongRanks(int microBatch, int own) {
        if (mix == null || mix.group() > 0 || own >= microBatch) {
            return Optional.empty();
        }
        return Optional.of(
                (own == 1
                                ? "task.mix mixes nothing: a rank has one sample at a time, where one process mixes "
                                        + microBatch
                                : "task.mix mixes the " + own
                                        + " samples of a rank among themselves, where one process mixes " + microBatch)
                        + "; with task.mix.group=2, and an even number on each rank, the same are mixed for any number of ranks");
    }

    @Override
    public void check(Run.Data data, Backbone.Config model, Run.Train train) {
        head.check(model);
        if (mix == null) {
            return;
        }
        if (train.microBatch() < 2) {
            throw new IllegalArgumentException("task.mix mixes the samples of a batch with each other, and train.batch"
                    + " is 1; raise it, or set task.mix to null");
        }
        if (mix.group() > 0 && train.microBatch() % mix.group() != 0) {
            throw new IllegalArgumentException("train.batch " + train.microBatch() + " must be a multiple of"
                    + " task.mix.group " + mix.group() + ": groups go through the network whole; 0 mixes all of a"
                    + " micro-batch");
        }
    }

    @Override
    public List<Run.Idle> idle(Run.Data data) {
        List<Run.Idle> idle = new ArrayList<>();
        if (requireNonNull(data.labels()).balanced() && loss.classWeights == ClassWeights.BALANCED) {
            idle.add(new Run.Idle(
                    "task.loss.class-weights", "data.labels.balanced already makes classes equally frequent"));
        }
        if (mix != null && (mix.mixup() == 0 || mix.cutmix() == 0)) {
            idle.add(new Run.Idle("task.mix.cutmix-share", "only one kind of mixing is on"));
        }
        return idle;
    }

    @Override
    public Backbone.Config backbone(Backbone.Config ofWeights, Backbone.Config set) {
        return ofWeights.likeForFineTuning(set);
    }

    @Override
    public NetworkSpec spec(Run run, RunData data) {
        Head.Classes classes = new Head.Classes(head.pooling(), head.dropout(), data.classes(), head.normEpsilon());
        return new NetworkSpec(run.data().input(), run.model(), classes);
    }

    @Override
    public TaskPlan<?> plan(Run run, RunData data, Device device) {
        return new ClassifyPlan(run, this, data, spec(run, data), device);
    }

    @Override
    public RunData open(Run run) throws IOException {
        Run.Labels labels = requireNonNull(run.data().labels());
        return RunData.of(Splits.open(
                RunData.source(run, ""),
                labels.validation() == null ? null : PathText.path(labels.validation()),
                run.data().clip(),
                new Splits.Options(
                        labels.perClass(),
                        labels.holdOut(),
                        run.seed(),
                        labels.classNames() == null ? null : PathText.path(labels.classNames()))));
    }
}
