package maskfeat.foreign;

import java.util.List;
import maskfeat.foreign.ForeignNetwork.Output;
import maskfeat.model.Backbone;
import maskfeat.model.Classifier;
import maskfeat.model.ClipSize;

/**
 * Proposes a backbone by the few facts that tensors and claims tell. Whether the other tensors are its own is not asked
 * here: they are compared with the parameters of the model. A backbone that other programs have is one such class and one
 * name in {@link #ALL}.
 */
interface BackboneReader {
    /** The first that recognises weights reads them. */
    List<BackboneReader> ALL = List.of(new MvitReader(), new VitReader());

    /**
     * A backbone and the clips that it reads.
     *
     * @param backbone without drop path, which weights do not tell
     */
    record Proposal(Backbone.Config backbone, ClipSize size) {}

    /** Whether weights look like this backbone's. */
    boolean recognises(Evidence evidence);

    /** What people call it, such as "a ViT". */
    String title();

    /** How classes are pooled where neither names nor claims tell. */
    Classifier.Pooling usualPooling(Evidence evidence);

    /**
     * Proposes the backbone.
     *
     * @param output what the network gives
     * @throws UnfitWeights if it cannot be told, or a claim contradicts the tensors, naming both
     * @throws IllegalArgumentException if there can be no such network
     */
    Proposal propose(Evidence evidence, Output output) throws UnfitWeights;
}
