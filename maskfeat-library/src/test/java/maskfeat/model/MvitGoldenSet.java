package maskfeat.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenSettings;
import maskfeat.golden.GoldenTensors;
import maskfeat.golden.Tolerance;
import maskfeat.mask.Grid;
import maskfeat.nn.Init;
import maskfeat.torch.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import tools.jackson.databind.JsonNode;

/**
 * What the official implementation made of a reduced MViTv2, and the description of that network; everything is read
 * from the set's own files.
 *
 * <p>Of {@code act.}, {@code g.}, {@code a1.} and {@code a3.} a set may hold some or none: what is there is compared.
 */
final class MvitGoldenSet {
    private final GoldenTensors golden;
    private final JsonNode description;
    private final GoldenSettings settings;
    private final Tolerance tolerance;

    private MvitGoldenSet(String name) {
        Path folder = GoldenDir.path().resolve(name);
        golden = GoldenTensors.open(folder.resolve(name + "_pretrain.safetensors"));
        settings = GoldenSettings.open(name + "/config.json");
        description = settings.description();
        tolerance = new Tolerance(golden, folder.resolve("tolerance.json"));
    }

    /** The set of this name; the test is skipped where there is none. */
    static MvitGoldenSet open(String name) {
        assumeThat(GoldenDir.has(name)).as("golden set " + name).isTrue();
        return new MvitGoldenSet(name);
    }

    // ---- the network -------------------------------------------------------------------------------------------

    /** A key of the official settings, such as {@code /MVIT/DEPTH}. */
    JsonNode setting(String pointer) {
        return settings.setting(pointer);
    }

    /** Blocks that there are: those behind the last one that predicts are left out. */
    int depth() {
        JsonNode depths = setting("/MASK/PRETRAIN_DEPTH");
        assertThat(depths).as("blocks that predict").hasSize(1);
        return depths.get(0).asInt() + 1;
    }

    /** Of the blocks that there are. */
    PlainMvit.Sizes shape() {
        return shape(depth());
    }

    private PlainMvit.Sizes shape(int depth) {
        List<PlainMvit.Block> blocks = new ArrayList<>();
        for (int i = 0; i < depth; i++) {
            JsonNode block = description.get("blocks").get(i);
            blocks.add(new PlainMvit.Block(
                    block.get("heads").asInt(),
                    block.get("dim").asInt(),
                    block.get("dim_out").asInt(),
                    stride(setting("/MVIT/POOL_Q_STRIDE"), i),
                    stride(description.get("pool_kv_stride_derived"), i)));
        }
        JsonNode patch = setting("/MVIT/PATCH_STRIDE");
        return new PlainMvit.Sizes(
                new PlainMvit.Stride(
                        patch.get(0).asInt(), patch.get(1).asInt(), patch.get(2).asInt()),
                blocks,
                setting("/MVIT/DIM_MUL_IN_ATT").asBoolean(),
                setting("/MVIT/CLS_EMBED_ON").asBoolean());
    }

    /** Of a list of [block, t, h, w]. */
    private static PlainMvit.Stride stride(JsonNode list, int block) {
        for (JsonNode entry : list) {
            if (entry.get(0).asInt() == block) {
                return new PlainMvit.Stride(
                        entry.get(1).asInt(), entry.get(2).asInt(), entry.get(3).asInt());
            }
        }
        return new PlainMvit.Stride(1, 1, 1);
    }

    ClipSize size() {
        return ClipSize.square(
                setting("/DATA/NUM_FRAMES").asInt(),
                setting("/DATA/TRAIN_CROP_SIZE").asInt());
    }

    Mvit.Config config() {
        return settings.mvit();
    }

    /** Our settings for such a network; a stage begins where there are more heads than before. */
    static Mvit.Config config(PlainMvit.Sizes shape, double mlpRatio) {
        List<Integer> stages = new ArrayList<>();
        int heads = 0;
        boolean poolLastStage = false;
        for (PlainMvit.Block block : shape.blocks()) {
            if (block.heads() > heads) {
                stages.add(0);
                poolLastStage = block.q().h() > 1;
                heads = block.heads();
            }
            stages.set(stages.size() - 1, stages.get(stages.size() - 1) + 1);
        }
        PlainMvit.Block first = shape.blocks().get(0);
        return new Mvit.Config(
                first.dim(),
                first.heads(),
                stages,
                first.kv().h(),
                poolLastStage,
                shape.dimMulInAtt(),
                shape.classToken(),
                mlpRatio,
                0);
    }

