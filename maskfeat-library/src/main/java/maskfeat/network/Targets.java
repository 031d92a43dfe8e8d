package maskfeat.network;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import maskfeat.augment.Augmented;
import maskfeat.augment.Cutout;
import maskfeat.augment.Resize;
import maskfeat.augment.SecondView;
import maskfeat.data.Item;
import maskfeat.data.MaskedSamples;
import maskfeat.feature.FeatureTarget;
import maskfeat.feature.LabelCrop;
import maskfeat.feature.LabelMaps;
import maskfeat.feature.PseudoLabels;
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

    /**
     * A name for each head by what it predicts, with the block where several do, and numbered where even that is not enough:
     * {@code features} and {@code features_2}. As in {@code train/loss_NAME}.
     */
    public List<String> names() {
        boolean blocks = depths.stream().map(Depth::block).distinct().count() > 1;
        List<String> names = new ArrayList<>();
        for (Depth depth : depths) {
            String plain = depth.target().name() + (blocks ? "_block" + depth.block() : "");
            String name = plain;
            for (int number = 2; names.contains(name); number++) {
                name = plain + "_" + number;
            }
            names.add(name);
        }
        return names;
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
                .filter(TeacherTarget::hasNetwork)
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

    /** Of the part of the original that the network sees. */
    @Override
    public List<Optional<Frames>> views(Frames whole, Augmented seen) {
        return depths.stream().map(depth -> view(depth, whole, seen)).toList();
    }

    /** A tokenizer sees 8 px a token, another teacher what its settings say, or the frames. */
    private static Optional<Frames> view(Depth depth, Frames whole, Augmented seen) {
        int times = depth.grid.t();
        if (depth.target instanceof TokensTarget) {
            return Optional.of(SecondView.of(
                    whole,
                    seen,
                    times,
                    depth.grid.h() * TokensTarget.CELL,
                    depth.grid.w() * TokensTarget.CELL,
                    Resize.Filter.LANCZOS));
        }
        Integer side = depth.target instanceof TeacherTarget of ? of.teacher().side() : null;
        return side == null
                ? Optional.empty()
                : Optional.of(SecondView.of(whole, seen, times, side, side, Resize.Filter.BICUBIC));
    }

    @Override
    public List<Optional<LabelCrop>> labels(Item item, Frames whole, Augmented seen) throws IOException {
        List<Optional<LabelCrop>> labels = new ArrayList<>();
        for (Depth depth : depths) {
            labels.add(
                    depth.target instanceof PseudoLabels of && !of.hasNetwork()
                            ? Optional.of(crop(of.maps(), item, whole, seen))
                            : Optional.empty());
        }
        return labels;
    }

    private static LabelCrop crop(LabelMaps maps, Item item, Frames whole, Augmented seen) throws IOException {
        return LabelCrop.of(
                new LabelMapFiles(maps).read(item), Cutout.of(seen), whole.height(), whole.width(), maps.axes());
    }

    /** Which tokens are hidden, ascending. */
    public static long[] places(boolean[] hidden) {
        long[] places = new long[count(hidden)];
        int next = 0;
        for (int token = 0; token < hidden.length; token++) {
            if (hidden[token]) {
                places[next++] = token;
            }
        }
        return places;
    }

    public static int count(boolean[] hidden) {
        int count = 0;
        for (boolean token : hidden) {
            count += token ? 1 : 0;
        }
        return count;
    }
}
