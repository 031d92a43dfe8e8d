package maskfeat.mask;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A mask in the making: rectangles on the token grid of an image, one step of time. */
final class Blocks {
    /** A rectangle that was hidden; fresh counts the tokens of it that were not hidden before. */
    record Block(int h, int w, int top, int left, int fresh) {}

    private static final int TRIES = 10; // SlowFast, MaskingGenerator

    private final Grid grid;
    private final int minArea;
    private final int maxArea;
    private final double logAspect;
    private final Draws draws;
    private final boolean[] hidden;
    private final List<Block> accepted = new ArrayList<>();
    private int count;

    /**
     * @param minArea of a block, in tokens; smaller ones are drawn only where no more may be hidden
     * @param maxArea of what a block hides, in tokens
     */
    Blocks(Grid grid, int minArea, int maxArea, double minAspect, Draws draws) {
        this.grid = grid;
        this.minArea = minArea;
        this.maxArea = maxArea;
        this.logAspect = Math.log(minAspect);
        this.draws = draws;
        this.hidden = new boolean[grid.size()];
    }

    /** Hides blocks until the target is reached or no proposal fits; never passes the target. */
    void fill(int target) {
        while (count < target && hideBlock(Math.min(target - count, maxArea))) {}
    }

    /** Ten proposals for one block that hides at most {@code most} new tokens; false if none fits. */
    private boolean hideBlock(int most) {
        for (int i = 0; i < TRIES; i++) {
            // The order of draws is the official one. At the end of a mask most is below minArea: the range turns
            // round.
            double area = draws.uniform(minArea, most);
            double aspect = Math.exp(draws.uniform(logAspect, -logAspect));
            int h = (int) Math.rint(Math.sqrt(area * aspect));
            int w = (int) Math.rint(Math.sqrt(area / aspect));
            if (h < grid.h() && w < grid.w()) {
                int top = draws.randint(0, grid.h() - h);
                int left = draws.randint(0, grid.w() - w);
                int fresh = visible(top, left, h, w);
                if (0 < fresh && fresh <= most) {
                    hide(new Block(h, w, top, left, fresh));
                    return true;
                }
            }
        }
        return false;
    }

    /** Hides single tokens beside hidden ones, or the first one anywhere, until the target is reached. */
    void grow(int target) {
        // The grid is connected, so as long as a token is visible one beside the hidden ones is.
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
        int row = token / grid.w();
        int column = token % grid.w();
        return (row > 0 && hidden[token - grid.w()])
                || (row < grid.h() - 1 && hidden[token + grid.w()])
                || (column > 0 && hidden[token - 1])
                || (column < grid.w() - 1 && hidden[token + 1]);
    }

    private int visible(int top, int left, int h, int w) {
        int visible = 0;
        for (int row = top; row < top + h; row++) {
            for (int column = left; column < left + w; column++) {
                visible += hidden[grid.index(0, row, column)] ? 0 : 1;
            }
        }
        return visible;
    }

    private void hide(Block block) {
        for (int row = block.top; row < block.top + block.h; row++) {
            int start = grid.index(0, row, block.left);
            Arrays.fill(hidden, start, start + block.w, true);
        }
        count += block.fresh;
        accepted.add(block);
    }

    boolean[] hidden() {
        return hidden;
    }

    int count() {
        return count;
    }

    /** In the order of drawing. */
    List<Block> accepted() {
        return accepted;
    }
}
