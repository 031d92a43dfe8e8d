package maskfeat.nn;

import java.util.List;
import maskfeat.torch.Arrays;
import maskfeat.torch.Ops;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Features of boxes, cut out of feature maps with bilinear interpolation (He et al. 2017), as torchvision's {@code roi_align}
 * with {@code aligned=True} and {@code sampling_ratio=0}: as many samples to a bin as it is cells wide, rounded up.
 *
 * <p>The mean over the samples of a bin is separable, one weighted sum over rows and one over columns, so a box costs two small
 * matrix products, and the gradient is libtorch's.
 */
public final class RoiAlign {
    private final int size;
    private final float scale;

    /**
     * A box to cut out.
     *
     * @param index of the feature map that it lies in
     * @param x1 left, in pixels of the input
     * @param y1 top
     * @param x2 right
     * @param y2 bottom
     */
    public record Region(int index, float x1, float y1, float x2, float y2) {}

    /**
     * @param size bins along each axis
     * @param scale cells of the feature map to a pixel of the input, such as 1/16
     */
    public RoiAlign(int size, double scale) {
        this.size = size;
        this.scale = (float) scale;
    }

    /**
     * The bins of each region.
     *
     * @param features [B, C, H, W], float32
     * @param regions K of them
     * @return [K, C, size, size]
     */
    public Tensor forward(Tensor features, List<Region> regions) {
        int height = Math.toIntExact(features.size(2));
        int width = Math.toIntExact(features.size(3));
        int count = regions.size();
        float[] rows = new float[count * size * height];
        float[] columns = new float[count * size * width];
        long[] maps = new long[count];
        for (int k = 0; k < count; k++) {
            Region region = regions.get(k);
            if (region.index < 0 || region.index >= features.size(0)) {
                throw new IllegalArgumentException(
                        "region " + k + " lies in feature map " + region.index + " of " + features.size(0));
            }
            maps[k] = region.index;
            weigh(region.y1, region.y2, height, rows, k * size * height);
            weigh(region.x1, region.x2, width, columns, k * size * width);
        }
        Tensor byRow = placed(features, rows, count, 1, size, height);
        Tensor byColumn = placed(features, columns, count, 1, size, width);
        Tensor own = features.index_select(0, Arrays.tensor(maps, count).to(features.device(), ScalarType.Long));
        return Ops.matmul(byRow, Ops.matmul(own, byColumn.transpose(2, 3)));
    }

    private static Tensor placed(Tensor like, float[] values, long... shape) {
        return Arrays.tensor(values, shape).to(like.device(), like.scalar_type());
    }

    /** The weight of each cell in each bin along one axis: [size, cells]. */
    private void weigh(float begin, float end, int cells, float[] weights, int at) {
        float start = begin * scale - 0.5f;
        float extent = end * scale - 0.5f - start;
        float bin = extent / size;
        int samples = (int) Math.ceil(bin);
        for (int b = 0; b < size; b++) {
            for (int s = 0; s < samples; s++) {
                float place = start + b * bin + (s + 0.5f) * bin / samples;
                if (place < -1 || place > cells) {
                    continue;
                }
                place = Math.max(place, 0);
                int low = (int) place;
                if (low >= cells - 1) {
                    weights[at + b * cells + cells - 1] += 1f / samples;
                } else {
                    float part = place - low;
                    weights[at + b * cells + low] += (1 - part) / samples;
                    weights[at + b * cells + low + 1] += part / samples;
                }
            }
        }
    }
}
