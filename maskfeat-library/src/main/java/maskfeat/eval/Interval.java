package maskfeat.eval;

/**
 * Where a share lies.
 *
 * @param low lower end, 0 to 1
 * @param high upper end, 0 to 1
 */
public record Interval(double low, double high) {
    /** The 97.5 % quantile of the standard normal distribution: 2.5 % are left out on either side. */
    private static final double Z = 1.959963984540054;

    /** @throws IllegalArgumentException unless {@code 0 <= low <= high <= 1} */
    public Interval {
        if (!(0 <= low && low <= high && high <= 1)) {
            throw new IllegalArgumentException("an interval from " + low + " to " + high
                    + " must lie between 0 and 1 and not end before it begins");
        }
    }

    /**
     * The 95 % score interval of a share that was counted.
     *
     * <p>Wilson 1927, without correction for continuity: all p with {@code |hits/count - p| <= z sqrt(p (1 - p) /
     * count)}. It holds for small counts and for shares near 0 and 1, where the usual plus or minus does not. It
     * speaks of the draw of the items alone, not of that of the weights.
     *
     * @param hits 0 to count
     * @param count at least 1
     * @throws IllegalArgumentException if nothing was counted, or more hits than items
     */
    public static Interval wilson(long hits, long count) {
        if (count < 1 || hits < 0 || hits > count) {
            throw new IllegalArgumentException(hits + " of " + count + " is no share of at least one item");
        }
        double share = (double) hits / count;
        double spread = Z * Z / count;
        double centre = (share + spread / 2) / (1 + spread);
        double half = Math.sqrt(spread * (share * (1 - share) + spread / 4)) / (1 + spread);
        // Exactly 1 if all are correct; rounding would miss it.
        return new Interval(Math.max(0, centre - half), hits == count ? 1 : Math.min(1, centre + half));
    }
}
