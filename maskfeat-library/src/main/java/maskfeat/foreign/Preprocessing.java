package maskfeat.foreign;

/**
 * How another program prepares pictures for a network of its own.
 *
 * @param resized to how many pixels the short side is brought, or both sides where the picture is stretched
 * @param side of the square that is cut out of the middle, in pixels
 * @param filter that resizes
 * @param stretched whether the whole picture becomes a square, whatever its shape
 * @param middle where the middle is if one pixel cannot be shared out
 * @param where it is written, such as {@code preprocessor_config.json}
 */
public record Preprocessing(int resized, int side, Filter filter, boolean stretched, Middle middle, String where) {
    /** Pillow's filters. */
    public enum Filter {
        LANCZOS,
        BILINEAR,
        BICUBIC,
        BOX,
        HAMMING
    }

    /** Which of two pixels the middle begins at. */
    public enum Middle {
        /** The even one: timm. */
        EVEN,
        /** The earlier: transformers. */
        DOWN
    }
}
