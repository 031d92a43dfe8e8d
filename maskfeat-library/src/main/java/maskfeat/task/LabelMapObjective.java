package maskfeat.task;

import java.util.List;
import java.util.stream.LongStream;
import maskfeat.data.MaskedClip;
import maskfeat.feature.FeatureView;
import maskfeat.feature.LabelCrop;
import maskfeat.mask.Grid;
import maskfeat.network.Targets;
import maskfeat.torch.Arrays;
import maskfeat.torch.Ops;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Probabilities of classes that a file says of each picture. */
final class LabelMapObjective implements Objective {
    private final int depth;
    private final Grid grid;
    private final Device device;

    /** @param depth number of the head, and of its maps in a sample */
    LabelMapObjective(int depth, Grid grid, Device device) {
        this.depth = depth;
        this.grid = grid;
        this.device = device;
    }

    /** [M, classes], of tokens by their positions in [B * N]. */
    Tensor probabilities(List<MaskedClip> clips, long[] rows) {
        int classes = crop(clips.get(0)).classes();
        float[] scores = new float[rows.length * classes];
        for (int i = 0; i < rows.length; i++) {
            int token = (int) (rows[i] % grid.size());
            crop(clips.get((int) (rows[i] / grid.size())))
                    .scores(token / grid.w(), grid.h(), token % grid.w(), grid.w(), scores, i * classes);
        }
        // Softmax comes last: classes that a cell does not name have the score 0, not no probability.
        return Arrays.tensor(scores, rows.length, classes)
                .to(device, ScalarType.Float)
                .softmax(1);
    }

    private LabelCrop crop(MaskedClip clip) {
        return clip.labels(depth)
                .orElseThrow(() -> new IllegalStateException("a sample came without the map of head " + depth));
    }

    @Override
    public Wanted wanted(List<MaskedClip> clips, Tensor rows) {
        Tensor wanted = probabilities(clips, Arrays.longs(rows));
        return predicted -> TeacherLoss.labels(predicted, wanted);
    }

    @Override
    public Drawn drawn(MaskedClip clip, float[] prediction) {
        Tensor target =
                probabilities(List.of(clip), LongStream.range(0, grid.size()).toArray());
        Tensor said = Arrays.tensor(prediction, grid.size(), prediction.length / grid.size())
                .to(device, ScalarType.Float);
        Tensor hidden =
                Arrays.tensor(Targets.places(clip.hidden()), clip.hiddenCount()).to(device, ScalarType.Long);
        double loss = TeacherLoss.labels(said.index_select(0, hidden), target.index_select(0, hidden))
                .loss()
                .item_float();
        return new Drawn(view(target), view(said), loss);
    }

    /** A colour for each token's likeliest class. */
    private List<FeatureView> view(Tensor classes) {
        return List.of(new FeatureView.Cells(
                "label", grid.h(), grid.w(), NumberColours.of(Arrays.longs(Ops.argmax(classes, 1)))));
    }
}
