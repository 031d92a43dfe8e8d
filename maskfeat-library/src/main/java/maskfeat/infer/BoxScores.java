package maskfeat.infer;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import maskfeat.augment.Rectangle;
import maskfeat.media.Frames;
import maskfeat.model.ClipSize;
import maskfeat.model.Detector;
import maskfeat.network.ActionHead;
import maskfeat.network.DetectorSizes;
import maskfeat.network.NetworkSpec;
import maskfeat.task.ActionDetection;
import maskfeat.task.Pixels;
import org.bytedeco.pytorch.Device;

/** Scores of actions in boxes, in clips of any size. Safe for several threads, which take turns. */
public final class BoxScores implements AutoCloseable {
    private final DetectorSizes sizes;
    private final int classes;
    private final Pixels pixels;

    /**
     * @param spec of the network, which has an {@link ActionHead}
     * @param network stays its owner's
     */
    public BoxScores(NetworkSpec spec, Detector network, Device device) {
        classes = ((ActionHead) spec.head()).names().size();
        sizes = new DetectorSizes(spec, network, classes, device);
        pixels = new Pixels(spec.input().normalize(), device);
    }

    /** To be called when the weights have changed. */
    public synchronized void refresh() {
        sizes.refresh();
    }

    /**
     * Probabilities of the actions. Clips of one size go through the network together.
     *
     * @param boxes of each clip, in pixels of its frames
     * @return for each clip, for each box, [classes]
     */
    public synchronized List<List<float[]>> of(List<Frames> clips, List<List<Rectangle>> boxes) {
        Map<ClipSize, List<Integer>> groups = new LinkedHashMap<>();
        for (int i = 0; i < clips.size(); i++) {
            if (!boxes.get(i).isEmpty()) {
                Frames clip = clips.get(i);
                groups.computeIfAbsent(
                                new ClipSize(clip.count(), clip.height(), clip.width()), size -> new ArrayList<>())
                        .add(i);
            }
        }
        List<List<float[]>> scores = new ArrayList<>(Collections.nCopies(clips.size(), List.of()));
        groups.forEach((size, members) -> {
            List<List<float[]>> ofGroup = ActionDetection.scores(
                    sizes.at(size),
                    classes,
                    pixels,
                    members.stream().map(clips::get).toList(),
                    members.stream().map(boxes::get).toList());
            for (int i = 0; i < members.size(); i++) {
                scores.set(members.get(i), ofGroup.get(i));
            }
        });
        return scores;
    }

    @Override
    public synchronized void close() {
        sizes.close();
    }
}
