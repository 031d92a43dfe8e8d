package maskfeat.augment;

import java.util.List;

/**
 * From 8-bit colour to what the network sees: {@code (v / 255 - mean) / std} for each channel, in float32.
 *
 * @param mean mean of red, green and blue, in units of full brightness
 * @param std deviation of red, green and blue, in units of full brightness
 */
public record Normalize(List<Float> mean, List<Float> std) {
    /** ImageNet's, used by all image recipes (SlowFast, configs/masked_ssl/in1k_*.yaml). */
    public static final Normalize IMAGENET =
            new Normalize(List.of(0.485f, 0.456f, 0.406f), List.of(0.229f, 0.224f, 0.225f));

    /** Kinetics', used by all video recipes (SlowFast, configs/masked_ssl/k400_*.yaml). */
    public static final Normalize KINETICS =
            new Normalize(List.of(0.45f, 0.45f, 0.45f), List.of(0.225f, 0.225f, 0.225f));

    public Normalize {
        mean = List.copyOf(mean);
        std = List.copyOf(std);
        if (mean.size() != 3 || std.size() != 3) {
            throw new IllegalArgumentException(
                    "normalize wants three means and three deviations, got " + mean + " and " + std);
        }
        if (std.stream().anyMatch(s -> !(s > 0)) || mean.stream().anyMatch(m -> !Float.isFinite(m))) {
            throw new IllegalArgumentException(
                    "normalize wants finite means and deviations above 0, got " + mean + " and " + std);
        }
    }

    /**
     * The whole function as a table, rounded as torchvision rounds: float32 after each operation.
     *
     * @return [3, 256]
     */
    public float[][] table() {
        float[][] table = new float[3][256];
        for (int channel = 0; channel < 3; channel++) {
            for (int value = 0; value < 256; value++) {
                table[channel][value] = (value / 255f - mean.get(channel)) / std.get(channel);
            }
        }
        return table;
    }
}
