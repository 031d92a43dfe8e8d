package maskfeat.feature;

import maskfeat.mask.Grid;

/** Whether pictures, masks and features fit a grid of tokens. */
final class TokenRows {
    private TokenRows() {}

    /**
     * Checks that frames divide into a grid of patches and that there is room for the features of the hidden ones.
     *
     * @return frames a token covers
     * @throws IllegalArgumentException if not, naming both
     */
    static int framesEach(
            PixelSource pixels, Grid grid, int patch, boolean[] hidden, int dim, float[] out, int offset) {
        if (pixels.height() != grid.h() * patch
                || pixels.width() != grid.w() * patch
                || pixels.frames() % grid.t() != 0) {
            throw new IllegalArgumentException("a clip of " + pixels.frames() + " frames of " + pixels.height() + " x "
                    + pixels.width() + " px does not divide into a grid of " + grid + " tokens of " + patch
                    + " px, which wants " + grid.h() * patch + " x " + grid.w() * patch + " px and a multiple of "
                    + grid.t() + " frames");
        }
        if (hidden.length != grid.size()) {
            throw new IllegalArgumentException(
                    "a mask of " + hidden.length + " tokens is none of a grid of " + grid + " = " + grid.size());
        }
        long wanted = 0;
        for (boolean isHidden : hidden) {
            wanted += isHidden ? dim : 0;
        }
        if (offset < 0 || offset + wanted > out.length) {
            throw new IllegalArgumentException(wanted + " features, " + dim + " a hidden token, do not fit into "
                    + out.length + " numbers from number " + offset + " on");
        }
        return pixels.frames() / grid.t();
    }

    /**
     * Checks that features are those of a grid.
     *
     * @return number of the first token of a step of time
     * @throws IllegalArgumentException if they are not, or the grid has no such step
     */
    static int firstAt(int time, Grid grid, float[] features, int dim) {
        if (features.length != (long) grid.size() * dim) {
            throw new IllegalArgumentException(features.length + " features are not those of a grid of " + grid
                    + " tokens with " + dim + " each, " + (long) grid.size() * dim);
        }
        if (time < 0 || time >= grid.t()) {
            throw new IllegalArgumentException("a grid of " + grid + " tokens has no step of time " + time);
        }
        return grid.index(time, 0, 0);
    }
}
