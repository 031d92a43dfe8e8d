package maskfeat.run;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import maskfeat.data.Dataset;
import maskfeat.data.Item;
import maskfeat.data.Splits;
import maskfeat.data.Subset;

/**
 * What features are measured on while they are learned. The same in every part of a run.
 *
 * @param measured items whose features are measured
 * @param known labelled items among which their nearest neighbours are looked for; empty for the other items of {@code measured}.
 *     None of these is among them
 */
record FeatureItems(Dataset measured, Optional<Dataset> known) {
    /** @param count items at most, of each */
    static FeatureItems of(RunData data, int count) {
        if (data.features().isEmpty()) {
            return new FeatureItems(some(data.train(), count), Optional.empty());
        }
        Dataset other = data.features().get();
        boolean sameClasses = Splits.isLabelled(other)
                && Splits.isLabelled(data.train())
                && other.classes().equals(data.train().classes());
        Dataset measured = some(other, count);
        return new FeatureItems(measured, sameClasses ? known(data.train(), measured, count) : Optional.empty());
    }

    /** An item would find itself: those that are measured are left out, and where then too few are left, so are all. */
    private static Optional<Dataset> known(Dataset train, Dataset measured, int count) {
        Set<Path> same = measured.items().stream().map(FeatureItems::place).collect(Collectors.toSet());
        List<Item> others = train.items().stream()
                .filter(item -> !same.contains(place(item)))
                .toList();
        if (others.size() == train.size()) {
            return Optional.of(some(train, count));
        }
        return others.size() < measured.size()
                ? Optional.empty()
                : Optional.of(some(Subset.of(train, others, train.classes()), count));
    }

    private static Path place(Item item) {
        return item.file().toAbsolutePath().normalize();
    }

    /** Evenly over the data: of folders of classes, some of each. */
    private static Dataset some(Dataset data, int count) {
        int size = data.size();
        int taken = Math.min(count, size);
        List<Item> items = IntStream.range(0, taken)
                .mapToObj(i -> data.items().get((int) ((long) i * size / taken)))
                .toList();
        return Subset.of(data, items, data.classes());
    }

    /** Whether there is something for neighbours to tell. */
    boolean haveClasses() {
        return Splits.isLabelled(measured);
    }

    /** How many go through the network. */
    int count() {
        return measured.size() + known.map(Dataset::size).orElse(0);
    }

    /** In words, such as "400 images of /data/val, by neighbours among 400 that are trained on". */
    String text() {
        String classes = !haveClasses()
                ? ", which have no classes"
                : known.map(others -> ", by neighbours among " + others.size() + " that are trained on")
                        .orElse(", by neighbours among themselves");
        return measured.counted() + " of " + measured.place() + classes;
    }
}
