package maskfeat.task;

import java.util.ArrayList;
import java.util.List;
import maskfeat.augment.SecondView;
import maskfeat.data.MaskedClip;
import maskfeat.feature.CellFit;
import maskfeat.feature.FeatureView;
import maskfeat.feature.FeaturesTarget;
import maskfeat.feature.PseudoLabels;
import maskfeat.feature.TeacherTarget;
import maskfeat.feature.TokensTarget;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;
import maskfeat.network.Targets;
import maskfeat.teacher.CellMap;
import maskfeat.teacher.Teacher;
import maskfeat.torch.Arrays;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;

/**
 * What a frozen network says of the frames that tokens stand for: the first of each token's frames, whole and normalised the
 * teacher's own way.
 */
abstract class TeacherObjective implements Objective {
    private final int depth;
    private final Pixels pixels;
    final Grid grid;
    final Teacher teacher;
    final Device device;

    private TeacherObjective(int depth, Grid grid, Teacher teacher, Device device) {
        this.depth = depth;
        this.grid = grid;
        this.teacher = teacher;
        this.device = device;
        pixels = new Pixels(teacher.normalize(), device);
    }

    static Objective of(int depth, TeacherTarget target, Grid grid, Teacher teacher, Device device) {
        if (target instanceof TokensTarget) {
            return new OfTokens(depth, grid, teacher, device);
        }
        return target instanceof FeaturesTarget features
                ? new OfFeatures(depth, features, grid, teacher, device)
                : new OfLabels(depth, (PseudoLabels) target, grid, teacher, device);
    }

    /** What the teacher says of every token, [B * N, ...]; numbers of a token's classes, or its number. */
    abstract Tensor all(Tensor frames);

    abstract Compared compare(Tensor predicted, Tensor wanted);

    /** Colours of the target and of the prediction, [2][N * 3]. */
    abstract float[][] colours(Tensor target, Tensor prediction);

    abstract String shown();

    /** The frames that the teacher sees, [B * T, 3, H, W], normalised its own way. */
    private Tensor frames(List<MaskedClip> clips) {
        List<Frames> seen = clips.stream()
                .map(clip -> clip.view(depth)
                        .orElseGet(() ->
                                SecondView.every(clip.frames(), clip.frames().count() / grid.t(), grid.t())))
                .toList();
        return pixels.of(seen).transpose(1, 2).flatten(0, 1).contiguous();
    }

    /** What the teacher says of every token of some clips, [B * N, ...]. */
    final Tensor targets(List<MaskedClip> clips) {
        return all(frames(clips));
    }

    @Override
    public Wanted wanted(List<MaskedClip> clips, Tensor rows) {
        Tensor wanted = targets(clips).index_select(0, rows);
        return predicted -> compare(predicted, wanted);
    }

    @Override
    public Drawn drawn(MaskedClip clip, float[] prediction) {
        Tensor target = targets(List.of(clip));
        Tensor said = Arrays.tensor(prediction, grid.size(), prediction.length / grid.size())
                .to(device, org.bytedeco.pytorch.global.torch.ScalarType.Float);
        float[][] colours = colours(target, said);
        long[] rows = Targets.places(clip.hidden());
        Tensor hidden = Arrays.tensor(rows, rows.length).to(device, org.bytedeco.pytorch.global.torch.ScalarType.Long);
        double loss = compare(said.index_select(0, hidden), target.index_select(0, hidden))
                .loss()
                .item_float();
        return new Drawn(views(colours[0]), views(colours[1]), loss);
    }

    private List<FeatureView> views(float[] colours) {
        int size = grid.h() * grid.w() * Frames.CHANNELS;
        List<FeatureView> views = new ArrayList<>();
        for (int time = 0; time < grid.t(); time++) {
            views.add(new FeatureView.Cells(
                    shown(),
                    grid.h(),
                    grid.w(),
                    java.util.Arrays.copyOfRange(colours, time * size, (time + 1) * size)));
        }
        return views;
    }

    /** From [B * T, C, h, w] to [B * N, C] on the student's grid. */
    final Tensor byToken(Tensor cells, CellFit fit) {
        CellMap map = switch (fit) {
            case NEAREST -> CellMap.NEAREST;
            case BILINEAR -> CellMap.BILINEAR;
        };
        return map.map(cells, grid.h(), grid.w()).flatten(0, 1);
    }

    /** Features of a ResNet's last stage or of a transformer's tokens. */
    private static final class OfFeatures extends TeacherObjective {
        private final FeaturesTarget target;

        OfFeatures(int depth, FeaturesTarget target, Grid grid, Teacher teacher, Device device) {
            super(depth, grid, teacher, device);
            this.target = target;
        }

        @Override
        Tensor all(Tensor frames) {
            return byToken(teacher.cells(frames), target.fit());
        }

        @Override
        Compared compare(Tensor predicted, Tensor wanted) {
            return TeacherLoss.features(predicted, wanted, target.loss());
        }

        @Override
        float[][] colours(Tensor features, Tensor prediction) {
            return PrincipalColours.of(Arrays.floats(features), Arrays.floats(prediction), teacher.dim());
        }

        @Override
        String shown() {
            return "feature";
        }
    }

    /** Numbers of a tokenizer's words. */
    private static final class OfTokens extends TeacherObjective {
        OfTokens(int depth, Grid grid, Teacher teacher, Device device) {
            super(depth, grid, teacher, device);
        }

        @Override
        Tensor all(Tensor frames) {
            Tensor tokens = teacher.tokens(frames); // [B * T, h, w]
            if (tokens.size(1) != grid.h() || tokens.size(2) != grid.w()) {
                throw new IllegalStateException("the tokenizer gives " + tokens.size(1) + " x " + tokens.size(2)
                        + " tokens for a grid of " + grid);
            }
            return tokens.flatten(0, 2);
        }

        @Override
        Compared compare(Tensor predicted, Tensor wanted) {
            return TeacherLoss.tokens(predicted, wanted);
        }

        @Override
        float[][] colours(Tensor tokens, Tensor prediction) {
            return ofNumbers(Arrays.longs(tokens), prediction);
        }

        @Override
        String shown() {
            return "token";
        }
    }

    /** Probabilities of a classifier's classes. */
    private static final class OfLabels extends TeacherObjective {
        private final PseudoLabels target;

        OfLabels(int depth, PseudoLabels target, Grid grid, Teacher teacher, Device device) {
            super(depth, grid, teacher, device);
            this.target = target;
        }

        @Override
        Tensor all(Tensor frames) {
            // Softmax comes last: a mixture of two cells' scores is what a cell between them would have.
            return byToken(teacher.scores(frames), target.fit()).softmax(1);
        }

        @Override
        Compared compare(Tensor predicted, Tensor wanted) {
            return TeacherLoss.labels(predicted, wanted);
        }

        @Override
        float[][] colours(Tensor probabilities, Tensor prediction) {
            return ofNumbers(Arrays.longs(maskfeat.torch.Ops.argmax(probabilities, 1)), prediction);
        }

        @Override
        String shown() {
            return "label";
        }
    }

    private static float[][] ofNumbers(long[] target, Tensor prediction) {
        return new float[][] {
            NumberColours.of(target), NumberColours.of(Arrays.longs(maskfeat.torch.Ops.argmax(prediction, 1)))
        };
    }
}
