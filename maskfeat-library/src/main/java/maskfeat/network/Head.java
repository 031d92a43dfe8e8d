package maskfeat.network;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import maskfeat.feature.FeatureTarget;
import maskfeat.feature.SingleTarget;
import maskfeat.feature.Target;
import maskfeat.feature.TargetConfig;
import maskfeat.feature.TeacherTarget;
import maskfeat.mask.Grid;
import maskfeat.mask.MaskStrategy;
import maskfeat.model.Backbone;
import maskfeat.model.Classifier;
import maskfeat.model.MaskFeat;
import maskfeat.model.Network;
import maskfeat.nn.Init;
import maskfeat.nn.Layer;
import maskfeat.nn.LayerNorm;
import maskfeat.settings.Added;
import tools.jackson.databind.json.JsonMapper;

/**
 * What stands on a backbone. A new head is a record in a file of its own, and one name in the {@code permits}. The names of its
 * tensors begin with {@code norm.} or {@code head.}, or with one that {@link #isAround} knows.
 */
public sealed interface Head permits Head.Prediction, Head.Classes, ActionHead, ContrastHead {
    /** How many blocks of the backbone are built: those after the last that is read are left out. */
    int blocks(Backbone.Config backbone);

    /**
     * Checks that it fits, without building anything.
     *
     * @throws IllegalArgumentException if it does not, naming the setting and what would do
     */
    void check(Input input, Backbone.Config backbone);

    /** Whether weights of this head are of use to another: it says the same of the same features. */
    boolean sameWeights(Head other);

    /** Whether it begins with a tensor of another head's weights, rather than anew. */
    default boolean takes(Head other, String tensor) {
        return sameWeights(other);
    }

    /** The network with its first values, drawn from {@code init}. */
    Network build(Input input, Backbone.Config backbone, Init init);

    /** What other programs should be told of its output, by key; empty for nothing. */
    default Map<String, String> description() {
        return Map.of();
    }

    /**
     * What of the network a file of its weights cannot do without: the whole of it, unless the backbone alone is of use.
     *
     * @throws IllegalArgumentException if there can be no such network
     */
    default Layer buildEssential(Input input, Backbone.Config backbone, Init init) {
        return build(input, backbone, init);
    }

    /**
     * Whether a tensor belongs to what stands around a backbone, whatever network it is of: files may have such tensors that
     * the network which is built has not.
     */
    static boolean isAround(String tensor) {
        return Stream.of(Prediction.TENSORS, Classes.TENSORS, ContrastHead.TENSORS)
                .flatMap(List::stream)
                .anyMatch(tensor::startsWith);
    }

    /**
     * Predicts features of hidden tokens: pre-training.
     *
     * @param depths blocks after which is predicted, counted from 0, ascending; none: after the last
     * @param mask rule by which tokens are hidden
     * @param target what is predicted for each hidden token
     */
    @JsonTypeName("prediction")
    record Prediction(List<Integer> depths, MaskStrategy mask, TargetConfig target) implements Head {
        private static final List<String> TENSORS = List.of("mask_token", "pred_head.");

        public Prediction {
            depths = List.copyOf(depths);
        }

        /** What it predicts that frozen networks say, by name; empty if it needs none. */
        public List<String> learnedFrom() {
            return target.parts().stream()
                    .map(TargetConfig.Weighted::target)
                    .filter(TeacherTarget.class::isInstance)
                    .map(SingleTarget::kind)
                    .toList();
        }

        /** Blocks after which is predicted, with none resolved to the last. */
        private List<Integer> blocksThatPredict(Backbone.Config backbone) {
            return depths.isEmpty() ? List.of(backbone.depth() - 1) : depths;
        }

        @Override
        public int blocks(Backbone.Config backbone) {
            List<Integer> predicting = blocksThatPredict(backbone);
            return predicting.get(predicting.size() - 1) + 1;
        }

