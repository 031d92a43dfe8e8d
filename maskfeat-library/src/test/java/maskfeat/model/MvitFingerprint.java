package maskfeat.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import maskfeat.feature.FloatHog;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.Tolerance;
import maskfeat.mask.Grid;
import maskfeat.torch.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The fingerprint of an unreduced official MViTv2: weights and input come from formulas, so that no large file is
 * needed. Labels are ours, of the same input.
 */
final class MvitFingerprint {
    /** Of keys and values in the first block, and so divided by each stride of queries: no shape in the file tells it. */
    private static final int KV_STRIDE = 8;

    private final JsonNode golden;
    private final int batch;
    private final ClipSize size;
    private final PlainMvit.Sizes shape;
    private final List<Grid> grids = new ArrayList<>(); // of the embedding, then after each block

    /** A network that has the official parameters. */
    interface Network {
        Map<String, Tensor> parameters();

        /** What comes out of each block. */
        List<Tensor> blocks(Tensor frames, Tensor hidden);

        /** [M, outputs]. */
        Tensor predict(Tensor frames, Tensor hidden, Tensor rows);
    }

    private MvitFingerprint(String file) {
        golden = JsonMapper.shared().readTree(GoldenDir.path().resolve(file).toFile());
        long[] input = longs(golden.get("input_shape"));
        batch = (int) input[0];
        size = new ClipSize((int) input[2], (int) input[3], (int) input[4]);
        shape = readShape();
    }

    /** Of this file; the test is skipped where there is none. */
    static MvitFingerprint open(String file) {
        assumeThat(GoldenDir.has(file)).as("golden file " + file).isTrue();
        return new MvitFingerprint(file);
    }

    // ---- the network -------------------------------------------------------------------------------------------

    ClipSize size() {
        return size;
    }

    /** What the shapes of the parameters and of the blocks' outputs tell. */
    PlainMvit.Sizes shape() {
        return shape;
    }

    /** Hidden width of the MLPs as a multiple of the width that they read. */
    double mlpRatio() {
        long[] fc1 = parameter("blocks.0.mlp.fc1.weight");
        return (double) fc1[0] / fc1[1];
    }

    int outputs() {
        return (int) parameter("pred_head.projections.0.bias")[0];
    }

    private long[] parameter(String name) {
        return requireNonNull(parameterOrNull(name), name);
    }

    private long @Nullable [] parameterOrNull(String name) {
        for (JsonNode parameter : golden.get("params")) {
            if (parameter.get("name").asString().equals(name)) {
                return longs(parameter.get("shape"));
            }
        }
        return null;
    }

    private PlainMvit.Sizes readShape() {
        boolean classToken = parameterOrNull("cls_token") != null;
        Grid grid = new Grid(size.frames() / 2, size.height() / 4, size.width() / 4);
        grids.add(grid);
        int kv = KV_STRIDE;
        long dim = parameter("patch_embed.proj.bias")[0];
        boolean dimMulInAtt = false;
        List<PlainMvit.Block> blocks = new ArrayList<>();
        for (int i = 0; i < golden.get("blocks").size(); i++) {
            long[] out = longs(golden.get("blocks").get(i).get("shape")); // [B, 1 + N, C]
            long tokens = out[1] - (classToken ? 1 : 0);
            int q = (int) Math.round(Math.sqrt((double) grid.size() / tokens));
            kv /= q;
            String name = "blocks." + i + ".attn.";
            long dimAtt = parameter(name + "proj.bias")[0];
            dimMulInAtt |= dimAtt != dim;
            long heads = dimAtt / parameter(name + "pool_q.weight")[0];
            blocks.add(new PlainMvit.Block(
                    (int) heads,
                    (int) dim,
                    (int) out[2],
                    new PlainMvit.Stride(1, q, q),
                    new PlainMvit.Stride(1, kv, kv)));
            grid = new Grid(grid.t(), grid.h() / q, grid.w() / q);
            assertThat((long) grid.size()).isEqualTo(tokens);
            grids.add(grid);
            dim = out[2];
        }
        return new PlainMvit.Sizes(new PlainMvit.Stride(2, 4, 4), blocks, dimMulInAtt, classToken);
    }

    // ---- by formula --------------------------------------------------------------------------------------------