    /** Ours, with its own first values. */
    MaskFeat model(Init init) {
        int outputs = requireNonNull(parameters().get("pred_head.projections.0.bias"))
                .get(0)
                .intValue();
        return new MaskFeat(config().build(size(), depth(), init), outputs, init);
    }

    /** Shapes by name, in the official order. */
    Map<String, List<Long>> parameters() {
        return settings.parameters();
    }

    double clipOfStep1() {
        return description.get("clip_coef_step1").asDouble();
    }

    // ---- tensors -----------------------------------------------------------------------------------------------

    Tensor tensor(String name) {
        return Arrays.tensor(golden.values(name), golden.shape(name));
    }

    float[] values(String name) {
        return golden.values(name);
    }

    long[] sizes(String name) {
        return golden.shape(name);
    }

    /** What follows the prefix in the names that have it. */
    List<String> named(String prefix) {
        return golden.names().stream()
                .filter(name -> name.startsWith(prefix))
                .map(name -> name.substring(prefix.length()))
                .toList();
    }

    Grid embedGrid() {
        return featureGrid(-1);
    }

    /** Of a block; of the embedding for -1. */
    private Grid featureGrid(int block) {
        long[] input = golden.shape("input");
        PlainMvit.Sizes shape = shape();
        long t = input[2] / shape.patch().t();
        long h = input[3] / shape.patch().h();
        long w = input[4] / shape.patch().w();
        for (int i = 0; i <= block; i++) {
            PlainMvit.Stride q = shape.blocks().get(i).q();
            t = (t + q.t() - 1) / q.t();
            h = (h + q.h() - 1) / q.h();
            w = (w + q.w() - 1) / q.w();
        }
        return new Grid((int) t, (int) h, (int) w);
    }

    /** The grid that is predicted on. */
    Grid outputGrid() {
        return featureGrid(depth() - 1);
    }

    /** Pixels a side of a token that is predicted. */
    int outputPatch() {
        return Math.toIntExact(golden.shape("input")[3] / outputGrid().h());
    }

    /** The mask as it was drawn, on a grid: [B, N]. */
    boolean[][] mask(Grid grid) {
        long[] shape = golden.shape("mask"); // [B, t, h, w]
        float[] values = golden.values("mask");
        Grid window = new Grid((int) shape[1], (int) shape[2], (int) shape[3]);
        boolean[][] masks = new boolean[(int) shape[0]][];
        for (int b = 0; b < masks.length; b++) {
            boolean[] mask = new boolean[window.size()];
            for (int i = 0; i < mask.length; i++) {
                mask[i] = values[b * mask.length + i] == 1;
            }
            masks[b] = window.resize(mask, grid);
        }
        return masks;
    }

    /** [B, N] on the grid of the embedding, true = hidden. */
    Tensor hidden() {
        boolean[][] masks = mask(embedGrid());
        boolean[] all = new boolean[masks.length * embedGrid().size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = masks[i / embedGrid().size()][i % embedGrid().size()];
        }
        return Arrays.tensor(all, masks.length, embedGrid().size());
    }

    /** [M], positions in [B * N] on the grid that is predicted. */
    Tensor rows() {
        return torch.nonzero(tensor("output_mask").gt(new Scalar(0.5f)).flatten())
                .squeeze(1);
    }

    // ---- comparing ---------------------------------------------------------------------------------------------

    /** As close as another order of summation may be. */
    void assertClose(String name, float[] actual) {
        tolerance.assertClose(name, actual);
    }

    /** The activation of this name, where the set holds it. */
    void assertActivation(String name, float[] actual) {
        if (golden.has("act." + name)) {
            assertClose("act." + name, actual);
        }
    }

    /** Within the error that the official float32 run has: what a float64 run must keep to. */
    void assertExact(String name, float[] actual) {
        tolerance.assertExact(name, actual);
    }

    /** A number of a training step, counted from 0. */
    void assertStep(String name, int step, double actual) {
        tolerance.assertStep(name, step, actual);
    }

    /** After optimizer steps. */
    void assertParameter(String prefix, String name, float[] actual) {
        tolerance.assertMoved(prefix, name, actual, clipOfStep1());
    }
}
