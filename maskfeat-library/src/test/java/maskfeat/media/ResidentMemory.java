package maskfeat.media;

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
     * Bytes that one round adds: the second least over some rounds, after two to warm up. A leak adds in every round;
     * the Java heap, which counts too, grows in some and is collected before each look.
     */
    static long growth(int rounds, Work work) throws IOException {
        work.run();
        work.run();
        long[] growth = new long[rounds];
        for (int i = 0; i < rounds; i++) {
            long before = settled();
            work.run();
            growth[i] = settled() - before;
        }
        Arrays.sort(growth);
        return growth[1];
    }

    private static long settled() {
        System.gc();
        return Pointer.physicalBytes();
    }
}
