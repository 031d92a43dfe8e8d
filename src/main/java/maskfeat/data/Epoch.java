package maskfeat.data;

import java.util.random.RandomGenerator;
import maskfeat.data.Seeds.Purpose;

/** The order of one pass over the data. */
final class Epoch {
    private Epoch() {}

    /** A permutation of 0 to size - 1 that hangs on seed and epoch alone (Fisher and Yates). */
    static int[] order(Seeds seeds, long epoch, int size) {
        RandomGenerator random = seeds.of(Purpose.ORDER, epoch, 0);
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
