package maskfeat.mask;

/**
 * A grid of tokens: t steps of time, h rows, w columns. Tokens are ordered by time, then row, then column.
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

    /** Index of the token at a position. */
    public int index(int time, int row, int column) {
        return (time * h + row) * w + column;
    }

    /**
     * Resizes a mask of this grid to another one: each token takes the value of the token at its position, rounded
     * down.
     *
     * <p>The rule of PyTorch's nearest interpolation, {@code floor(to * in / out)} on each axis, time included.
     *
     * @param mask [t * h * w] in the order of {@link #index}
     * @param to the other grid, finer or coarser; on a coarser one each token takes one old value, not the majority
     * @return [to.t * to.h * to.w], a new array
     * @throws IllegalArgumentException if the mask does not have {@link #size} tokens
     */
    public boolean[] resize(boolean[] mask, Grid to) {
        if (mask.length != size()) {
            throw new IllegalArgumentException(
                    "a mask of the token grid " + this + " has " + size() + " tokens; this one has " + mask.length);
        }
        boolean[] resized = new boolean[to.size()];
        int token = 0;
        for (int time = 0; time < to.t; time++) {
            for (int row = 0; row < to.h; row++) {
                for (int column = 0; column < to.w; column++) {
                    resized[token++] = mask[index(time * t / to.t, row * h / to.h, column * w / to.w)];
                }
            }
        }
        return resized;
    }

    @Override
    public String toString() {
        return t == 1 ? h + "x" + w : t + "x" + h + "x" + w;
    }
}
