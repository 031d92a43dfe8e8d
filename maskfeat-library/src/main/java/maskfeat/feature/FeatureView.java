package maskfeat.feature;

/** Features of one frame, arranged like the image for drawing. */
@SuppressWarnings("ArrayRecordComponent") // views are drawn, never compared
public sealed interface FeatureView {
    /**
     * Orientation histograms.
     *
     * @param rows cells down
     * @param columns cells across
     * @param bins orientations over half a turn; bin b covers gradients at b..b+1 of 180/bins degrees from the vertical
     * @param values [rows, columns, bins], at least 0, averaged over the colours
     */
    record Histograms(int rows, int columns, int bins, float[] values) implements FeatureView {}

    /**
     * Colours.
     *
     * @param height in pixels
     * @param width in pixels
     * @param values [height, width, 3], in the units of the target, not limited to a range
     */
    record Pixels(int height, int width, float[] values) implements FeatureView {}

    /**
     * Colours that stand for what cells have, such as the same colour for the same class.
     *
     * @param name of what is shown, for a title, such as "token"
     * @param rows cells down
     * @param columns cells across
     * @param values [rows, columns, 3], in any unit, not limited to a range
     */
    record Cells(String name, int rows, int columns, float[] values) implements FeatureView {}
}
