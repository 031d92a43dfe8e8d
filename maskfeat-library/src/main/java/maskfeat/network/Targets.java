package maskfeat.network;

import java.util.ArrayList;
import java.util.List;
import maskfeat.data.MaskedSamples;
import maskfeat.feature.FeatureTarget;
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
     * A block that predicts.
     *
     * @param block counted from 0
     * @param grid of the tokens that come out of it
     * @param target of each of them
     */
    public record Depth(int block, Grid grid, FeatureTarget target) {}

    public Targets {
        depths = List.copyOf(depths);
    }

    /** One grid throughout and one target, as plain transformers have. */
    public static Targets single(int block, Grid grid, FeatureTarget target) {
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

    @Override
    public List<float[]> of(Frames frames, boolean[] hidden) {
        List<float[]> features = new ArrayList<>();
        for (Depth depth : depths) {
            boolean[] here = maskGrid().resize(hidden, depth.grid);
            float[] rows = new float[count(here) * depth.target.dim()];
            depth.target.of(frames, depth.grid, here, rows, 0);
            features.add(rows);
        }
        return features;
    }

    public static int count(boolean[] hidden) {
        int count = 0;
        for (boolean token : hidden) {
            count += token ? 1 : 0;
        }
        return count;
    }
}
