package maskfeat.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import maskfeat.data.Dataset;
import maskfeat.data.TooManyBadFiles;
import maskfeat.data.Views;
import maskfeat.eval.FeatureMetrics;
import maskfeat.eval.NearestNeighbours;
import maskfeat.infer.Batching;
import maskfeat.infer.LabelledFeatures;
import maskfeat.media.Frames;
import maskfeat.model.Backbone;
import maskfeat.network.Input;
import maskfeat.task.Pixels;
import maskfeat.task.RankMe;
import maskfeat.torch.Generators;
import maskfeat.torch.Precision;
import maskfeat.torch.Ranks;
import maskfeat.torch.Scopes;
import maskfeat.train.GoalReached;
import maskfeat.train.Listener;
import org.bytedeco.pytorch.Device;

/**
 * Measures every few epochs what the features of a network that is pre-trained are worth, on some items of its data or of others:
 * how many directions they use and, where the items have classes, how often the nearest neighbours tell these. Nothing is trained on them,
 * nothing of it changes the training.
 */
final class FeatureQuality implements Listener {
    private static final int NEIGHBOURS = 10;

    /** Of activations that training would keep: two images of ViT-B, or one clip of MViTv2-S. */
    private static final double BATCH_BYTES = 1 << 28;

    private final Run run;
    private final int stepsPerEpoch;
    private final FeatureItems items;
    private final boolean finished;
    private final Ranks ranks;
    private final Backbone backbone;
    private final Input input;
    private final Pixels pixels;
    private final List<Listener> listeners;
    private final BiConsumer<Path, String> leftOut;
    private final BooleanSupplier stopRequested;
    private final Consumer<String> say;
    private int last;

    /**
     * @param finished whether the run is at its end: its figures stay, whatever its settings and data are today
     * @param ranks that train together, each of which measures its share
     * @param listeners are told of the figures
     * @param leftOut takes each file that cannot be read, with the reason
     * @param say takes a line of the log
     */
    FeatureQuality(
            Run run,
            int stepsPerEpoch,
            FeatureItems items,
            boolean finished,
            Ranks ranks,
            Backbone backbone,
            Input input,
            Device device,
            List<Listener> listeners,
            BiConsumer<Path, String> leftOut,
            BooleanSupplier stopRequested,
            Consumer<String> say) {
        this.run = run;
        this.stepsPerEpoch = stepsPerEpoch;
        this.last = run.train().epochs();
        this.items = items;
        this.finished = finished;
        this.ranks = ranks;
        this.backbone = backbone;
        this.input = input;
        this.pixels = new Pixels(run.data().normalize(), device);
        this.listeners = List.copyOf(listeners);
        this.leftOut = leftOut;
        this.stopRequested = stopRequested;
        this.say = say;
    }

    @Override
    public void reached(GoalReached goal) {
        last = goal.last();
    }

    /** At the beginning; and again where a run was left between a checkpoint and what was due after it. */
    @Override
    public void started(long step, long steps) {
        if (!finished && step % stepsPerEpoch == 0) {
            epoch((int) (step / stepsPerEpoch), step);
        }
    }

