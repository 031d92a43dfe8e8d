package maskfeat.data;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Randomness as a function of (seed, epoch, sample, purpose): threads, their order and a resumed run change nothing.
 *
 * @param seed of the run
 */
public record Seeds(long seed) {
    /** What a random number is drawn for. Each draws from a stream of its own. */
    public enum Purpose {
        ORDER,
        AUGMENT,
        MASK,
        REPLACE,
        CLIP,
        ERASE,
        MIX,
        SPLIT,
        SECOND_VIEW,
        DROP
    }

    /** The stream for a sample of an epoch. Adding a purpose leaves the streams of the others as they are. */
    public RandomGenerator of(Purpose purpose, long epoch, long index) {
        long state = mix(seed);
        state = mix(state ^ purpose.name().hashCode());
        state = mix(state ^ epoch);
        state = mix(state ^ index);
        return new SplittableRandom(state);
    }

    /**
     * All streams of one sample.
     *
     * @param copy of the item in the same epoch, counted from 0, where it comes several times
     */
    public Draws of(long epoch, long index, int copy) {
        return new Draws(copy == 0 ? this : new Seeds(mix(seed ^ copy)), epoch, index);
    }

    /** The streams of one sample, each from its beginning. */
    public record Draws(Seeds seeds, long epoch, long index) {
        /** The stream for a purpose. */
        public RandomGenerator of(Purpose purpose) {
            return seeds.of(purpose, epoch, index);
        }
    }

    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    /** A step of SplitMix64 (Steele et al. 2014, figure 16): every bit of the result depends on every bit of z. */
    private static long mix(long z) {
        z += GOLDEN_GAMMA;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
