package maskfeat.task;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import maskfeat.augment.Normalize;
import maskfeat.data.Batch;
import maskfeat.data.MaskedClip;
import maskfeat.feature.FeatureTarget;
import maskfeat.feature.TeacherTarget;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;
import maskfeat.model.MaskFeat;
import maskfeat.network.Targets;
import maskfeat.teacher.Teacher;
import maskfeat.torch.Arrays;
import maskfeat.torch.Devices;
import maskfeat.torch.Scopes;
import maskfeat.train.Task;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Masked feature prediction (Wei et al. 2022): the mean, over hidden tokens, of how far what the network predicts for them
 * is from the target; of features of the pixels the squared error. Where there are several heads, their losses are added.
 */
public final class MaskedPrediction implements Task<MaskedClip> {
    private final MaskFeat model;
    private final Pixels pixels;
    private final Targets targets;
    private final Device device;
    private final List<Objective> objectives = new ArrayList<>();
    private final List<String> names;
    private final boolean taught;
    private long teacherNanos;

    /** With targets that are functions of the pixels. */
    public MaskedPrediction(MaskFeat model, Normalize normalize, Targets targets, Device device) {
        this(model, normalize, targets, Map.of(), device);
    }

    /**
     * With targets that frozen networks make.
     *
     * @param teachers of all targets that need one; not closed with this
     */
    public MaskedPrediction(
            MaskFeat model, Normalize normalize, Targets targets, Map<TeacherTarget, Teacher> teachers, Device device) {
        this.model = model;
        this.pixels = new Pixels(normalize, device);
        this.targets = targets;
        this.device = device;
        this.names = targets.names();
        this.taught = !targets.teachers().isEmpty();
        for (int i = 0; i < targets.depths().size(); i++) {
            Targets.Depth depth = targets.depths().get(i);
            objectives.add(
                    depth.target() instanceof FeatureTarget ofPixels
                            ? new PixelObjective(i, ofPixels, depth.grid(), device)
                            : ofTeacher(i, (TeacherTarget) depth.target(), depth.grid(), teachers));
        }
    }

    private Objective ofTeacher(int depth, TeacherTarget target, Grid grid, Map<TeacherTarget, Teacher> teachers) {
        return target.hasNetwork()
                ? TeacherObjective.of(depth, target, grid, requireNonNull(teachers.get(target)), device)
                : new LabelMapObjective(depth, grid, device);
    }

    /** What is predicted. */
    public Targets targets() {
        return targets;
    }

    @Override
    public Map<String, Tensor> parameters() {
        return model.parameters();
    }

    @Override
    public Outcome loss(Batch<MaskedClip> batch) {
        List<MaskedClip> clips = batch.contents();
        List<Tensor> rows = new ArrayList<>();
        List<Objective.Wanted> wanted = new ArrayList<>();
        for (int i = 0; i < objectives.size(); i++) {
            Tensor here = rows(clips, targets.depths().get(i).grid());
            rows.add(here);
            long start = System.nanoTime();
            try (NoGradGuard guard = new NoGradGuard()) {
                wanted.add(objectives.get(i).wanted(clips, here));
            }
            if (objectives.get(i) instanceof TeacherObjective) {
                Devices.waitFor(device); // else only the time to ask for it would be measured
                teacherNanos += System.nanoTime() - start;
            }
        }
        List<Tensor> predictions = model.forward(pixels.of(frames(clips)), mask(clips, targets.embedGrid()), rows);
        Map<String, Double> extra = new TreeMap<>();
        double share = clips.stream().mapToInt(MaskedClip::hiddenCount).sum()
                / (clips.size() * (double) targets.maskGrid().size());
        extra.put("train/mask_ratio", share);
        Tensor loss = null;
        double baseline = 0;
        for (int i = 0; i < predictions.size(); i++) {
            Objective.Compared compared = wanted.get(i).compare(predictions.get(i));
            double weight = targets.depths().get(i).weight();
            // A weight of 1 multiplies nothing, so that one target alone costs nothing more.
            Tensor weighted = weight == 1 ? compared.loss() : compared.loss().mul(new Scalar(weight));
            loss = loss == null ? weighted : loss.add(weighted);
            baseline += weight * compared.baseline();
            String name = names.get(i);
            compared.measures().forEach((measure, value) -> extra.put("train/" + measure + suffix(name), value));
            if (objectives.size() > 1) {
                extra.put("train/loss_" + name, (double) compared.loss().item_float());
                extra.put("train/baseline_" + name, compared.baseline());
            }
        }
        return new Outcome(requireNonNull(loss), baseline, extra);
    }

