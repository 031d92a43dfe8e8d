package maskfeat.teacher;

import java.io.IOException;
import maskfeat.model.Backbone;
import maskfeat.model.Features;
import maskfeat.network.OpenedWeights;
import maskfeat.torch.Devices;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;

/** A frozen backbone of images that reads pictures of one size: a ViT whose positions are fixed. */
final class BackboneTeacher extends TokenTeacher {
    private final Backbone backbone;

    private BackboneTeacher(OpenedWeights weights, Backbone backbone, Device device) throws IOException {
        super(weights, backbone, backbone.dim(), device);
        this.backbone = backbone;
    }

    static BackboneTeacher open(OpenedWeights weights, Device device) throws IOException {
        check(weights);
        Backbone backbone = weights.backbone(Devices.name(device));
        try {
            return new BackboneTeacher(weights, backbone, device);
        } catch (Throwable failed) {
            backbone.close();
            throw failed;
        }
    }

    @Override
    Features encode(Tensor frames) {
        int side = spec().input().side();
        if (frames.size(2) != side || frames.size(3) != side) {
            throw new IllegalArgumentException("a picture of " + frames.size(2) + " x " + frames.size(3)
                    + " px for a teacher that reads " + side + " x " + side + ": " + description());
        }
        return backbone.encode(backbone.embed(frames.unsqueeze(2)));
    }
}
