package maskfeat.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import maskfeat.media.Frames;

/** Some items of a data set, perhaps with other labels and names of classes. Reading is the data set's own. */
public final class Subset implements Dataset {
    private final Dataset whole;
    private final List<Item> items;
    private final List<String> classes;

    private Subset(Dataset whole, List<Item> items, List<String> classes) {
        this.whole = whole;
        this.items = List.copyOf(items);
        this.classes = List.copyOf(classes);
    }

    /**
     * A view of a data set.
     *
     * @param items of {@code whole}, in any order, each with its label among {@code classes}
     * @throws IllegalArgumentException if there is no class of an item's label
     */
    public static Subset of(Dataset whole, List<Item> items, List<String> classes) {
        for (Item item : items) {
            if (item.label() < Item.UNLABELLED || item.label() >= classes.size()) {
                throw new IllegalArgumentException(item.file() + " has label " + item.label() + ", which is none of "
                        + classes.size() + " classes counted from 0");
            }
        }
        return new Subset(whole instanceof Subset subset ? subset.whole : whole, items, classes);
    }

    @Override
    public List<Item> items() {
        return items;
    }

    @Override
    public List<String> classes() {
        return classes;
    }

    @Override
    public Map<String, Integer> ignored() {
        return whole.ignored();
    }

    @Override
    public List<String> notices() {
        return whole.notices();
    }

    @Override
    public Path source() {
        return whole.source();
    }

    @Override
    public Frames read(Item item, RandomGenerator random) throws IOException {
        return whole.read(item, random);
    }

    @Override
    public Frames readView(Item item, int view, int views) throws IOException {
        return whole.readView(item, view, views);
    }

    @Override
    public int content(Item item) {
        return whole instanceof KeyFrameDataset ? whole.content(item) : item.label();
    }

    @Override
    public String noun() {
        return whole.noun();
    }
}
