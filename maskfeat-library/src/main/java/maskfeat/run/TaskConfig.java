package maskfeat.run;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import maskfeat.eval.Metric;
import maskfeat.model.Backbone;
import maskfeat.network.NetworkSpec;
import maskfeat.report.Yardstick;
import org.bytedeco.pytorch.Device;

/**
 * What a run learns.
 *
 * <p>These are the settings of a task, which put it together. A new task is its own files (settings, sample, task,
 * evaluator, pictures) and one name in the {@code permits}.
 */
public sealed interface TaskConfig permits MaskedConfig, ClassifyConfig, DetectConfig, ContrastConfig {
    /** The command that begins such a run, and what results call it: {@code pretrain}, {@code finetune} or {@code train}. */
    String command();

    /** Its name in settings, such as {@code classify}. */
    default String kind() {
        return requireNonNull(getClass().getAnnotation(JsonTypeName.class)).value();
    }

    /** Whether a recipe of it is for weights of frames of another side too. */
    default boolean takesOtherSides() {
        return false;
    }

    /** Frames of a sample that go through the network, in units of the clips that it reads. */
    default int clipsOfASample() {
        return 1;
    }

    /** Whether the samples of a batch are compared with each other, so that a large batch teaches more than many small ones. */
    default boolean comparesSamples() {
        return false;
    }

    /** Samples that must go through the network together: each rank's part of a micro-batch is so many, or a multiple. */
    default int together() {
        return 1;
    }

    /**
     * What several ranks change of what is trained, as a sentence; empty where nothing is changed.
     *
     * @param microBatch samples that go through the network together in one process
     * @param own the same of a rank
     */
    default Optional<String> amongRanks(int microBatch, int own) {
        return Optional.empty();
    }

    /** Whether its loss has that of the best constant prediction to compare with. */
    default boolean hasBaseline() {
        return false;
    }

    /** Whether it trains on labels. */
    default boolean isLabelled() {
        return false;
    }

    /** Whether it goes on with the colours that weights know, as what is fine-tuned does. */
    default boolean adoptsColours() {
        return !metrics().isEmpty();
    }

    /** How a person gives it something to measure on, for messages. */
    default String toMeasureOn() {
        return "data.labels.validation (--val) to a folder or list, or data.labels.hold-out to a share";
    }

    /** What its evaluator measures, the usual one first; empty if it measures nothing. */
    default List<Metric> metrics() {
        return List.of();
    }

    /**
     * Checks that the settings fit the others, without building anything.
     *
     * @throws IllegalArgumentException if not, naming the setting and what would do
     */
    void check(Run.Data data, Backbone.Config model, Run.Train train);

    /**
     * Checks that samples may be changed so, for a task that has rules of its own.
     *
     * @throws IllegalArgumentException if not, naming the setting and what would do
     */
    default void check(Run.Augmentation augment) {}

    /** What its loss is of: losses of runs with another do not compare. */
    default Yardstick lossOf(Run.Train train) {
        return new Yardstick(kind(), Map.of("task", kind()));
    }

    /** Settings that do nothing, each with the reason. */
    default List<Run.Idle> idle(Run.Data data) {
        return List.of();
    }

    /** The backbone that it trains where weights of one are taken over and another was set. */
    default Backbone.Config backbone(Backbone.Config ofWeights, Backbone.Config set) {
        return ofWeights;
    }

    /** What the network is. */
    NetworkSpec spec(Run run, RunData data);

    /**
     * Builds network and task.
     *
     * @return to be closed by the caller
     */
    TaskPlan<?> plan(Run run, RunData data, Device device);

    /**
     * Opens the data.
     *
     * @throws IOException if there is none, or it is not what the task needs
     */
    RunData open(Run run) throws IOException;
}
