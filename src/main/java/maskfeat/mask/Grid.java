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

    /**
     * Brings a mask of this grid to another one: each token there is hidden if the nearest here is, as SlowFast resizes
     * masks.
     *
     * @param hidden [size()], not changed
     * @return [to.size()]
     */
    public boolean[] resize(boolean[] hidden, Grid to) {
        boolean[] resized = new boolean[to.size()];
        for (int token = 0; token < resized.length; token++) {
            int column = token % to.w;
            int row = token / to.w % to.h;
            int time = token / (to.w * to.h);
            resized[token] = hidden[index(time * t / to.t, row * h / to.h, column * w / to.w)];
        }
        return resized;
    }

    @Override
    public String toString() {
        return t == 1 ? h + "x" + w : t + "x" + h + "x" + w;
    }
}
