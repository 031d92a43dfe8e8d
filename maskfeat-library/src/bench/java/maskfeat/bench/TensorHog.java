package maskfeat.bench;

import maskfeat.augment.Normalize;
import maskfeat.media.Frames;
import maskfeat.torch.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The paper's HOG of a whole picture as a composition of tensor operators, a map of all bins for every pixel. */
final class TensorHog {
    private static final int BINS = 9;
    private static final int CELL = 8;

    private TensorHog() {}

    /** The normalised picture, [3, H, W]. */
    static Tensor picture(Frames frames) {
        float[][] table = Normalize.IMAGENET.table();
        int pixels = frames.height() * frames.width();
        float[] planes = new float[3 * pixels];
        for (int i = 0; i < pixels; i++) {
            for (int colour = 0; colour < 3; colour++) {
                planes[colour * pixels + i] = table[colour][frames.rgb()[3 * i + colour] & 0xff];
            }
        }
        return Arrays.tensor(planes, 3, frames.height(), frames.width());
    }

    /** [3, H, W] to [3, 9, H/8, W/8]. */
    static Tensor of(Tensor image) {
        long H = image.size(1), W = image.size(2);
        Tensor wide = torch.reflection_pad2d(image, 1, 1, 1, 1); // [3, H+2, W+2]
        Tensor gx = smooth(wide.narrow(2, 0, W).sub(wide.narrow(2, 2, W)), 1, H);
        Tensor gy = smooth(wide.narrow(1, 0, H).sub(wide.narrow(1, 2, H)), 2, W);
        Tensor magnitude = torch.hypot(gx, gy);
        Tensor bin = torch.atan2(gx, gy)
                .div(new Scalar((float) Math.PI))
                .mul(new Scalar(BINS))
                .floor()
                .remainder(new Scalar(BINS))
                .to(torch.ScalarType.Long);
        Tensor votes = torch.zeros(new long[] {3, BINS, H, W})
                .scatter_add_(1, bin.unsqueeze(1), magnitude.unsqueeze(1)); // [3, 9, H, W]
        Tensor cells = votes.reshape(3, BINS, H / CELL, CELL, W / CELL, CELL).sum(new long[] {3, 5}, false, null);
        Tensor length = cells.square().sum(new long[] {1}, true, null).sqrt().clamp_min(new Scalar(1e-12));
        return cells.div(length);
    }

    /** 1-2-1 along an axis that is two longer than {@code length}. */
    private static Tensor smooth(Tensor x, int axis, long length) {
        return x.narrow(axis, 0, length)
                .add(x.narrow(axis, 1, length).mul(new Scalar(2)))
                .add(x.narrow(axis, 2, length));
    }
}
