package maskfeat.report;

/** The caption of a sample beside its panels. */
final class Caption {
    private Caption() {}

    /**
     * @param hidden true = hidden from the network
     * @param loss NaN to leave it out
     */
    static String of(String name, boolean[] hidden, double loss) {
        String text = name + "  \u00b7  " + hiddenPerCent(hidden) + "% hidden";
        return Double.isNaN(loss) ? text : text + "  \u00b7  loss " + Numbers.loss(loss);
    }

    /** What share is hidden, in per cent, rounded. */
    static int hiddenPerCent(boolean[] hidden) {
        int count = 0;
        for (boolean token : hidden) {
            count += token ? 1 : 0;
        }
        return (int) Math.round(100.0 * count / hidden.length);
    }
}
