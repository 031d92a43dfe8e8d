package maskfeat.infer;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import maskfeat.data.Dataset;
import maskfeat.data.Item;
import maskfeat.feature.HogTarget;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;
import maskfeat.network.Input;

/**
 * The HOG of whole pictures as features: what can be told from the target itself, with no network and nothing learned.
 *
 * <p>Histograms of every cell of the picture as a network would be shown it; of a clip the mean over its frames.
 */
public final class HogFeatures {
    private static final HogTarget.Config HOG = HogTarget.Config.paper();

    private final Input input;
    private final HogTarget target;
    private final int cells;

    /**
     * @param input how pictures are prepared
     * @throws IllegalArgumentException if its side does not divide into cells
     */
    public HogFeatures(Input input) {
        if (input.side() % HOG.cell() != 0) {
            throw new IllegalArgumentException("pictures of " + input.side() + " px do not divide into HOG's cells of "
                    + HOG.cell() + " px; take a network whose side does");
        }
        this.input = input;
        target = HOG.build(input.normalize(), HOG.cell());
        cells = input.side() / HOG.cell();
    }

    /** Number of features: cells times colours times bins. */
    public int dim() {
        return cells * cells * target.dim();
    }

    /**
     * The features of square frames of the network's size.
     *
     * @return [dim()], ordered by cell row, cell column, then as {@link HogTarget} orders a token
     */
    public float[] of(Frames squares) {
        Grid grid = new Grid(squares.count(), cells, cells);
        boolean[] all = new boolean[grid.size()];
        Arrays.fill(all, true);
        float[] ofFrames = new float[squares.count() * dim()];
        target.of(squares, grid, all, ofFrames, 0);
        float[] mean = new float[dim()];
        for (int i = 0; i < mean.length; i++) {
            double sum = 0;
            for (int frame = 0; frame < squares.count(); frame++) {
                sum += ofFrames[frame * mean.length + i];
            }
            mean[i] = (float) (sum / squares.count());
        }
        return mean;
    }

    /**
     * Features of all items of a data set, the mean over the views. An unreadable item is an error that names it.
     *
     * @param stopRequested checked between batches; true stops
     * @return [N][dim()], in the order of the data set; empty if stopped
     */
    public Optional<float[][]> features(
            Dataset dataset, Batching batching, BooleanSupplier stopRequested, Progress progress)
            throws IOException, InterruptedException {
        List<float[]> all = new ArrayList<>();
        boolean complete = ReadAhead.ofViews(dataset.items(), dataset::readView, input, batching)
                .through(
                        squares -> squares.stream().map(this::of).toList(),
                        (item, ofViews) -> {
                            all.add(mean(ofViews));
                            progress.at(all.size(), dataset.size());
                        },
                        HogFeatures::refuse,
                        stopRequested);
        return complete ? Optional.of(all.toArray(float[][]::new)) : Optional.empty();
    }

    private static void refuse(Item item, IOException why) throws IOException {
        throw why;
    }

    private static float[] mean(List<float[]> ofViews) {
        float[] mean = new float[ofViews.get(0).length];
        for (int i = 0; i < mean.length; i++) {
            double sum = 0;
            for (float[] view : ofViews) {
                sum += view[i];
            }
            mean[i] = (float) (sum / ofViews.size());
        }
        return mean;
    }
}
