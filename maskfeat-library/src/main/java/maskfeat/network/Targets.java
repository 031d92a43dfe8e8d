package maskfeat.network;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import maskfeat.augment.Augmented;
import maskfeat.augment.SecondView;
import maskfeat.data.MaskedSamples;
import maskfeat.feature.FeatureTarget;
import maskfeat.feature.Target;
import maskfeat.feature.TeacherTarget;
import maskfeat.feature.TokensTarget;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;
import maskfeat.model.MaskFeat;

/**
 * What is predicted, and on which token grids. Masks are drawn on the grid of the deepest block that predicts, which
 * is the coarsest, and resized to the others.
 *
 * @param embedGrid grid on which the mask token replaces hidden tokens
 * @param depths ascending
 */
public record Targets(Grid embedGrid, List<Depth> depths) implements MaskedSamples.Target {
    /**
     * A head: a block that predicts, and what. One block may predict several targets.
     *
     * @param block counted from 0
     * @param grid of the tokens that come out of it
     * @param target of each of them
     * @param weight of its loss in the sum
     */
    public record Depth(int block, Grid grid, Target target, double weight) {
        /** With weight 1. */
        public Depth(int block, Grid grid, Target target) {
            this(block, grid, target, 1);
        }
    }

    public Targets {
        depths = List.copyOf(depths);
    }

    private static final float[] NONE = {};

    /** One grid throughout and one target, as plain transformers have. */
    public static Targets single(int block, Grid grid, Target target) {
        return new Targets(grid, List.of(new Depth(block, grid, target)));
    }

    /** The deepest, on whose grid masks are drawn. */
    public Depth last() {
        return depths.get(depths.size() - 1);
    }

    /** The grid that masks are drawn on. */
    public Grid maskGrid() {
        return last().grid;
    }

    /** The heads of a network that predicts this. */
    public List<MaskFeat.Depth> heads() {
        return depths.stream()
                .map(depth -> new MaskFeat.Depth(depth.block, depth.target.dim()))
                .toList();
    }

    /** The frozen networks that targets need. */
    public List<TeacherTarget> teachers() {
        return depths.stream()
                .map(Depth::target)
                .filter(TeacherTarget.class::isInstance)
                .map(TeacherTarget.class::cast)
                .distinct()
                .toList();
    }

    @Override
    public List<float[]> of(Frames frames, boolean[] hidden) {
        List<float[]> features = new ArrayList<>();
        for (Depth depth : depths) {
            features.add(
                    depth.target instanceof FeatureTarget pixels ? rows(pixels, depth.grid, frames, hidden) : NONE);
        }
        return features;
    }

    private float[] rows(FeatureTarget target, Grid grid, Frames frames, boolean[] hidden) {
        boolean[] here = maskGrid().resize(hidden, grid);
        float[] rows = new float[count(here) * target.dim()];
        target.of(frames, grid, here, rows, 0);
        return rows;
    }

    /** Tokens are of a view of their own: the part of the original that the network sees, 8 px a token. */
    @Override
    public List<Optional<Frames>> views(Frames whole, Augmented seen) {
        return depths.stream()
                .map(depth -> depth.target instanceof TokensTarget
                        ? Optional.of(SecondView.of(
                                whole,
                                seen,
                                depth.grid.t(),
                                depth.grid.h() * TokensTarget.CELL,
                                depth.grid.w() * TokensTarget.CELL))
                        : Optional.<Frames>empty())
                .toList();
    }

    public static int count(boolean[] hidden) {
        int count = 0;
        for (boolean token : hidden) {
            count += token ? 1 : 0;
        }
        return count;
    }
}
