package maskfeat.infer;

/** Is told how far work on many items is. */
@FunctionalInterface
public interface Progress {
    /**
     * @param done items that are done with
     * @param of all items
     */
    void at(int done, int of);
}
