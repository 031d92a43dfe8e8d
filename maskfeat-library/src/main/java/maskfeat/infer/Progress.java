package maskfeat.infer;

/** Receives the progress of work on many items. */
@FunctionalInterface
public interface Progress {
    /**
     * @param done number of finished items
     * @param of number of all items
     */
    void at(int done, int of);
}
