package maskfeat.mask;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Builds a mask by hiding blocks of tokens one after the other. */
final class HiddenBlocks {
    /** A block that was hidden; {@code fresh} counts those of its tokens that were visible before. */
    record Cuboid(int t, int h, int w, int front, int top, int left, int fresh) {}

    /** Smallest height over width that the published rules draw (SlowFast, datasets/transform.py). */
    static final double MIN_ASPECT = 0.3;

    private static final int RECTANGLE_TRIES = 10; // SlowFast, MaskingGenerator
    private static final int CUBOID_TRIES = 100; // SlowFast, MaskingGenerator3D

    private final Grid grid;
    private final double logAspect;
    private final Draws draws;
    private final boolean[] hidden;
    private final List<Cuboid> accepted = new ArrayList<>();
    private int count;

    /** @param minAspect smallest height over width of a block; the largest is its inverse */
    HiddenBlocks(Grid grid, double minAspect, Draws draws) {
        this.grid = grid;
        this.logAspect = Math.log(minAspect);
        this.draws = draws;
        this.hidden = new boolean[grid.size()];
    }

    /**
     * Hides rectangles in the first step of time until the target is reached or no proposal fits. Never exceeds the
     * target.
     *
     * @param minArea of a rectangle, in tokens; smaller ones are drawn only if fewer remain to hide
     * @param maxArea most tokens that a rectangle hides
     */
    void fillRectangles(int target, int minArea, int maxArea) {
        while (count < target && hideRectangle(minArea, Math.min(target - count, maxArea))) {}
    }

    /** Proposes up to ten rectangles that hide at most {@code most} new tokens; false if none fits. */
    private boolean hideRectangle(int minArea, int most) {
        for (int i = 0; i < RECTANGLE_TRIES; i++) {
            // The order of draws is the official one. At the end of a mask, most is below minArea: the bounds swap.
            double area = draws.uniform(minArea, most);
            double aspect = Math.exp(draws.uniform(logAspect, -logAspect));
            int h = (int) Math.rint(Math.sqrt(area * aspect));
            int w = (int) Math.rint(Math.sqrt(area / aspect));
            if (h < grid.h() && w < grid.w()) {
                int top = draws.randint(0, grid.h() - h);
                int left = draws.randint(0, grid.w() - w);
                if (hide(1, h, w, 0, top, left, most)) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Hides cuboids until the target is reached or no proposal fits. Never exceeds the target.
     *
     * @param minArea of a cuboid's face, in tokens
     * @param maxArea of a cuboid's face, in tokens; unlike for rectangles, it does not shrink towards the end
     */
    void fillCuboids(int target, int minArea, int maxArea) {
        while (count < target && hideCuboid(minArea, maxArea, target - count)) {}
    }

    /** Proposes up to a hundred cuboids that hide at most {@code most} new tokens; false if none fits. */
    private boolean hideCuboid(int minArea, int maxArea, int most) {
        for (int i = 0; i < CUBOID_TRIES; i++) {
            // The order of draws is the official one: the length in time before the face is checked, its position last.
            double area = draws.uniform(minArea, maxArea);
            double aspect = Math.exp(draws.uniform(logAspect, -logAspect));
            int h = (int) Math.rint(Math.sqrt(area * aspect));
            int w = (int) Math.rint(Math.sqrt(area / aspect));
            int t = draws.randint(1, grid.t());
            if (h < grid.h() && w < grid.w()) {
                int top = draws.randint(0, grid.h() - h);
                int left = draws.randint(0, grid.w() - w);
                int front = draws.randint(0, grid.t() - t);
                if (hide(t, h, w, front, top, left, most)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Hides single tokens next to hidden ones, the first one anywhere, until the target is reached. */
    void grow(int target) {
        // The grid is connected, so as long as any token is visible, one next to a hidden token is.
        int[] candidates = new int[grid.size()];
        while (count < Math.min(target, hidden.length)) {
            int found = 0;
            for (int token = 0; token < hidden.length; token++) {
                if (!hidden[token] && (count == 0 || besideHidden(token))) {
                    candidates[found++] = token;
                }
            }
            hidden[candidates[draws.randint(0, found - 1)]] = true;
            count++;
        }
    }

    private boolean besideHidden(int token) {
        int step = grid.h() * grid.w();
        int time = token / step;
        int row = token / grid.w() % grid.h();
        int column = token % grid.w();
        return (time > 0 && hidden[token - step])
                || (time < grid.t() - 1 && hidden[token + step])
                || (row > 0 && hidden[token - grid.w()])
                || (row < grid.h() - 1 && hidden[token + grid.w()])
                || (column > 0 && hidden[token - 1])
                || (column < grid.w() - 1 && hidden[token + 1]);
    }

    /** Hides the block if that hides at least one and at most {@code most} new tokens. */
    private boolean hide(int t, int h, int w, int front, int top, int left, int most) {
        int fresh = visible(t, h, w, front, top, left);
        if (fresh == 0 || fresh > most) {
            return false;
        }
        for (int time = front; time < front + t; time++) {
            for (int row = top; row < top + h; row++) {
                int start = grid.index(time, row, left);
                Arrays.fill(hidden, start, start + w, true);
            }
        }
        count += fresh;
        accepted.add(new Cuboid(t, h, w, front, top, left, fresh));
        return true;
    }

    private int visible(int t, int h, int w, int front, int top, int left) {
        int visible = 0;
        for (int time = front; time < front + t; time++) {
            for (int row = top; row < top + h; row++) {
                for (int column = left; column < left + w; column++) {
                    visible += hidden[grid.index(time, row, column)] ? 0 : 1;
                }
            }
        }
        return visible;
    }

    boolean[] hidden() {
        return hidden;
    }

    int count() {
        return count;
    }

    /** The hidden blocks, in the order they were drawn. */
    List<Cuboid> accepted() {
        return accepted;
    }
}