    @Override
    public double teacherSeconds() {
        return taught ? teacherNanos * 1e-9 : Double.NaN;
    }

    private String suffix(String name) {
        return objectives.size() > 1 ? "_" + name : "";
    }

    @Override
    public double weight(MaskedClip clip) {
        return clip.hiddenCount();
    }

    /**
     * Target and prediction of the last block for every token, hidden or not, without drop path and without gradients.
     *
     * @return for each clip, of each head of the last block
     */
    List<List<Reconstruction>> reconstruct(List<MaskedClip> clips) {
        return model.inUse(() -> clips.stream()
                .map(clip -> Scopes.withoutGradients(() -> ofLastBlock().stream()
                        .map(head -> reconstruct(clip, head))
                        .toList()))
                .toList());
    }

    private List<Integer> ofLastBlock() {
        int last = targets.last().block();
        return IntStream.range(0, objectives.size())
                .filter(head -> targets.depths().get(head).block() == last)
                .boxed()
                .toList();
    }

    private Reconstruction reconstruct(MaskedClip clip, int head) {
        Objective.Drawn drawn = objectives.get(head).drawn(clip, predict(clip, head));
        return new Reconstruction(
                names.get(head),
                clip,
                targets.depths().get(head).grid(),
                drawn.target(),
                drawn.prediction(),
                drawn.loss());
    }

    /**
     * What the last block predicts for every token, hidden or not, without drop path and without gradients.
     *
     * @return for each clip [tokens, dim]
     */
    public List<float[]> predict(List<MaskedClip> clips) {
        return model.inUse(() -> clips.stream()
                .map(clip -> Scopes.withoutGradients(() -> predict(clip, objectives.size() - 1)))
                .toList());
    }

    private float[] predict(MaskedClip clip, int head) {
        List<MaskedClip> one = List.of(clip);
        return Arrays.floats(model.predictAll(pixels.of(frames(one)), mask(one, targets.embedGrid()), head));
    }

    private static List<Frames> frames(List<MaskedClip> clips) {
        return clips.stream().map(MaskedClip::frames).toList();
    }

    /** Which tokens of a grid are hidden, [B, N]. */
    private Tensor mask(List<MaskedClip> clips, Grid grid) {
        boolean[] mask = new boolean[clips.size() * grid.size()];
        for (int b = 0; b < clips.size(); b++) {
            boolean[] hidden = hidden(clips.get(b), grid);
            System.arraycopy(hidden, 0, mask, b * grid.size(), grid.size());
        }
        return Arrays.tensor(mask, clips.size(), grid.size()).to(device, torch.ScalarType.Bool);
    }

    /** Positions of the hidden tokens of a grid in [B * N], [M], ascending. */
    private Tensor rows(List<MaskedClip> clips, Grid grid) {
        List<boolean[]> hidden = clips.stream().map(clip -> hidden(clip, grid)).toList();
        long[] rows = new long[hidden.stream().mapToInt(Targets::count).sum()];
        int row = 0;
        int place = 0;
        for (boolean[] clip : hidden) {
            for (boolean token : clip) {
                if (token) {
                    rows[row++] = place;
                }
                place++;
            }
        }
        return Arrays.tensor(rows, rows.length).to(device, torch.ScalarType.Long);
    }

    private boolean[] hidden(MaskedClip clip, Grid grid) {
        return targets.maskGrid().resize(clip.hidden(), grid);
    }
}
