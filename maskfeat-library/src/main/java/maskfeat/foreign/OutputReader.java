package maskfeat.foreign;

import java.util.ArrayList;
import java.util.List;
import maskfeat.disk.Plural;
import maskfeat.foreign.Claims.Fact;
import maskfeat.foreign.ForeignNetwork.Classes;
import maskfeat.foreign.ForeignNetwork.Features;
import maskfeat.foreign.ForeignNetwork.Output;
import maskfeat.foreign.ForeignNetwork.Predictions;
import maskfeat.model.Classifier.Pooling;

/** Proposes what a network gives. The heads' shapes are compared with the model's afterwards. */
final class OutputReader {
    private final Evidence evidence;
    private final BackboneReader backbone;

    private OutputReader(Evidence evidence, BackboneReader backbone) {
        this.evidence = evidence;
        this.backbone = backbone;
    }

    static Output read(Evidence evidence, BackboneReader backbone) throws UnfitWeights {
        return new OutputReader(evidence, backbone).read();
    }

    private Output read() throws UnfitWeights {
        if (evidence.has("pred_head.projections.0.weight")) {
            return predictions();
        }
        return evidence.has("head.projection.weight") ? classes() : new Features(evidence.has("norm.weight"));
    }

    private Classes classes() throws UnfitWeights {
        int count = evidence.size("head.projection.weight", 0);
        if (!evidence.has("norm.weight")) {
            throw evidence.unfit("has 'head.projection.weight' and no 'norm.weight' before it");
        }
        if (!evidence.claims().otherPooling().isEmpty()) {
            throw evidence.unfit(evidence.claims().otherPooling());
        }
        evidence.same(Fact.CLASSES, count);
        List<String> names = evidence.claims().classNames();
        if (!names.isEmpty() && names.size() != count) {
            throw evidence.unfit("has " + Plural.of(count, "class", "classes")
                    + " ('head.projection.weight'), and config.json names " + names.size());
        }
        return new Classes(count, pooling(), names, evidence.headEpsilon());
    }

    private Pooling pooling() {
        Pooling byName = evidence.poolingByName();
        Pooling claim = evidence.claims().pooling();
        if (byName == Pooling.MEAN || (byName != null && claim == null)) {
            if (evidence.layout() == Layout.TIMM && byName == Pooling.CLASS_TOKEN) {
                evidence.assume(
                        "classes are read off the class token: 'norm' stands there for global_pool='avg' without fc_norm,"
                                + " too");
            }
            return byName;
        }
        if (claim != null) {
            return claim;
        }
        Pooling usual = backbone.usualPooling(evidence);
        evidence.assume(
                usual == Pooling.CLASS_TOKEN
                        ? "classes are read off the class token, as those of supervised MViTv2 are: names do not tell"
                        : "classes are read off the mean of the patches, as MaskFeat's are: names do not tell");
        return usual;
    }

    private Predictions predictions() throws UnfitWeights {
        int blocks = evidence.blocks();
        List<Integer> outputs = new ArrayList<>();
        while (evidence.has("pred_head.projections." + outputs.size() + ".weight")) {
            outputs.add(evidence.size("pred_head.projections." + outputs.size() + ".weight", 0));
        }
        List<Integer> depths = evidence.claims().depths();
        if (outputs.size() == 1) {
            depths = List.of(blocks - 1);
        } else if (depths.isEmpty()) {
            throw evidence.unfit("predicts after " + outputs.size()
                    + " blocks ('pred_head.projections.1.weight'), and nothing tells after which");
        }
        List<Integer> sorted = depths.stream().sorted().toList();
        if (sorted.size() != outputs.size() || sorted.get(sorted.size() - 1) != blocks - 1 || sorted.get(0) < 0) {
            throw evidence.unfit("has " + outputs.size() + " heads and " + blocks
                    + " blocks, and cfg MASK.PRETRAIN_DEPTH says " + depths);
        }
        return new Predictions(sorted, outputs);
    }
}
