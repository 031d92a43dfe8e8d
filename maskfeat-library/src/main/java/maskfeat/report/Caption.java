package maskfeat.report;

/** The caption of a sample beside its panels. */
final class Caption {
    private Caption() {}

    /**
     * @param hidden true = hidden from the network
     * @param loss NaN to leave it out
     */
    static String of(String name, boolean[] hidden, double loss) {
        int count = 0;
        for (boolean token : hidden) {
            count += token ? 1 : 0;
        }
        String text = Numbers.format("%s  \u00b7  %.0f%% hidden", name, 100.0 * count / hidden.length);
        return Double.isNaN(loss) ? text : text + "  \u00b7  loss " + Numbers.loss(loss);
    }
}
