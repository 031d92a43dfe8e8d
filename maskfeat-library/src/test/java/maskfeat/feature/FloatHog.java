package maskfeat.feature;

import maskfeat.augment.Normalize;
import maskfeat.mask.Grid;

/** The paper's target of a clip given as floats, as the network's input is: for tests of other packages. */
public final class FloatHog {
    private FloatHog() {}

    /**
     * The features of the hidden tokens.
     *
     * @param clip [3, T, H, W], normalised
     * @param patch side of a token in pixels
     * @return [hidden, dim]
     */
    public static float[] of(float[] clip, int frames, int height, int width, int patch, Grid grid, boolean[] hidden) {
        HogTarget target = HogTarget.Config.paper().build(Normalize.IMAGENET, patch);
        int count = 0;
        for (boolean token : hidden) {
            count += token ? 1 : 0;
        }
        float[] features = new float[count * target.dim()];
        target.of(new PixelSource.Floats(clip, frames, height, width), grid, hidden, features, 0);
        return features;
    }
}
