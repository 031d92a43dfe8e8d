package maskfeat.recipe;

import java.util.List;
import maskfeat.data.ClipSampler;
import maskfeat.train.Trainer;
import org.jspecify.annotations.Nullable;

/** All settings of something that trains, a file's worth of them. */
public sealed interface RunSettings permits Run, Finetune {
    /** Of everything random. */
    long seed();

    /** Folder or list of the data; null for the generated sample set. */
    @Nullable String dataPath();

    /** Which frames of a video are taken, or that the data are images. */
    ClipSampler clip();

    Run.Train train();

    Run.Loading loader();

    Run.Saving checkpoint();

    Run.Reporting report();

    /**
     * How long and in what portions.
     *
     * @param stepsPerEpoch optimizer steps in one pass over the data
     */
    default Trainer.Plan plan(int stepsPerEpoch) {
        return new Trainer.Plan(
                stepsPerEpoch,
                train().epochs(),
                train().accumulate(),
                report().logEvery(),
                (long) checkpoint().everyEpochs() * stepsPerEpoch,
                checkpoint().everyMinutes() * 60,
                train().maxNonFinite());
    }

    /** Settings that do nothing beside the others, each with the reason: refused where somebody asked for them. */
    List<Idle> idle();

    /**
     * A setting that does nothing.
     *
     * @param key dotted
     * @param why in half a sentence
     */
    record Idle(String key, String why) {}
}
