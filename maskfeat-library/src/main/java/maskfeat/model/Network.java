package maskfeat.model;

import maskfeat.nn.Layer;

/** A whole network: a backbone and what stands on it. */
public abstract class Network extends Layer {
    /** The part that turns clips into features. */
    public abstract Backbone backbone();
}
