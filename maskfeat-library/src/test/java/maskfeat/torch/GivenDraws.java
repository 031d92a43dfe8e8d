package maskfeat.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.PointerScope;

/**
 * Settles what libtorch's generator draws next, by writing the state of its Mersenne twister: so that a test runs the
 * real code with the chances of another run.
 */
public final class GivenDraws {
    private static final int WORDS = 624;
    private static final int LEFT = 8; // in bytes, after the seed; then a flag, the place of the next word, the words
    private static final int NEXT = 16;
    private static final int STATE = 24;

    private GivenDraws() {}

    /** The next uniform numbers in float32: almost 1 where true, 0 where false. */
    public static void next(boolean... high) {
        assertThat(high).as("draws that fit into the state").hasSizeLessThan(WORDS);
        Generators.seed(0);
        byte[] bytes = Generators.state();
        ByteBuffer state = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        state.putInt(LEFT, WORDS);
        state.putLong(NEXT, 0);
        int word = highWord();
        for (int i = 0; i < high.length; i++) {
            state.putLong(STATE + Long.BYTES * i, high[i] ? Integer.toUnsignedLong(word) : 0);
        }
        Generators.restore(bytes);
        try (PointerScope scope = new PointerScope()) {
            float[] drawn = Arrays.floats(
                    Arrays.zeros(RandomTensors.normal(0, 1), high.length).uniform_());
            for (int i = 0; i < high.length; i++) {
                assertThat(drawn[i]).as("draw " + i).isBetween(high[i] ? 0.99f : 0, high[i] ? Math.nextDown(1f) : 0);
            }
        }
        Generators.restore(bytes);
    }

    /** A word whose last 24 bits, which make a float, are nearly all set once it is tempered. */
    private static int highWord() {
        int word = 1;
        while ((tempered(word) & 0xFFFFFF) < 0.999 * 0xFFFFFF) {
            word++;
        }
        return word;
    }

    /** Matsumoto and Nishimura 1998, section 2.1. */
    private static int tempered(int y) {
        y ^= y >>> 11;
        y ^= y << 7 & 0x9D2C5680;
        y ^= y << 15 & 0xEFC60000;
        return y ^ y >>> 18;
    }
}