    private float[] input() {
        JsonNode f = golden.get("input_formula");
        double a = f.get("a").asDouble(),
                b = f.get("b").asDouble(),
                c = f.get("c").asDouble();
        double t = f.get("t").asDouble(), n = f.get("n").asDouble();
        double a2 = f.get("a2").asDouble(),
                b2 = f.get("b2").asDouble(),
                c2 = f.get("c2").asDouble();
        double t2 = f.get("t2").asDouble(), n2 = f.get("n2").asDouble();
        int pixels = size.height() * size.width();
        float[] input = new float[batch * 3 * size.frames() * pixels];
        IntStream.range(0, input.length).parallel().forEach(i -> {
            int x = i % size.width();
            int y = i / size.width() % size.height();
            int frame = i / pixels % size.frames();
            int colour = i / (pixels * size.frames()) % 3;
            int sample = i / (pixels * size.frames() * 3);
            input[i] = (float) (0.8 * Math.sin(a * x + b * y + c * colour + t * frame + n * sample)
                    + 0.6 * Math.cos(a2 * x + b2 * y + c2 * colour + t2 * frame + n2 * sample));
        });
        assertThat(java.util.Arrays.copyOf(input, 8)).containsExactly(floats(golden.get("input_first8")));
        return input;
    }

    /** The mask as it was drawn, on a grid: [B * N]. */
    private boolean[] mask(Grid grid) {
        long[] window = longs(golden.get("mask_shape"));
        Grid drawn = new Grid((int) window[1], (int) window[2], (int) window[3]);
        boolean[] all = new boolean[batch * grid.size()];
        for (int b = 0; b < batch; b++) {
            boolean[] mask = new boolean[drawn.size()];
            int at = 0;
            for (JsonNode time : golden.get("mask").get(b)) {
                for (JsonNode row : time) {
                    for (JsonNode token : row) {
                        mask[at++] = token.asInt() == 1;
                    }
                }
            }
            assertThat(at).isEqualTo(mask.length);
            System.arraycopy(drawn.resize(mask, grid), 0, all, b * grid.size(), grid.size());
        }
        return all;
    }

    private float[] labels(float[] input, boolean[] mask) {
        Grid grid = grids.get(grids.size() - 1);
        int clip = input.length / batch;
        int patch = size.height() / grid.h();
        float[] labels = new float[0];
        for (int b = 0; b < batch; b++) {
            float[] of = FloatHog.of(
                    java.util.Arrays.copyOfRange(input, b * clip, (b + 1) * clip),
                    size.frames(),
                    size.height(),
                    size.width(),
                    patch,
                    grid,
                    java.util.Arrays.copyOfRange(mask, b * grid.size(), (b + 1) * grid.size()));
            float[] longer = java.util.Arrays.copyOf(labels, labels.length + of.length);
            System.arraycopy(of, 0, longer, labels.length, of.length);
            labels = longer;
        }
        return labels;
    }

    /** Float parameters with the official names and shapes, whose values are the formula's. */
    void setWeights(Map<String, Tensor> parameters) {
        assertThat(parameters).hasSize(golden.get("params").size());
        JsonNode f = golden.get("param_formula");
        double amp = f.get("amp").asDouble(),
                a = f.get("a").asDouble(),
                b = f.get("b").asDouble();
        double c = f.get("c").asDouble();
        int mod = f.get("mod").asInt();
        long total = 0;
        for (JsonNode entry : golden.get("params")) {
            String name = entry.get("name").asString();
            Tensor parameter = requireNonNull(parameters.get(name), name);
            assertThat(parameter.shape()).as(name).containsExactly(longs(entry.get("shape")));
            int p = entry.get("p").asInt();
            double mean = entry.get("layernorm_weight").asBoolean() ? 1 : 0;
            float[] values = new float[Math.toIntExact(parameter.numel())];
            IntStream.range(0, values.length).parallel().forEach(i -> {
                double chirp = i % mod;
                values[i] = (float) (mean + amp * Math.sin(a * i + b * p + c * (chirp * chirp)));
            });
            assertThat(first(values, 4)).as(name).containsExactly(floats(entry.get("weight_first4")), within(1e-9f));
            new FloatPointer(parameter.data_ptr()).put(values, 0, values.length);
            total += values.length;
        }
        assertThat(total).isEqualTo(golden.get("n_params").asLong());
    }

    /** Empty float parameters with the official names and shapes, which want gradients. */
    Map<String, Tensor> emptyParameters() {
        Map<String, Tensor> parameters = new java.util.LinkedHashMap<>();
        for (JsonNode entry : golden.get("params")) {
            parameters.put(
                    entry.get("name").asString(),
                    Arrays.empty(ScalarType.Float, longs(entry.get("shape"))).set_requires_grad(true));
        }
        return parameters;
    }

    // ---- what comes out ----------------------------------------------------------------------------------------

