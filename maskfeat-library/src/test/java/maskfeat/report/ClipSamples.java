package maskfeat.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import maskfeat.feature.FeatureView;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;

/** Clips for the tests. */
final class ClipSamples {
    static final int BINS = 9;
    static final int SIDE = 32;

    private ClipSamples() {}

    /**
     * Frame f is grey {@code 7 * f}; the target of step s has (s + 1) / t in the bin of upright strokes of every cell,
     * the prediction nothing; in step s token s alone is hidden.
     */
    static ClipSample of(String name, int frameCount, Grid grid) {
        byte[] rgb = new byte[frameCount * SIDE * SIDE * Frames.CHANNELS];
        Frames clip = new Frames(frameCount, SIDE, SIDE, rgb);
        for (int f = 0; f < frameCount; f++) {
            Arrays.fill(rgb, clip.at(f, 0, 0), clip.at(f + 1, 0, 0), (byte) (7 * f));
        }
        boolean[] hidden = new boolean[grid.size()];
        List<FeatureView> targets = new ArrayList<>();
        List<FeatureView> predictions = new ArrayList<>();
        for (int s = 0; s < grid.t(); s++) {
            hidden[grid.index(s, 0, 0) + s] = true;
            float[] values = new float[grid.h() * grid.w() * BINS];
            for (int cell = 0; cell < grid.h() * grid.w(); cell++) {
                values[cell * BINS + BINS / 2] = (s + 1f) / grid.t();
            }
            targets.add(new FeatureView.Histograms(grid.h(), grid.w(), BINS, values));
            predictions.add(new FeatureView.Histograms(grid.h(), grid.w(), BINS, new float[values.length]));
        }
        return new ClipSample(name, clip, grid, hidden, targets, predictions, 0.08);
    }
}
