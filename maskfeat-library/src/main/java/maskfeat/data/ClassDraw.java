package maskfeat.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import maskfeat.data.Seeds.Purpose;
import maskfeat.disk.Uris;
import org.jspecify.annotations.Nullable;

/**
 * Draws items of each class. A seed puts the items of a class in one order: items for training are taken from its front,
 * items to hold out from its back. So a smaller draw is part of a larger one, and neither the number of items for training
 * nor the share held out changes which the other takes, while there are enough for both.
 *
 * <p>An item's place in the order depends on the seed and on its path below the folder that holds all items. Where that
 * folder lies, whether a list names the items and what other classes there are changes nothing; another item in a class
 * moves at most one out of a draw.
 */
final class ClassDraw {
    private final Dataset data;
    private final List<List<Item>> byLabel; // each item once, as drawn

    ClassDraw(Dataset data, long seed) {
        this.data = data;
        this.byLabel = new ArrayList<>();
        data.classes().forEach(name -> byLabel.add(new ArrayList<>()));
        Set<Item> distinct = new HashSet<>();
        Map<Item, Long> keys = new HashMap<>();
        Path root = root(data.items());
        Seeds seeds = new Seeds(seed);
        for (Item item : data.items()) {
            if (distinct.add(item)) {
                byLabel.get(item.label()).add(item);
                Path path = root == null ? whole(item) : root.relativize(whole(item));
                keys.put(
                        item,
                        seeds.of(Purpose.SPLIT, 0, hash(FolderWalk.slashed(path)))
                                .nextLong());
            }
        }
        byLabel.forEach(items -> items.sort(Comparator.comparing(keys::get)));
    }

    /** How many different items a class has. */
    int count(int label) {
        return byLabel.get(label).size();
    }

    /** So many of each class from the front, in the order of the data set. */
    List<Item> front(IntUnaryOperator count) {
        Set<Item> taken = new HashSet<>();
        for (int label = 0; label < byLabel.size(); label++) {
            taken.addAll(byLabel.get(label).subList(0, count.applyAsInt(label)));
        }
        return inOrder(taken);
    }

    /** So many of each class from the back, in the order of the data set. */
    List<Item> back(IntUnaryOperator count) {
        Set<Item> taken = new HashSet<>();
        for (int label = 0; label < byLabel.size(); label++) {
            List<Item> items = byLabel.get(label);
            taken.addAll(items.subList(items.size() - count.applyAsInt(label), items.size()));
        }
        return inOrder(taken);
    }

    private List<Item> inOrder(Collection<Item> items) {
        return data.items().stream().distinct().filter(items::contains).toList();
    }

    /** The deepest folder that holds all items; null where they lie on two drives. */
    private static @Nullable Path root(List<Item> items) {
        Path root = whole(items.get(0)).resolveSibling("");
        for (Item item : items) {
            Path file = whole(item);
            while (!Uris.liesIn(root, file)) {
                root = root.getParent();
                if (root == null) {
                    return null;
                }
            }
        }
        return root;
    }

    private static Path whole(Item item) {
        return item.file().toAbsolutePath().normalize();
    }

    /** FNV-1a of 64 bits, over characters. */
    private static long hash(String text) {
        long hash = 0xCBF29CE484222325L;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001B3L;
        }
        return hash;
    }
}
