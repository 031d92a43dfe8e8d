package maskfeat.mask;

/**
 * The draws of Python's {@code random} module after {@code random.seed(seed)}.
 *
 * <p>Matsumoto and Nishimura 1998 (MT19937), seeded by an array of one word; CPython makes a double of 27 and 26 bits,
 * and a whole number of just as many bits as needed, until one is small enough.
 */
final class PythonDraws implements Draws {
    private static final int N = 624;
    private static final int M = 397;

    private final int[] state = new int[N];
    private int next = N;

    PythonDraws(int seed) {
        state[0] = 19_650_218;
        for (int i = 1; i < N; i++) {
            state[i] = 1_812_433_253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
        }
        int i = 1;
        for (int k = 0; k < N; k++) {
            state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >>> 30)) * 1_664_525)) + seed;
            i = following(i);
        }
        for (int k = 0; k < N - 1; k++) {
            state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >>> 30)) * 1_566_083_941)) - i;
            i = following(i);
        }
        state[0] = 0x80000000;
    }

    private int following(int i) {
        if (i < N - 1) {
            return i + 1;
        }
        state[0] = state[N - 1];
        return 1;
    }

    @Override
    public double uniform(double a, double b) {
        long high = bits(27);
        long low = bits(26);
        return a + (b - a) * ((high << 26) + low) / (1L << 53);
    }

    @Override
    public int randint(int first, int last) {
        int count = last - first + 1;
        int length = Integer.SIZE - Integer.numberOfLeadingZeros(count);
        int drawn = bits(length);
        while (drawn >= count) {
            drawn = bits(length);
        }
        return first + drawn;
    }

    private int bits(int count) {
        return word() >>> (Integer.SIZE - count);
    }

    private int word() {
        if (next == N) {
            for (int i = 0; i < N; i++) {
                int y = (state[i] & 0x80000000) | (state[(i + 1) % N] & 0x7fffffff);
                state[i] = state[(i + M) % N] ^ (y >>> 1) ^ ((y & 1) == 0 ? 0 : 0x9908b0df);
            }
            next = 0;
        }
        int y = state[next++];
        y ^= y >>> 11;
        y ^= (y << 7) & 0x9d2c5680;
        y ^= (y << 15) & 0xefc60000;
        return y ^ (y >>> 18);
    }
}
