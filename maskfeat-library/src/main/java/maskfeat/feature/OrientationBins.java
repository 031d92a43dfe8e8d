package maskfeat.feature;

/**
 * The orientation bin that a gradient votes for: {@code floor(atan2(gx, gy) / pi * bins) mod bins}, in float32.
 *
 * <p>The angle is measured from the vertical and opposite directions share a bin, so bins cover half a turn. An
 * arctangent per pixel would be most of the cost of the histograms. Instead, the share
 * {@code s = |gx| / (|gx| + |gy|)}, which grows with the angle within a quarter turn, selects the bin from a table of
 * {@link #STEPS} cells per quarter. Cells with a bin boundary in them or within a cell's width hold {@link #UNSURE};
 * for these the arctangent is computed as in the official code. A cell covers an angle of at least 1/2048, about a
 * thousand times the rounding error of share and arctangent together, so the table never disagrees with the arctangent.
 */
final class OrientationBins {
    static final int STEPS = 2048;

    private static final int UNSURE = -1;
    private static final float PI = 3.1415927f;

    private final int bins;
    /**
     * [2, 2 * STEPS]: the quarter turns where gx and gy have equal and opposite signs; the upper half of each is
     * unused.
     */
    private final short[] table = new short[4 * STEPS];

    OrientationBins(int bins) {
        this.bins = bins;
        for (int step = 0; step <= STEPS; step++) {
            table[step] = certain(angle(step - 1), angle(step + 2));
            table[2 * STEPS + step] = certain(Math.PI - angle(step + 2), Math.PI - angle(step - 1));
        }
    }

    private static double angle(int step) {
        double share = (double) step / STEPS;
        return Math.atan2(share, 1 - share);
    }

    private short certain(double from, double to) {
        double first = Math.floor(from / Math.PI * bins);
        double last = Math.floor(to / Math.PI * bins);
        return first == last ? (short) first : UNSURE;
    }

    /** The share for {@link #of}. NaN for no gradient, 0 on overflow: both lead to an unsure cell. */
    static float share(float gx, float gy) {
        return Math.abs(gx) / (Math.abs(gx) + Math.abs(gy));
    }

    /** The bin of a gradient. The caller passes its {@link #share}, because a loop over a row computes it faster. */
    int of(float gx, float gy, float share) {
        int opposite = (Float.floatToRawIntBits(gx) ^ Float.floatToRawIntBits(gy)) >>> 31;
        int bin = table[opposite * 2 * STEPS + (int) (share * STEPS)];
        return bin == UNSURE ? exact(gx, gy) : bin;
    }

    /** The bin as the official code computes it on a CPU, with the arctangent rounded to float32 before scaling. */
    int exact(float gx, float gy) {
        if (gx == 0) {
            return 0; // phase is exactly 0 or +-bins; common in 8-bit images, and in the first and last column
        }
        float phase = (float) Math.atan2((double) gx, (double) gy) / PI * bins;
        return Math.floorMod((int) Math.floor(phase), bins);
    }
}
