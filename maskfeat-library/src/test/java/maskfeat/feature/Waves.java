package maskfeat.feature;

import java.util.Arrays;

/** A deterministic input, and masks in letters, for figures that the official classes gave for them. */
final class Waves {
    private Waves() {}

    /**
     * [3, T, H, W]: {@code sin(.1 (i+1) (c+1) + .3 b + .5 t) cos(.07 (j+1)) + .01 ((31i + 17j + 7c + 5t) mod 11)}.
     *
     * @param b which clip of the batch
     */
    static PixelSource clip(int b, int frames, int side) {
        float[] values = new float[3 * frames * side * side];
        int at = 0;
        for (int c = 0; c < 3; c++) {
            for (int t = 0; t < frames; t++) {
                for (int i = 0; i < side; i++) {
                    for (int j = 0; j < side; j++) {
                        double wave = Math.sin(0.1 * (i + 1) * (c + 1) + 0.3 * b + 0.5 * t) * Math.cos(0.07 * (j + 1));
                        values[at++] = (float) (wave + 0.01 * ((31 * i + 17 * j + 7 * c + 5 * t) % 11));
                    }
                }
            }
        }
        return new PixelSource.Floats(values, frames, side, side);
    }

    /** A mask of ones and zeros; anything else only separates. */
    static boolean[] mask(String ones) {
        String digits = ones.replaceAll("[^01]", "");
        boolean[] hidden = new boolean[digits.length()];
        for (int i = 0; i < hidden.length; i++) {
            hidden[i] = digits.charAt(i) == '1';
        }
        return hidden;
    }

    static boolean[] everything(int tokens) {
        boolean[] hidden = new boolean[tokens];
        Arrays.fill(hidden, true);
        return hidden;
    }
}
