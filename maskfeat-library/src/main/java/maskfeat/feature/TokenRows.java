package maskfeat.feature;

import maskfeat.mask.Grid;

/** Checks that images, masks and features fit a grid of tokens. */
final class TokenRows {
    private TokenRows() {}

    /**
     * Checks that frames divide into a grid of patches and that {@code out} has room for the hidden tokens' features.
     *
     * @return number of frames per token
     * @throws IllegalArgumentException if not, naming both
     */
    static int framesEach(
            PixelSource pixels, Grid grid, int patch, boolean[] hidden, int dim, float[] out, int offset) {
        if (pixels.height() != grid.h() * patch
                || pixels.width() != grid.w() * patch
                || pixels.frames() % grid.t() != 0) {
            throw new IllegalArgumentException("a clip of " + pixels.frames() + " frames of " + pixels.height() + " x "
                    + pixels.width() + " px does not divide into a grid of " + grid + " tokens of " + patch
                    + " px, which needs " + grid.h() * patch + " x " + grid.w() * patch + " px and a multiple of "
                    + grid.t() + " frames");
        }
        if (hidden.length != grid.size()) {
            throw new IllegalArgumentException(
                    "a mask of " + hidden.length + " tokens does not fit a grid of " + grid + " = " + grid.size());
        }
        long wanted = 0;
        for (boolean isHidden : hidden) {
            wanted += isHidden ? dim : 0;
        }
        if (offset < 0 || offset + wanted > out.length) {
            throw new IllegalArgumentException(wanted + " features, " + dim
                    + " per hidden token, do not fit into an array of " + out.length + " at offset " + offset);
        }
        return pixels.frames() / grid.t();
    }

    /**
     * Checks that features fit a grid.
     *
     * @return index of the first token of a step of time
     * @throws IllegalArgumentException if they do not, or the grid has no such step
     */
    static int firstAt(int time, Grid grid, float[] features, int dim) {
        if (features.length != (long) grid.size() * dim) {
            throw new IllegalArgumentException(features.length + " features do not fit a grid of " + grid
                    + " tokens with " + dim + " each, " + (long) grid.size() * dim);
        }
        if (time < 0 || time >= grid.t()) {
            throw new IllegalArgumentException("a grid of " + grid + " tokens has no step of time " + time);
        }
        return grid.index(time, 0, 0);
    }
}
