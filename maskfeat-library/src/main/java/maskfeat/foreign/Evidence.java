package maskfeat.foreign;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.SortedMap;
import maskfeat.foreign.Claims.Claim;
import maskfeat.foreign.Claims.Fact;
import maskfeat.foreign.ForeignNetwork.Output;
import maskfeat.foreign.ForeignNetwork.Predictions;
import maskfeat.model.Classifier;
import maskfeat.model.ClipSize;
import maskfeat.weights.TensorEntry;
import org.jspecify.annotations.Nullable;

/** What one file tells of its network: tensors under our names, and claims beside them. */
final class Evidence {
    static final String PATCHES = "patch_embed.proj.weight";

    private static final int LARGEST = Integer.MAX_VALUE / 16; // sizes are added and multiplied

    private final Renamed weights;
    private final SortedMap<String, TensorEntry> tensors;
    private final Claims claims;
    private final @Nullable Integer heads;
    private final List<String> assumed = new ArrayList<>();

    /** @param heads of attention in the first stage, where the caller knows it */
    Evidence(Renamed weights, OptionalInt heads) {
        this.weights = weights;
        this.tensors = weights.entries();
        this.claims = weights.claims();
        this.heads = heads.isPresent() ? heads.getAsInt() : null;
    }

    SortedMap<String, TensorEntry> tensors() {
        return tensors;
    }

    Claims claims() {
        return claims;
    }

    Layout layout() {
        return weights.layout();
    }

    /** How the names say that classes are pooled; null where they do not. */
    Classifier.@Nullable Pooling poolingByName() {
        return weights.variant().pooling();
    }

    /** What stands before the names of the whole network, such as {@code module.}; empty if nothing does. */
    String wrapper() {
        return weights.wrapper();
    }

    /** Heads of attention in the first stage; null where the caller does not know it. */
    @Nullable Integer heads() {
        return heads;
    }

    /** What the norms of the blocks add to the variance. */
    double epsilon() {
        return weights.epsilon();
    }

    /** What the norm in front of the classifier adds to the variance. */
    double headEpsilon() {
        return weights.headEpsilon();
    }

    /** Whether positions are sinusoids where no tensor holds them. */
    boolean computesPositions() {
        return weights.layout().dialect().computesPositions();
    }

    /** Notes what nothing tells and is taken as is usual, a sentence. */
    void assume(String what) {
        assumed.add(what);
    }

    List<String> assumed() {
        return assumed;
    }

    boolean has(String name) {
        return tensors.containsKey(name);
    }

    /** How many blocks the file has. */
    int blocks() throws UnfitWeights {
        int blocks = 0;
        while (hasPart("blocks." + blocks + ".")) {
            blocks++;
        }
        if (blocks == 0) {
            throw unfit("has no 'blocks.0.norm1.weight'");
        }
        return blocks;
    }

    private boolean hasPart(String prefix) {
        SortedMap<String, TensorEntry> tail = tensors.tailMap(prefix);
        return !tail.isEmpty() && tail.firstKey().startsWith(prefix);
    }

    TensorEntry get(String name) throws UnfitWeights {
        TensorEntry entry = tensors.get(name);
        if (entry == null) {
            throw unfit("has no '" + name + "' (by our names)");
        }
        return entry;
    }

    int size(String name, int dimension) throws UnfitWeights {
        TensorEntry entry = get(name);
        if (entry.shape().size() <= dimension) {
            throw misshaped(entry, "more dimensions");
        }
        long size = entry.shape().get(dimension);
        if (size < 1 || size > LARGEST) {
            throw misshaped(entry, "sizes from 1 to " + LARGEST);
        }
        return (int) size;
    }

    /** Makes sure that nothing beside the tensors contradicts them. */
    void same(Fact fact, long ofTensors) throws UnfitWeights {
        Claim claim = claims.of(fact);
        if (claim != null && claim.value() != ofTensors) {
            throw unfit("has tensors for " + fact.title() + " " + ofTensors + ", and " + claim.where() + " says "
                    + claim.value());
        }
    }

    /** A clip of square frames. {@link ClipSize} refuses sizes beyond all memory. */
    static ClipSize clip(long frames, long side) {
        return ClipSize.square((int) Math.min(frames, Integer.MAX_VALUE), (int) Math.min(side, Integer.MAX_VALUE));
    }

    /**
     * How many blocks the network has: those after the last that predicts may be left out of the file.
     *
     * @param blocks in the file
     * @param atLeast as the widths tell
     */
    int depth(Output output, int blocks, int atLeast) throws UnfitWeights {
        Claim claim = claims.of(Fact.DEPTH);
        if (claim == null || claim.value() == blocks) {
            if (atLeast > blocks) {
                assume("one more block: the last widens for it");
            }
            return atLeast;
        }
        boolean leftOut =
                output instanceof Predictions && claims.depths().contains(blocks - 1) && claim.value() >= atLeast;
        if (!leftOut) {
            same(Fact.DEPTH, blocks);
        }
        return (int) claim.value();
    }

    /**
     * The ratio whose multiples of the widths, rounded down, are the hidden widths of all MLPs: the one that is claimed, or
     * else the smallest.
     *
     * @param widths that each block's MLP reads
     */
    double mlpRatio(int[] widths) throws UnfitWeights {
        int[] hidden = new int[widths.length];
        double ratio = 0;
        for (int i = 0; i < widths.length; i++) {
            hidden[i] = size("blocks." + i + ".mlp.fc1.weight", 0);
            double own = (double) hidden[i] / widths[i];
            ratio = Math.max(ratio, (int) (widths[i] * own) < hidden[i] ? Math.nextUp(own) : own);
        }
        same(Fact.HIDDEN_DIM, hidden[0]);
        Claims.Ratio claim = claims.mlpRatio();
        if (claim != null) {
            ratio = claim.value();
        }
        for (int i = 0; i < widths.length; i++) {
            if ((int) (widths[i] * ratio) != hidden[i]) {
                throw unfit("has 'blocks." + i + ".mlp.fc1.weight' [" + hidden[i] + ", " + widths[i] + "], and "
                        + (claim == null
                                ? "other blocks have MLPs of " + ratio
                                        + " times their width; ours have one ratio in all"
                                : claim.where() + " says that the hidden layer has " + ratio + " times the width"));
            }
        }
        return ratio;
    }

    UnfitWeights misshaped(TensorEntry entry, String wanted) {
        return unfit("has '" + entry.name() + "' " + entry.shape() + " (by our names) instead of " + wanted);
    }

    UnfitWeights unfit(String reason) {
        return new UnfitWeights(weights.file(), reason);
    }
}