        @Override
        public void check(Input input, Backbone.Config backbone) {
            int before = -1;
            for (int block : blocksThatPredict(backbone)) {
                if (block <= before || block >= backbone.depth()) {
                    throw new IllegalArgumentException("depths " + depths + " must be blocks from 0 to "
                            + (backbone.depth() - 1) + ", each once, ascending");
                }
                before = block;
                int side = input.side();
                int patch = backbone.patch(block);
                if (backbone.grid(input.size(), block).h() * patch != side) {
                    // The network may read such clips, but its tokens do not tile them.
                    throw new IllegalArgumentException("side " + side + " does not divide into the tokens of " + patch
                            + " px that come out of block " + block + "; the nearest that do are "
                            + side / patch * patch + " and " + (side / patch + 1) * patch);
                }
                target.check(side, patch);
            }
            mask.check(backbone.grid(input.size(), before));
        }

        /**
         * What is predicted, and on which grids.
         *
         * @throws IllegalArgumentException as {@link #check} does
         */
        public Targets targets(Input input, Backbone.Config backbone) {
            check(input, backbone);
            List<Targets.Depth> predicted = new ArrayList<>();
            for (int block : blocksThatPredict(backbone)) {
                Grid grid = backbone.grid(input.size(), block);
                for (TargetConfig.Weighted part : target.parts()) {
                    Target built = part.target() instanceof FeatureTarget.Config pixels
                            ? pixels.build(input.normalize(), backbone.patch(block))
                            : (TeacherTarget) part.target();
                    predicted.add(new Targets.Depth(block, grid, built, part.weight()));
                }
            }
            return new Targets(backbone.embedGrid(input.size()), predicted);
        }

        @Override
        public boolean sameWeights(Head other) {
            return other instanceof Prediction same && same.depths.equals(depths) && same.target.equals(target);
        }

        @Override
        public MaskFeat build(Input input, Backbone.Config backbone, Init init) {
            check(input, backbone);
            List<MaskFeat.Depth> heads = blocksThatPredict(backbone).stream()
                    .flatMap(block -> target.parts().stream()
                            .map(part -> new MaskFeat.Depth(block, part.target().dim(backbone.patch(block)))))
                    .toList();
            return new MaskFeat(backbone.build(input.size(), blocks(backbone), init), heads, init);
        }

        /** Mask token and prediction head are thrown away after pre-training. */
        @Override
        public Backbone buildEssential(Input input, Backbone.Config backbone, Init init) {
            return backbone.build(input.size(), blocks(backbone), init);
        }
    }

    /**
     * Scores of classes.
     *
     * @param pooling how one feature is made of the tokens
     * @param dropout share of the feature's numbers that are zeroed in training before the last layer, 0 to 1
     * @param names of the classes by number
     * @param normEpsilon what the norm before the last layer adds to the variance
     */
    @JsonTypeName("classes")
    record Classes(
            Classifier.Pooling pooling,
            double dropout,
            List<String> names,
            @Added(in = 4, before = "1.0E-6") double normEpsilon)
            implements Head {
        private static final List<String> TENSORS = List.of("norm.", "head.");

        /** With a norm that adds {@link LayerNorm#EPS}. */
        public Classes(Classifier.Pooling pooling, double dropout, List<String> names) {
            this(pooling, dropout, names, LayerNorm.EPS);
        }

        public Classes {
            names = List.copyOf(names);
            if (names.size() < 2) {
                throw new IllegalArgumentException("a classifier needs at least 2 classes, and there are " + names);
            }
        }

        /** How classes are read off the tokens. */
        public Classifier.Head head() {
            return new Classifier.Head(pooling, dropout, normEpsilon);
        }

        /** {@code labels}: the names of the classes as a JSON array. */
        @Override
        public Map<String, String> description() {
            return Map.of("labels", JsonMapper.shared().writeValueAsString(names));
        }

        @Override
        public int blocks(Backbone.Config backbone) {
            return backbone.depth();
        }

        @Override
        public void check(Input input, Backbone.Config backbone) {
            backbone.embedGrid(input.size());
            head().check(backbone);
        }

        @Override
        public boolean sameWeights(Head other) {
            return other instanceof Classes same && same.names.equals(names) && same.pooling == pooling;
        }

        @Override
        public Classifier build(Input input, Backbone.Config backbone, Init init) {
            check(input, backbone);
            return new Classifier(backbone.build(input.size(), init), head(), names.size(), init);
        }
    }
}
