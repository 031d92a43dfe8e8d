package maskfeat.torch;

import org.bytedeco.pytorch.global.torch;

/** How many threads libtorch's kernels use. */
public final class Threads {
    static {
        Natives.ready();
    }

    private Threads() {}

    /**
     * Sets the number of threads for kernels called from this thread.
     *
     * @param count 1 or more; 0 leaves libtorch's default: {@code OMP_NUM_THREADS} if set, otherwise all cores
     */
    public static void use(int count) {
        if (count > 0) {
            torch.set_num_threads(count);
        }
    }

    /** Whether {@code OMP_NUM_THREADS} says how many there are to be. */
    public static boolean areGiven() {
        return System.getenv("OMP_NUM_THREADS") != null;
    }

    /** The number of threads in use. */
    public static int count() {
        return torch.get_num_threads();
    }
}