    /** Everything, in float32; the weights must be set. */
    void check(Network network) {
        float[] input = input();
        boolean[] output = mask(grids.get(grids.size() - 1));
        float[] labels = labels(input, output);
        Spread.of(labels).check("labels", golden.get("labels"), Tolerance.HISTOGRAM);
        try (PointerScope scope = new PointerScope()) {
            Tensor frames = Arrays.tensor(input, batch, 3, size.frames(), size.height(), size.width());
            Tensor hidden =
                    Arrays.tensor(mask(grids.get(0)), batch, grids.get(0).size());
            checkBlocks(network, frames, hidden);
            checkTraining(network, frames, hidden, rows(output), labels);
        }
    }

    /**
     * The numbers of the official float64 run, by a network in float64. It had the official labels, which ours equal to
     * float32's last bits only: what depends on them is compared at 1e-7.
     */
    void checkFloat64(Network network) {
        float[] input = input();
        boolean[] output = mask(grids.get(grids.size() - 1));
        JsonNode f64 = golden.get("f64");
        try (PointerScope scope = new PointerScope()) {
            Tensor frames = Arrays.tensor(input, batch, 3, size.frames(), size.height(), size.width())
                    .to(ScalarType.Double);
            Tensor hidden =
                    Arrays.tensor(mask(grids.get(0)), batch, grids.get(0).size());
            Tensor preds = network.predict(frames, hidden, rows(output));
            Tensor first = preds.detach().flatten().narrow(0, 0, 64);
            for (int i = 0; i < 64; i++) {
                double expected = f64.get("preds").get("first64").get(i).asDouble();
                assertThat(first.select(0, i).item_double())
                        .as("prediction " + i)
                        .isCloseTo(expected, within(1e-12));
            }
            Tensor labels = Arrays.tensor(labels(input, output), preds.shape()).to(ScalarType.Double);
            Tensor loss = torch.mse_loss(preds, labels);
            assertThat(loss.item_double()).as("loss").isCloseTo(f64.get("loss").asDouble(), within(1e-9));
            loss.backward();
            for (JsonNode entry : golden.get("params")) {
                String name = entry.get("name").asString();
                double ours = requireNonNull(network.parameters().get(name), name)
                        .grad()
                        .norm()
                        .item_double();
                if (!vanishes(name)) {
                    assertThat(ours)
                            .as("norm of the gradient of " + name)
                            .isCloseTo(exactNorm(entry), within(1e-7 * exactNorm(entry)));
                }
            }
        }
    }

    private Tensor rows(boolean[] output) {
        Tensor rows = torch.nonzero(Arrays.tensor(output, output.length)).squeeze(1);
        assertThat(rows.size(0)).isEqualTo(golden.get("masked_tokens").asLong());
        return rows;
    }

