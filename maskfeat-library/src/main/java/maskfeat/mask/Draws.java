package maskfeat.mask;

import java.util.random.RandomGenerator;

/** The two kinds of random draws of mask rules, so that tests can replay those of the official generators. */
interface Draws {
    /** Uniform between the two bounds, in either order. */
    double uniform(double a, double b);

    /** A uniform whole number from first to last, both included. */
    int randint(int first, int last);

    /** Draws from a random generator. */
    static Draws from(RandomGenerator random) {
        return new Draws() {
            @Override
            public double uniform(double a, double b) {
                return a + (b - a) * random.nextDouble();
            }

            @Override
            public int randint(int first, int last) {
                return first + random.nextInt(last - first + 1);
            }
        };
    }
}