    @Override
    public void epoch(int epoch, long step) {
        int every = run.report().featuresEvery();
        if (every == 0 || epoch % every != 0 && epoch != last) {
            return;
        }
        byte[] generator = Generators.state();
        try {
            measure(epoch, step);
        } catch (TooManyBadFiles | InterruptedException given) {
            // What is wrong with the data, training says itself; an interrupt is for the loop.
            if (given instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
        } catch (IOException e) {
            say.accept("features were not measured: " + e.getMessage());
        } finally {
            Generators.restore(generator);
            listeners.forEach(listener -> listener.measuringFeatures(items.count(), items.count()));
        }
    }

    private void measure(int epoch, long step) throws IOException, InterruptedException {
        // The first batch of a large network takes long, and nothing else says what is going on.
        listeners.forEach(listener -> listener.measuringFeatures(0, items.count()));
        Optional<LabelledFeatures> known = Optional.empty();
        if (items.known().isPresent()) {
            known = read(items.known().get(), 0);
            if (known.isEmpty()) {
                return;
            }
        }
        Optional<LabelledFeatures> measured =
                read(items.measured(), items.known().map(Dataset::size).orElse(0));
        if (measured.isEmpty() || measured.get().labels().length < 2) {
            return;
        }
        float[][] features = measured.get().features();
        Map<String, Double> figures = new LinkedHashMap<>();
        StringBuilder line = new StringBuilder("features of " + features.length + " "
                + items.measured().noun()
                + (run.report().featuresVal() != null
                        ? " of " + items.measured().place()
                        : "") + " after epoch "
                + epoch + ": ");
        if (items.haveClasses()) {
            double right = neighbours(measured.get(), known);
            figures.put(FeatureMetrics.NEIGHBOURS.tag(), 100 * right);
            line.append(String.format(
                    Locale.ROOT,
                    "nearest neighbours%s tell %.1f %% of the %d classes right, ",
                    known.map(others -> " among " + others.labels().length + " that are trained on")
                            .orElse(""),
                    100 * right,
                    items.measured().classes().size()));
        }
        double rank = RankMe.of(features);
        if (!Double.isNaN(rank)) {
            figures.put(FeatureMetrics.RANK.tag(), rank);
            line.append(String.format(
                    Locale.ROOT, "effective rank %.1f of %d", rank, Math.min(features.length, features[0].length)));
        }
        say.accept(line.toString());
        listeners.forEach(listener -> listener.scores(step, figures));
    }

    /** Small where the network is large, for a stop is heard between batches. The same in every part of a run. */
    private int batch() {
        double item = backbone.config()
                .trainingBytes(backbone.size(), backbone.depth(), Precision.FLOAT32, /* recompute= */ false);
        return (int) Math.max(1, Math.min(run.train().microBatch(), BATCH_BYTES / item));
    }

    /** @param before items that were read of others; empty if a stop was requested */
    private Optional<LabelledFeatures> read(Dataset data, int before) throws IOException, InterruptedException {
        return LabelledFeatures.of(
                data,
                ranks,
                this::features,
                input,
                new Batching(Views.MIDDLE, batch(), run.loader().threadCount()),
                run.data().maxBadShare(),
                leftOut,
                stopRequested,
                (done, of) -> listeners.forEach(listener -> listener.measuringFeatures(before + done, items.count())));
    }

    /** Share of the items whose class their neighbours tell: among items that are trained on, or among the other ones. */
    private double neighbours(LabelledFeatures measured, Optional<LabelledFeatures> known) {
        int[] labels = measured.labels();
        int classes = items.measured().classes().size();
        if (known.isEmpty()) {
            int count = Math.min(NEIGHBOURS, labels.length - 1);
            return new NearestNeighbours(measured.features(), labels, classes).leaveOneOut(count)[0];
        }
        LabelledFeatures others = known.get();
        float[][] scores = new NearestNeighbours(others.features(), others.labels(), classes)
                .scores(measured.features(), Math.min(NEIGHBOURS, others.labels().length));
        long right = IntStream.range(0, labels.length)
                .filter(i -> highest(scores[i]) == labels[i])
                .count();
        return (double) right / labels.length;
    }

    private static int highest(float[] scores) {
        int highest = 0;
        for (int i = 1; i < scores.length; i++) {
            if (scores[i] > scores[highest]) {
                highest = i;
            }
        }
        return highest;
    }

    /** As {@code embed} takes them: means over the patches after the last block. */
    private List<float[]> features(List<Frames> clips) {
        List<Integer> last = List.of(backbone.depth() - 1);
        float[] all = backbone.inUse(() -> Scopes.withoutGradients(() -> maskfeat.torch.Arrays.floats(
                backbone.encode(backbone.embed(pixels.of(clips)), last).get(0).patchMean())));
        int width = all.length / clips.size();
        return IntStream.range(0, clips.size())
                .mapToObj(i -> Arrays.copyOfRange(all, i * width, (i + 1) * width))
                .toList();
    }
}
