package maskfeat.sample;

import java.util.Random;

/** Pseudo-random numbers that depend only on their arguments, not on threads, order or platform. */
final class SampleNoise {
    private SampleNoise() {}

    /**
     * Mixes bits: every bit of the result depends on every bit of the argument (finalizer of SplitMix64, Steele et al.
     * 2014).
     */
    static long mix(long bits) {
        long z = bits + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** A different seed for each key. */
    static long seed(long seed, long... key) {
        long mixed = mix(seed);
        for (long part : key) {
            mixed = mix(mixed ^ part);
        }
        return mixed;
    }

    /** Nearly normal noise with mean 0 and deviation 1: the sum of four 16-bit numbers. */
    static double grain(long bits) {
        long mixed = mix(bits);
        long sum = (mixed & 0xFFFF) + (mixed >>> 16 & 0xFFFF) + (mixed >>> 32 & 0xFFFF) + (mixed >>> 48);
        return (sum - 2 * 65535.0) * (1 / 37837.2);
    }

    // The algorithm of java.util.Random is specified, but that of its methods for ranges differs between releases.
    static double between(Random random, double low, double high) {
        return low + (high - low) * random.nextDouble();
    }

    static double sign(Random random) {
        return random.nextBoolean() ? 1 : -1;
    }

    static <T> T oneOf(Random random, T[] choices) {
        return choices[random.nextInt(choices.length)];
    }
}
