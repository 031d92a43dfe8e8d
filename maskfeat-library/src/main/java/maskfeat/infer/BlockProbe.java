package maskfeat.infer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import maskfeat.data.Dataset;
import maskfeat.data.Item;
import maskfeat.data.Splits;
import maskfeat.eval.Evaluation;
import maskfeat.eval.NearestNeighbours;
import maskfeat.eval.Prediction;
import maskfeat.task.LinearProbe;
import org.bytedeco.pytorch.Device;

/**
 * The accuracy of a linear probe and of nearest neighbours on the features after a block.
 *
 * @param block counted from 0; {@link #HOG} of the picture itself
 * @param probe the linear classifier
 * @param linear its evaluation on the held-out items
 * @param k number of neighbours that vote
 * @param neighbours evaluation of the vote on the held-out items
 */
public record BlockProbe(int block, LinearProbe probe, Evaluation linear, int k, Evaluation neighbours) {
    /** Stands for a block where the features are those of {@link HogFeatures}. */
    public static final int HOG = -1;

    private static final List<Integer> NEIGHBOURS = List.of(1, 5, 10, 20, 50, 100);

    /**
     * Trains a linear classifier and chooses the number of neighbours on the training items, and evaluates both on
     * held-out ones.
     *
     * @param block after which the features were taken, counted from 0, or {@link #HOG}
     * @param train [N][C], features of the training items in their order
     * @param measured [M][C], features of {@code held} in their order
     * @param seed of the folds and the order of training
     * @param progress told of the steps of training
     */
    public static BlockProbe of(
            int block,
            Splits splits,
            float[][] train,
            Dataset held,
            float[][] measured,
            long seed,
            Device device,
            Progress progress) {
        int[] labels = splits.train().items().stream().mapToInt(Item::label).toArray();
        int classes = splits.classes().size();
        LinearProbe probe =
                LinearProbe.train(train, labels, classes, LinearProbe.Config.defaults(), seed, device, progress::at);
        NearestNeighbours nearest = new NearestNeighbours(train, labels, classes);
        int k = nearest.chooseK(NEIGHBOURS.stream()
                .mapToInt(Integer::intValue)
                .filter(each -> each < labels.length)
                .toArray());
        return new BlockProbe(
                block,
                probe,
                evaluated(splits.classes(), held, probe.scores(measured)),
                k,
                evaluated(splits.classes(), held, nearest.scores(measured, k)));
    }

    private static Evaluation evaluated(List<String> classes, Dataset held, float[][] scores) {
        return Evaluation.of(
                classes,
                IntStream.range(0, scores.length)
                        .mapToObj(i -> {
                            Item item = held.items().get(i);
                            return new Prediction(held.name(item), item.label(), scores[i]);
                        })
                        .toList());
    }

    /** Where the features come from, in a word: the number of the block, or {@code HOG}. */
    public String source() {
        return block == HOG ? "HOG" : Integer.toString(block);
    }

    /** Remarks on how the settings were chosen, one sentence each. */
    public List<String> remarks(Splits splits) {
        int usual = LinearProbe.Config.defaults().folds();
        if (probe.folds() == usual) {
            return List.of();
        }
        return List.of("the learning rate is chosen by " + probe.folds() + " folds instead of " + usual
                + ": a class has too few items for training among the "
                + splits.train().size());
    }

    /** Figures of the last block and, if there are several, of each block; in per cent, losses in nats. */
    public static Map<String, Double> figures(List<BlockProbe> probes) {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.putAll(probes.get(probes.size() - 1).figures(""));
        if (probes.size() > 1) {
            probes.forEach(probe -> figures.putAll(probe.figures("@" + probe.block)));
        }
        return figures;
    }

    private Map<String, Double> figures(String suffix) {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("probe/top1" + suffix, 100 * linear.top1());
        figures.put("probe/top5" + suffix, 100 * linear.top5());
        figures.put("probe/mean_class" + suffix, 100 * linear.meanClassAccuracy());
        figures.put("probe/loss" + suffix, linear.loss());
        figures.put("probe/cross_validated_top1" + suffix, 100 * probe.chosen().top1());
        figures.put("knn/top1" + suffix, 100 * neighbours.top1());
        figures.put("knn/top5" + suffix, 100 * neighbours.top5());
        return figures;
    }
}
