package maskfeat.task;

import java.util.List;
import maskfeat.augment.Normalize;
import maskfeat.media.Frames;
import maskfeat.torch.Arrays;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** From decoded frames to what a network reads: one copy of bytes to the device, everything else is done there. */
public final class Pixels {
    private final Normalize normalize;
    private final Device device;

    /**
     * @param normalize what is subtracted from each colour and what it is divided by
     * @param device that the network is on
     */
    public Pixels(Normalize normalize, Device device) {
        this.normalize = normalize;
        this.device = device;
    }

    /**
     * @param clips B of the same size
     * @return [B, 3, T, H, W], normalised
     * @throws IllegalArgumentException if they differ in size, naming two
     */
    public Tensor of(List<Frames> clips) {
        Frames first = clips.get(0);
        byte[] bytes = new byte[clips.size() * first.rgb().length];
        for (int b = 0; b < clips.size(); b++) {
            Frames clip = clips.get(b);
            if (!size(clip).equals(size(first))) {
                throw new IllegalArgumentException(
                        "clips of a batch differ in size: " + size(first) + ", " + size(clip));
            }
            System.arraycopy(clip.rgb(), 0, bytes, b * clip.rgb().length, clip.rgb().length);
        }
        Tensor rgb = Arrays.tensor(bytes, clips.size(), first.count(), first.height(), first.width(), Frames.CHANNELS)
                .to(device, ScalarType.Byte);
        return rgb.permute(0, 4, 1, 2, 3)
                .contiguous()
                .to(ScalarType.Float)
                .div_(new Scalar(255))
                .sub_(perChannel(normalize.mean()))
                .div_(perChannel(normalize.std()));
    }

    private Tensor perChannel(List<Float> values) {
        float[] array = {values.get(0), values.get(1), values.get(2)};
        return Arrays.tensor(array, 1, Frames.CHANNELS, 1, 1, 1).to(device, ScalarType.Float);
    }

    private static String size(Frames frames) {
        return frames.count() + " x " + frames.height() + " x " + frames.width();
    }
}
