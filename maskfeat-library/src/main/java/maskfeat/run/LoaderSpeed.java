package maskfeat.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import maskfeat.data.BadFiles;
import maskfeat.data.Dataset;
import maskfeat.data.Loader;
import maskfeat.data.MaskedClip;
import maskfeat.data.MaskedSamples;
import maskfeat.data.Order;
import maskfeat.data.Samples;
import maskfeat.data.Seeds;
import maskfeat.data.Splits;
import maskfeat.data.Subset;
import maskfeat.data.TooManyBadFiles;
import maskfeat.infer.Progress;
import maskfeat.network.Head;
import maskfeat.network.Targets;

/** How fast the loader of a recipe makes samples of some data, where nothing else is to be done. */
public final class LoaderSpeed {
    private static final int ITEMS = 16;
    private static final int BATCH = 4;
    private static final long NANOS = 2_000_000_000L;

    private static final int ROUNDS = 2;

    private final Run run;
    private final MaskedSamples maker;

    private LoaderSpeed(Run run, MaskedConfig masked) {
        this.run = run;
        Head.Prediction head = new Head.Prediction(masked.depths(), masked.mask(), masked.target());
        Targets targets = head.targets(run.data().input(), run.model());
        maker = new MaskedSamples(run.augment().of(run.data()), masked.mask(), targets.maskGrid(), targets);
    }

    private static LoaderSpeed of(String recipe) {
        Run run = Recipes.named(recipe);
        if (run.task() instanceof MaskedConfig masked) {
            return new LoaderSpeed(run, masked);
        }
        throw new IllegalArgumentException(recipe + " is no recipe of pre-training by masks; name another");
    }

    /**
     * Refuses a recipe of another task.
     *
     * @throws IllegalArgumentException naming it
     */
    public static void check(String recipe) {
        of(recipe);
    }

    /** Samples a second of data, and of a copy of them. */
    public record Comparison(double before, double after) {}

    /**
     * Makes samples of both for some seconds, in turn. Files are opened once before that, as a training makes an index of each
     * but once.
     *
     * @param recipe of pre-training by masks
     * @param progress told how many of the parts of the measuring are done
     * @return empty if one of them has no data for this recipe
     * @throws IllegalArgumentException if the recipe is of another task
     */
    public static Optional<Comparison> compared(String recipe, Path data, Path copy, Progress progress)
            throws InterruptedException {
        LoaderSpeed speed = of(recipe);
        Run run = speed.run;
        try {
            Dataset one = some(Splits.unlabelled(data, run.data().clip(), notice -> {}));
            Dataset other = some(Splits.unlabelled(copy, run.data().clip(), notice -> {}));
            double before = 0;
            double after = 0;
            int parts = 2 * ROUNDS;
            for (int i = 0; i < parts; i++) {
                progress.at(i, parts);
                double rate = speed.samplesPerSecond(i % 2 == 0 ? one : other) / ROUNDS;
                before += i % 2 == 0 ? rate : 0;
                after += i % 2 == 0 ? 0 : rate;
            }
            progress.at(parts, parts);
            return Optional.of(new Comparison(before, after));
        } catch (IOException unusable) {
            return Optional.empty();
        }
    }

    /** Items from all over the data. */
    private static Dataset some(Dataset all) {
        int count = Math.min(ITEMS, all.size());
        return Subset.of(
                all,
                IntStream.range(0, count)
                        .mapToObj(i -> all.items().get((int) ((long) i * all.size() / count)))
                        .toList(),
                all.classes());
    }

    private double samplesPerSecond(Dataset data) throws TooManyBadFiles, InterruptedException {
        BadFiles badFiles = new BadFiles(data.size(), 1, List.of(), (file, why) -> {});
        Samples<MaskedClip> samples = new Samples<>(data, new Seeds(run.seed()), maker, badFiles);
        int batch = Math.min(BATCH, data.size());
        int steps = Loader.stepsPerEpoch(data.size(), batch, 1);
        Order order = epoch -> IntStream.range(0, data.size()).toArray();
        try (Loader<MaskedClip> loader = new Loader<>(
                samples,
                order,
                batch,
                1,
                run.loader().threadCount(),
                run.loader().ahead(),
                0,
                Long.MAX_VALUE)) {
            for (int i = 0; i < steps; i++) {
                loader.next();
            }
            long began = System.nanoTime();
            int made = 0;
            while (System.nanoTime() - began < NANOS) {
                made += loader.next().samples().size();
            }
            return made / ((System.nanoTime() - began) * 1e-9);
        }
    }
}
