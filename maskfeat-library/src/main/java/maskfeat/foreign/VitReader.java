package maskfeat.foreign;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import maskfeat.foreign.Claims.Claim;
import maskfeat.foreign.Claims.Fact;
import maskfeat.foreign.ForeignNetwork.Output;
import maskfeat.model.Classifier;
import maskfeat.model.ClipSize;
import maskfeat.model.Vit;
import maskfeat.weights.TensorEntry;

/** Proposes a vision transformer. Shapes tell all but its heads, and which clip its positions are for. */
final class VitReader implements BackboneReader {
    private static final int MOST_TIMES = 4096;
    private static final int USUAL_POSITIONS_IN_TIME = 8; // 16 frames
    private static final String POSITIONS = "pos_embed";
    private static final String CLASS_TOKEN = "cls_token";
    private static final int USUAL_FRAMES = 16; // of VideoMAE's networks
    private static final int USUAL_SIDE = 224;

    /** Whatever has no sign of another network. */
    @Override
    public boolean recognises(Evidence evidence) {
        return true;
    }

    @Override
    public String title() {
        return "a ViT";
    }

    @Override
    public Classifier.Pooling usualPooling(Evidence evidence) {
        return Classifier.Pooling.MEAN;
    }

    @Override
    public Proposal propose(Evidence evidence, Output output) throws UnfitWeights {
        TensorEntry patches = evidence.get(Evidence.PATCHES);
        int rank = patches.shape().size();
        if (rank != 4 && rank != 5) {
            throw evidence.misshaped(patches, "[width, 3, patch, patch] or [width, 3, frames, patch, patch]");
        }
        int dim = evidence.size(Evidence.PATCHES, 0);
        int cubeFrames = rank == 5 ? evidence.size(Evidence.PATCHES, 2) : 1;
        int patch = evidence.size(Evidence.PATCHES, rank - 1);
        evidence.same(Fact.DIM, dim);
        evidence.same(Fact.PATCH, patch);
        evidence.same(Fact.CUBE_FRAMES, cubeFrames);
        int blocks = evidence.blocks();
        int[] widths = new int[blocks];
        Arrays.fill(widths, dim);
        boolean computed = evidence.computesPositions() && !evidence.has(POSITIONS);
        ClipSize size = computed ? sizeWithoutPositions(evidence, cubeFrames) : size(evidence, patch, cubeFrames);
        return new Proposal(
                new Vit.Config(
                        patch,
                        cubeFrames,
                        dim,
                        evidence.depth(output, blocks, blocks),
                        Heads.of(evidence, dim),
                        evidence.mlpRatio(widths),
                        0,
                        evidence.has(CLASS_TOKEN),
                        computed ? Vit.PositionKind.SINUSOID : Vit.PositionKind.LEARNED,
                        evidence.epsilon()),
                size);
    }

    /** Fixed positions are for any clip; the one that the network was trained on is written beside it, or the usual one. */
    private static ClipSize sizeWithoutPositions(Evidence evidence, int cubeFrames) {
        Claim side = evidence.claims().of(Fact.SIDE);
        Claim frames = cubeFrames == 1 ? null : evidence.claims().of(Fact.FRAMES);
        ClipSize size =
                Evidence.clip(frames == null ? USUAL_FRAMES : frames.value(), side == null ? USUAL_SIDE : side.value());
        if (side == null || frames == null) {
            evidence.assume(size.frames() + " frames of " + size.height()
                    + " px, as is usual: positions are computed and do not tell");
        }
        return size;
    }

    /** The clip whose tokens are as many as there are positions. */
    private static ClipSize size(Evidence evidence, int patch, int cubeFrames) throws UnfitWeights {
        TensorEntry positions = evidence.get(POSITIONS);
        if (positions.shape().size() != 3) {
            throw evidence.misshaped(
                    positions, evidence.has(CLASS_TOKEN) ? "[1, 1 + tokens, width]" : "[1, tokens, width]");
        }
        int tokens = evidence.size(POSITIONS, 1) - (evidence.has(CLASS_TOKEN) ? 1 : 0);
        Claim side = evidence.claims().of(Fact.SIDE);
        Claim frames = cubeFrames == 1 ? null : evidence.claims().of(Fact.FRAMES);
        List<Integer> times = IntStream.rangeClosed(1, cubeFrames == 1 ? 1 : Math.min(tokens, MOST_TIMES))
                .filter(t -> tokens % t == 0 && root(tokens / t) > 0)
                .boxed()
                .toList();
        if (times.isEmpty()) {
            throw evidence.unfit("has 'pos_embed' " + positions.shape() + " for " + tokens
                    + " tokens, which are those of no square input");
        }
        List<Integer> fitting = times.stream()
                .filter(t -> (side == null || root(tokens / t) * patch == side.value())
                        && (frames == null || (long) t * cubeFrames == frames.value()))
                .toList();
        if (fitting.isEmpty()) {
            int t = times.get(0);
            throw evidence.unfit("has 'pos_embed' " + positions.shape() + " for " + tokens + " tokens, as those of "
                    + root(tokens / t) * patch + " px" + (cubeFrames == 1 ? "" : " and " + t * cubeFrames + " frames")
                    + ", and " + (side == null ? "" : side.where() + " says " + side.value() + " px")
                    + (side == null || frames == null ? "" : ", ")
                    + (frames == null ? "" : frames.where() + " says " + frames.value() + " frames"));
        }
        int t = fitting.contains(USUAL_POSITIONS_IN_TIME) ? USUAL_POSITIONS_IN_TIME : fitting.get(0);
        ClipSize size = Evidence.clip((long) t * cubeFrames, root(tokens / t) * patch);
        if (fitting.size() > 1) {
            evidence.assume(size.frames() + " frames of " + size.height() + " px: " + tokens
                    + " positions may be of other clips, too");
        }
        return size;
    }

    /** 0 if it is no square. */
    private static long root(int square) {
        long root = Math.round(Math.sqrt(square));
        return root * root == square ? root : 0;
    }
}
