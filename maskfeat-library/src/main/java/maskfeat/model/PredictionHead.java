package maskfeat.model;

import maskfeat.nn.Init;
import maskfeat.nn.Layer;
import maskfeat.nn.LayerNorm;
import maskfeat.nn.Linear;
import org.bytedeco.pytorch.Tensor;

/**
 * Predicts a patch from its feature: LayerNorm, Linear. Parameters keep the official names, whose first number is that
 * of the head.
 */
public final class PredictionHead extends Layer {
    private final LayerNorm norm;
    private final Linear projection;

    /**
     * @param number of this head among those of the network, from 0
     * @param dim width of the features
     * @param outputs number of features to predict per patch, 108 for the paper's HOG
     */
    public PredictionHead(int number, int dim, int outputs, Init init) {
        norm = add(
                "transforms." + number + ".0", new LayerNorm(dim, 0, init)); // zero biases here, unlike in the backbone
        projection = add("projections." + number, new Linear(dim, outputs, 0, init));
    }

    /**
     * @param x [..., C]
     * @return [..., outputs]
     */
    public Tensor forward(Tensor x) {
        return projection.forward(norm.forward(x));
    }
}
