package maskfeat.torch;

import org.bytedeco.pytorch.global.torch;

/** How many threads libtorch's kernels use. */
public final class Threads {
    private Threads() {}

    /**
     * Sets the number for all kernels called from this thread on.
     *
     * @param count 0 for {@code OMP_NUM_THREADS} where it is set, else all cores
     */
    public static void use(int count) {
        if (count > 0) {
            torch.set_num_threads(count);
        }
    }

    /** The number in use. */
    public static int count() {
        return torch.get_num_threads();
    }
}
