package maskfeat.mask;

/**
 * A grid of tokens: t steps of time, h rows, w columns. Tokens are numbered time first, then row, then column.
 *
 * @param t steps of time; 1 for an image
 * @param h rows
 * @param w columns
 */
public record Grid(int t, int h, int w) {
    public Grid {
        if (t < 1 || h < 1 || w < 1) {
            throw new IllegalArgumentException("token grid " + t + " x " + h + " x " + w + " must not be empty");
        }
    }

    /** The grid of an image. */
    public static Grid of(int h, int w) {
        return new Grid(1, h, w);
    }

    /** Number of tokens. */
    public int size() {
        return t * h * w;
    }

    /** Number of the token at a place. */
    public int index(int time, int row, int column) {
        return (time * h + row) * w + column;
    }

    @Override
    public String toString() {
        return t == 1 ? h + "x" + w : t + "x" + h + "x" + w;
    }
}
