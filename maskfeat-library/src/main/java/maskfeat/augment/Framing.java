package maskfeat.augment;

/**
 * How a picture of any shape becomes the square that a network reads: what programs do differently before they cut the
 * middle out.
 *
 * @param stretch whether the whole picture becomes a square, whatever its shape, rather than keep its shape
 * @param middle where the middle is if one pixel cannot be shared out
 */
public record Framing(boolean stretch, Middle middle) {
    /** Of SlowFast's tests of video, and of what is trained here: the shape is kept. */
    public static final Framing USUAL = new Framing(false, Middle.UP);

    /** Which of two pixels the middle begins at. */
    public enum Middle {
        /** The later: SlowFast. */
        UP,
        /** The even one: torchvision and timm, as Python rounds. */
        EVEN,
        /** The earlier: transformers. */
        DOWN;

        /** Where the middle begins. */
        int of(int length, int side) {
            int left = length - side;
            return switch (this) {
                case UP -> (left + 1) / 2;
                case EVEN -> (int) Math.rint(left / 2.0);
                case DOWN -> left / 2;
            };
        }
    }
}
