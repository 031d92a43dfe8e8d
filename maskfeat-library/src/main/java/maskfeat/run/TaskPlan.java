package maskfeat.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import maskfeat.data.SampleMaker;
import maskfeat.data.Samples;
import maskfeat.model.Backbone;
import maskfeat.model.Network;
import maskfeat.network.NetworkSpec;
import maskfeat.network.Transfer;
import maskfeat.report.EventFile;
import maskfeat.report.HtmlReport;
import maskfeat.torch.Ranks;
import maskfeat.train.Listener;
import maskfeat.train.Task;

/**
 * A task put together: the network, what is trained, how samples are made, how it is measured and what is shown of it.
 *
 * @param <S> content of its samples
 */
public interface TaskPlan<S> extends AutoCloseable {
    /** What the network is. */
    NetworkSpec spec();

    /** The network; closed with the plan. */
    Network network();

    /**
     * The backbones that compute in the precision of training: that of the network, and those of copies of it that the task
     * keeps. Frozen networks of other files compute in float32.
     */
    default List<Backbone> backbones() {
        return List.of(network().backbone());
    }

    /** What the loop trains. */
    Task<S> task();

    /**
     * Called before all else where ranks train together, for a task whose loss of a sample depends on those of other ranks.
     *
     * @param ranks each of which makes the same call
     */
    default void among(Ranks ranks) {}

    /**
     * Called once in a run, before its first step, when the network has the values that it begins with: from its seed, or from
     * {@link Run#from}. What copies the network, such as a momentum teacher, begins here.
     *
     * @param transfer what became of the weights of {@link Run#from}
     * @param ranks that train together, each of which makes the same call
     * @param leftOut takes each file that is wanted for it and cannot be read, with the reason
     * @param stopRequested asked now and then where it takes long
     * @return false if a stop was requested, so that nothing has begun
     * @throws IOException if more files cannot be read than may be left out
     */
    default boolean begin(
            Transfer transfer, Ranks ranks, BiConsumer<Path, String> leftOut, BooleanSupplier stopRequested)
            throws IOException, InterruptedException {
        return true;
    }

    /**
     * Whether the file that a finished run leaves has a parameter of the network. Checkpoints have all. What training alone
     * needs may be left out.
     */
    default boolean keeps(String parameter) {
        return true;
    }

    /** Makes samples of decoded items, on loader threads. */
    SampleMaker<S> maker();

    /**
     * Measures the network on the validation data; empty if the task measures nothing or there is nothing to measure on.
     *
     * @param ranks that train together: each measures its share of the items, and all have the figures of all
     * @param leftOut takes each file that cannot be read with the reason, each time that it is wanted
     */
    default Optional<Evaluator> evaluator(Ranks ranks, BiConsumer<Path, String> leftOut) {
        return Optional.empty();
    }

    /**
     * Checks before a run goes on that its data are still those that it was begun on.
     *
     * @param before what the network was
     * @throws IllegalArgumentException if not, saying what differs
     */
    default void checkResume(NetworkSpec before, String checkpoint) {}

    /** Draws what the network sees or says into {@code folder}, while it trains. */
    default Listener pictures(Samples<S> samples, Path folder, EventFile events) {
        return new Listener() {};
    }

    /** What was drawn, for the page. */
    default Pictures drawn(Path folder) throws IOException {
        return new Pictures(List.of());
    }

    /**
     * Pictures on the page.
     *
     * @param bySteps those that were drawn again and again
     * @param rows the same samples at some of the steps, a row each; of a run of an older version there are none
     * @param ofData those of the data
     */
    record Pictures(
            List<HtmlReport.Picture> bySteps, List<HtmlReport.PictureRow> rows, List<HtmlReport.Figure> ofData) {
        /** Pictures of the data alone. */
        Pictures(List<HtmlReport.Figure> ofData) {
            this(List.of(), List.of(), ofData);
        }
    }

    /** What a person wants to know first of the network and the task, a name and a value each. */
    List<HtmlReport.Fact> summary();

    /** The network and what it is trained for, in a line of the log. */
    String describe();

    @Override
    void close();
}
