package maskfeat.model;

import maskfeat.nn.Init;
import maskfeat.nn.Layer;
import maskfeat.nn.LayerNorm;
import maskfeat.nn.Linear;
import org.bytedeco.pytorch.Tensor;

/**
 * From a feature to the prediction for its patch: LayerNorm, Linear. The official names are kept, in which the first
 * number counts the depths that predict.
 */
public final class PredictionHead extends Layer {
    private final LayerNorm norm;
    private final Linear projection;

    /**
     * @param number of this head among those of the network, from 0
     * @param dim width of the features
     * @param outputs numbers a patch, 108 for the paper's HOG
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