    /** There is no float64 run of these: their error is taken for as large a share of them as that of the predictions. */
    private void checkBlocks(Network network, Tensor frames, Tensor hidden) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            List<Tensor> outputs = network.blocks(frames, hidden);
            assertThat(outputs).hasSize(golden.get("blocks").size());
            for (int i = 0; i < outputs.size(); i++) {
                JsonNode block = golden.get("blocks").get(i);
                assertThat(outputs.get(i).shape()).containsExactly(longs(block.get("shape")));
                double largest = block.get("absmax").asDouble();
                Spread.of(Arrays.floats(outputs.get(i)))
                        .check("block " + i, block, Tolerance.limit(share() * largest, largest));
            }
        }
    }

    private void checkTraining(Network network, Tensor frames, Tensor hidden, Tensor rows, float[] labels) {
        JsonNode f64 = golden.get("f64");
        Tensor preds = network.predict(frames, hidden, rows);
        JsonNode expected = golden.get("preds");
        assertThat(preds.shape()).containsExactly(longs(expected.get("shape")));
        double largest = expected.get("absmax").asDouble();
        Spread.of(Arrays.floats(preds)).check("preds", expected, Tolerance.limit(share() * largest, largest));
        Tensor loss = torch.mse_loss(preds, Arrays.tensor(labels, preds.shape()));
        double officialLoss = golden.get("loss").asDouble();
        double exactLoss = f64.get("loss").asDouble();
        assertThat((double) loss.item_float())
                .as("loss")
                .isCloseTo(officialLoss, Tolerance.around(officialLoss, exactLoss));
        loss.backward();
        checkGradients(network.parameters());
    }

    /** The error of the official float32 predictions against float64, as a share of the largest of them. */
    private double share() {
        JsonNode preds = golden.get("preds");
        JsonNode exact = golden.get("f64").get("preds");
        return gap(floats(preds.get("first64")), floats(exact.get("first64")))
                / preds.get("absmax").asDouble();
    }

    private static double gap(float[] a, float[] b) {
        double gap = 0;
        for (int i = 0; i < a.length; i++) {
            gap = Math.max(gap, Math.abs((double) a[i] - b[i]));
        }
        return gap;
    }

    /**
     * Norms by the largest relative gap between the official float32 and float64 norms. In front of the last maximum
     * pooling that gap is hundreds of times as large as behind it: where two places of a window nearly tie, rounding
     * decides which of them the gradient goes to. Of single elements there is no float64 run: 8e-6 of the root of the mean
     * square behind the poolings, and 6e-4 in front of them, is what the oracle was seen to differ by.
     */
    private void checkGradients(Map<String, Tensor> parameters) {
        double squares = 0;
        double squares64 = 0;
        for (JsonNode entry : golden.get("params")) {
            String name = entry.get("name").asString();
            float[] gradient =
                    Arrays.floats(requireNonNull(parameters.get(name), name).grad());
            double square = 0;
            for (float value : gradient) {
                square += (double) value * value;
            }
            squares += square;
            double official = entry.get("grad_l2").asDouble();
            squares64 += exactNorm(entry) * exactNorm(entry);
            if (vanishes(name)) {
                assertThat(Math.sqrt(square))
                        .as("rounding in " + name)
                        .isLessThan(Tolerance.limit(official - exactNorm(entry), 0));
                continue;
            }
            double exact = exactNorm(entry);
            assertThat(Math.sqrt(square))
                    .as("norm of the gradient of " + name)
                    .isCloseTo(exact, within(Tolerance.limit(normGap(behindPools(name)), 1) * exact));
            double rms = official / Math.sqrt(gradient.length);
            assertThat(first(gradient, 4))
                    .as("gradient of " + name)
                    .containsExactly(floats(entry.get("grad_first4")), within((float)
                            (Tolerance.FACTOR * (behindPools(name) ? 8e-6 : 6e-4) * rms)));
        }
        double total = golden.get("grad_norm_total").asDouble();
        assertThat(Math.sqrt(squares))
                .as("norm of all gradients")
                .isCloseTo(total, Tolerance.around(total, Math.sqrt(squares64)));
    }

    /** A shift of all keys changes no softmax, so the bias of their norm has no gradient but rounding. */
    private static boolean vanishes(String name) {
        return name.endsWith("norm_k.bias");
    }

    private double exactNorm(JsonNode entry) {
        return golden.get("f64").get("grad_l2").get(entry.get("p").asInt()).asDouble();
    }

    private double normGap(boolean behindPools) {
        double gap = 0;
        for (JsonNode entry : golden.get("params")) {
            String name = entry.get("name").asString();
            if (!vanishes(name) && behindPools(name) == behindPools) {
                gap = Math.max(gap, Math.abs(entry.get("grad_l2").asDouble() / exactNorm(entry) - 1));
            }
        }
        return gap;
    }

    /** Whether no maximum is taken of anything that the parameter has a part in. */
    private boolean behindPools(String name) {
        int last = -1;
        for (int i = 0; i < shape.blocks().size(); i++) {
            last = shape.blocks().get(i).q().h() > 1 ? i : last;
        }
        String[] parts = name.split("\\.", 3);
        return parts[0].equals("blocks") ? Integer.parseInt(parts[1]) >= last : parts[0].equals("pred_head");
    }

    /** What is known of an array: its moments over all elements, and the first of them. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them with equals
    private record Spread(double mean, double std, double absMax, float[] values) {
        static Spread of(float[] values) {
            double sum = 0;
            double squares = 0;
            double absMax = 0;
            for (float value : values) {
                sum += value;
                squares += (double) value * value;
                absMax = Math.max(absMax, Math.abs(value));
            }
            double mean = sum / values.length;
            return new Spread(mean, Math.sqrt(squares / values.length - mean * mean), absMax, values);
        }

        void check(String name, JsonNode expected, double limit) {
            float[] some = floats(expected.get("first64"));
            assertThat(first(values, some.length)).as(name).containsExactly(some, within((float) limit));
            assertThat(absMax)
                    .as("largest of " + name)
                    .isCloseTo(expected.get("absmax").asDouble(), within(limit));
            assertThat(mean)
                    .as("mean of " + name)
                    .isCloseTo(expected.get("mean").asDouble(), within(limit));
            assertThat(std)
                    .as("deviation of " + name)
                    .isCloseTo(expected.get("std").asDouble(), within(limit));
        }
    }

    private static float[] first(float[] values, int count) {
        return java.util.Arrays.copyOf(values, Math.min(count, values.length));
    }

    private static float[] floats(JsonNode list) {
        float[] floats = new float[list.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) list.get(i).asDouble();
        }
        return floats;
    }

    private static long[] longs(JsonNode list) {
        return list.valueStream().mapToLong(JsonNode::asLong).toArray();
    }
}
