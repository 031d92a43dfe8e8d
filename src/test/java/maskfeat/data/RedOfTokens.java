package maskfeat.data;

import maskfeat.mask.Grid;
import maskfeat.media.Frames;

/** A target that anybody can check: the red of each hidden token's upper left pixel, and its number. */
public class RedOfTokens implements Samples.Target {
    @Override
    public int dim() {
        return 2;
    }

    @Override
    public void of(Frames frames, Grid grid, boolean[] hidden, float[] out, int offset) {
        int patch = frames.width() / grid.w();
        int at = offset;
        for (int token = 0; token < hidden.length; token++) {
            if (hidden[token]) {
                int pixel = frames.at(0, token / grid.w() * patch, token % grid.w() * patch);
                out[at++] = frames.rgb()[pixel] & 0xff;
                out[at++] = token;
            }
        }
    }
}
