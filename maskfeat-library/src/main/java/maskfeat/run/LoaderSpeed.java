package maskfeat.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
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
import maskfeat.network.Head;
import maskfeat.network.Targets;

/** How fast the loader of a recipe makes samples of some data, where nothing else is to be done. */
public final class LoaderSpeed {
    private static final int ITEMS = 32;
    private static final int BATCH = 4;
    private static final long NANOS = 3_000_000_000L;

    private LoaderSpeed() {}

    /**
     * Makes samples for some seconds. Files are opened once before that, as what an index is made of is not read again in a
     * training.
     *
     * @param recipe of pre-training by masks
     * @return samples a second; empty if the data are none for this recipe, or too few
     */
    public static OptionalDouble samplesPerSecond(String recipe, Path data) throws InterruptedException {
        Run run = Recipes.named(recipe);
        if (!(run.task() instanceof MaskedConfig masked)) {
            throw new IllegalArgumentException(recipe + " is no recipe of pre-training by masks; name another");
        }
        Head.Prediction head = new Head.Prediction(masked.depths(), masked.mask(), masked.target());
        Targets targets = head.targets(run.data().input(), run.model());
        MaskedSamples maker =
                new MaskedSamples(run.augment().of(run.data()), masked.mask(), targets.maskGrid(), targets);
        try {
            Dataset all = Splits.unlabelled(data, run.data().clip(), notice -> {});
            return OptionalDouble.of(measured(run, some(all), maker));
        } catch (IOException | IllegalArgumentException unusable) {
            return OptionalDouble.empty();
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

    private static double measured(Run run, Dataset data, MaskedSamples maker)
            throws TooManyBadFiles, InterruptedException {
        BadFiles badFiles = new BadFiles(data.size(), 1, List.of(), (file, why) -> {});
        Samples<MaskedClip> samples = new Samples<>(data, new Seeds(run.seed()), maker, badFiles);
        int batch = Math.min(BATCH, data.size());
        int steps = Loader.stepsPerEpoch(data.size(), batch, 1);
        Order order = epoch -> IntStream.range(0, data.size()).toArray();
        try (Loader<MaskedClip> loader = new Loader<>(
                samples, order, batch, 1, run.loader().threadCount(), run.loader().ahead(), 0, Long.MAX_VALUE)) {
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
