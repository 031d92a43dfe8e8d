package maskfeat.torch;

import org.bytedeco.javacpp.Pointer;

/** How many native objects are held, as JavaCPP counts them. */
public final class Handles {
    private static final int MOST_ROUNDS = 200;

    private Handles() {}

    /**
     * The number once the garbage of earlier tests is gone, so that it cannot hide what the next lines leave behind.
     * What must not leave anything to the garbage collector is then held against {@link #now}.
     */
    public static long settled() throws InterruptedException {
        long count = now();
        int same = 0;
        for (int round = 0; same < 3 && round < MOST_ROUNDS; round++) {
            System.gc();
            Thread.sleep(10);
            same = now() == count ? same + 1 : 0;
            count = now();
        }
        return count;
    }

    /** The number now, garbage included. */
    public static long now() {
        return Pointer.totalCount();
    }
}
