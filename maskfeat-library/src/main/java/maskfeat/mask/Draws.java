package maskfeat.mask;

import java.util.random.RandomGenerator;

/** The two draws that mask rules make, so that tests can replay those of the official generators. */
interface Draws {
    /** A number between the two, which may be given in either order. */
    double uniform(double a, double b);

    /** A whole number from first to last, both included. */
    int randint(int first, int last);

    /** Draws from a generator. */
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
