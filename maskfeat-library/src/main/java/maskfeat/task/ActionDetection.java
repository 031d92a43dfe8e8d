package maskfeat.task;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import maskfeat.augment.Normalize;
import maskfeat.augment.Rectangle;
import maskfeat.data.ActorBox;
import maskfeat.data.ActorClip;
import maskfeat.data.Batch;
import maskfeat.media.Frames;
import maskfeat.model.Detector;
import maskfeat.nn.RoiAlign;
import maskfeat.torch.Arrays;
import maskfeat.torch.Ops;
import maskfeat.torch.Scopes;
import maskfeat.train.Task;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What is done in each of some given boxes: binary cross entropy of every action with every box, its mean over both. Each action
 * is decided by itself, because a person does several things at once.
 *
 * <p>The loss is computed from logits. The official one goes through float32 probabilities, where a logit above 17 that should
 * be low has no gradient left; below that the two are equal.
 */
public final class ActionDetection implements Task<ActorClip> {
    private final Detector model;
    private final int classes;
    private final Pixels pixels;
    private final Device device;

    /** @param classes number of outputs of the model */
    public ActionDetection(Detector model, int classes, Normalize normalize, Device device) {
        this.model = model;
        this.classes = classes;
        this.pixels = new Pixels(normalize, device);
        this.device = device;
    }

    @Override
    public Map<String, Tensor> parameters() {
        return model.parameters();
    }

    @Override
    public Outcome loss(Batch<ActorClip> batch) {
        List<ActorClip> clips = batch.contents();
        List<List<ActorBox>> actors = clips.stream().map(ActorClip::actors).toList();
        List<RoiAlign.Region> regions = regions(actors.stream()
                .map(each -> each.stream().map(ActorBox::box).toList())
                .toList());
        Tensor logits =
                model.forward(pixels.of(clips.stream().map(ActorClip::frames).toList()), regions);
        return new Outcome(crossEntropy(logits, wanted(actors)), Double.NaN, Map.of());
    }

    /** Its boxes: the loss is a mean over boxes, so clips with many of them weigh more. */
    @Override
    public double weight(ActorClip clip) {
        return clip.actors().size();
    }

    /** Scalar: the mean over boxes and classes; both [K, classes]. Of no box at all it is 0. */
    Tensor crossEntropy(Tensor logits, Tensor wanted) {
        return Ops.sumOfBinaryCrossEntropy(logits, wanted).div(new Scalar((double) Math.max(1, logits.numel())));
    }

    private Tensor wanted(List<List<ActorBox>> clips) {
        List<ActorBox> all = clips.stream().flatMap(List::stream).toList();
        float[] rows = new float[all.size() * classes];
        for (int k = 0; k < all.size(); k++) {
            for (int action : all.get(k).actions()) {
                rows[k * classes + action] = 1;
            }
        }
        return Arrays.tensor(rows, all.size(), classes).to(device, ScalarType.Float);
    }

    private static List<RoiAlign.Region> regions(List<List<Rectangle>> clips) {
        List<RoiAlign.Region> regions = new ArrayList<>();
        for (int b = 0; b < clips.size(); b++) {
            for (Rectangle box : clips.get(b)) {
                regions.add(new RoiAlign.Region(
                        b, (float) box.left(), (float) box.top(), (float) box.right(), (float) box.bottom()));
            }
        }
        return regions;
    }

    /**
     * Probabilities of the actions in each box, by sigmoid. Leaves training as it was.
     *
     * @param clips of the size that the network reads
     * @param boxes of each clip, in pixels of its frames
     * @return for each clip, for each box, [classes]
     */
    public List<List<float[]>> scores(List<Frames> clips, List<List<Rectangle>> boxes) {
        return scores(model, classes, pixels, clips, boxes);
    }

    /**
     * As {@link #scores(List, List)}, of any detector.
     *
     * @param classes number of its outputs
     */
    public static List<List<float[]>> scores(
            Detector model, int classes, Pixels pixels, List<Frames> clips, List<List<Rectangle>> boxes) {
        float[] all = model.inUse(() -> Scopes.withoutGradients(
                () -> Arrays.floats(torch.sigmoid(model.forward(pixels.of(clips), regions(boxes))))));
        int[] next = {0};
        return boxes.stream()
                .map(ofClip -> IntStream.range(0, ofClip.size())
                        .mapToObj(box -> java.util.Arrays.copyOfRange(all, next[0], next[0] += classes))
                        .toList())
                .toList();
    }
}
