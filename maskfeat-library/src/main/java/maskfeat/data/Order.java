package maskfeat.data;

/** In which order the items come in each pass over the data: a function of the epoch, called by one thread or many. */
@FunctionalInterface
public interface Order {
    /**
     * The order of one epoch.
     *
     * @param epoch counted from 0
     * @return [size], indices of items
     */
    int[] of(long epoch);

    /** Every item once an epoch, in an order that depends on seed and epoch alone. */
    static Order shuffled(Seeds seeds, int size) {
        return epoch -> Epoch.order(seeds, epoch, size);
    }

    /**
     * As many items an epoch as there are, the classes equally often whatever their sizes.
     *
     * <p>Where the number of classes does not divide that of items, the classes take turns in having one more. Items of a
     * class come in rounds, each once a round in an order of its own, and rounds go on from epoch to epoch; so of a large
     * class another part comes each epoch, and of a small one all come several times. Classes without an item do not
     * count.
     *
     * @param labels [size], the class of each item
     * @throws IllegalArgumentException if a label is negative
     */
    static Order balanced(Seeds seeds, int[] labels) {
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0) {
                throw new IllegalArgumentException(
                        "item " + i + " has the label " + labels[i] + "; only labelled items can be balanced by class");
            }
        }
        int[] copy = labels.clone();
        return epoch -> Epoch.balanced(seeds, epoch, copy);
    }
}
