package maskfeat.data;

import java.util.List;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;

/** A target that anybody can check: the red of each hidden token's upper left pixel, and its number. */
public record RedOfTokens(Grid grid) implements MaskedSamples.Target {
    @Override
    public List<float[]> of(Frames frames, boolean[] hidden) {
        int patch = frames.width() / grid.w();
        int count = 0;
        for (boolean token : hidden) {
            count += token ? 1 : 0;
        }
        float[] out = new float[2 * count];
        int at = 0;
        for (int token = 0; token < hidden.length; token++) {
            if (hidden[token]) {
                int pixel = frames.at(0, token / grid.w() * patch, token % grid.w() * patch);
                out[at++] = frames.rgb()[pixel] & 0xff;
                out[at++] = token;
            }
        }
        return List.of(out);
    }
}
