package maskfeat.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import org.bytedeco.javacpp.Pointer;

/** How much memory the process keeps. */
final class ResidentMemory {
    /** Something done over and over. */
    interface Work {
        void run() throws IOException;
    }

    private ResidentMemory() {}

    /**
     * Bytes that one round adds: the median over an odd number of rounds, after two to warm up. A leak adds in every
     * round; the Java heap grows or shrinks in single ones.
     */
    static long growth(int rounds, Work work) throws IOException {
        // Turns the Java heap over, so that its pages are resident before the first look.
        long turnedOver = 0;
        for (int i = 0; i < 4096; i++) {
            turnedOver += new byte[1 << 19].length;
        }
        assertThat(turnedOver).isPositive();
        work.run();
        work.run();
        long[] growth = new long[rounds];
        for (int i = 0; i < rounds; i++) {
            long before = Pointer.physicalBytes();
            work.run();
            growth[i] = Pointer.physicalBytes() - before;
        }
        Arrays.sort(growth);
        return growth[rounds / 2];
    }
}
