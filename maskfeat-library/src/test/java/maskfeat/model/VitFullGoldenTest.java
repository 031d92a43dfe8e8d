package maskfeat.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import maskfeat.feature.FloatHog;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.Tolerance;
import maskfeat.mask.Grid;
import maskfeat.nn.Init;
import maskfeat.torch.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The unreduced ViTs against fingerprints of the official ones: weights and input come from formulas, so that no large
 * file is needed. Labels are ours, of the same input.
 */
@Tag("golden")
class VitFullGoldenTest {
    private static final int HEAD_DIM = 64; // of every ViT of Dosovitskiy et al. 2021, table 1; no shape tells it

    @Test
    void everythingEqualsTheOfficialFingerprints() throws IOException {
        int checked = 0;
        for (Path file : vits()) {
            new Fingerprints(file).check();
            checked++;
        }
        Assumptions.assumeTrue(checked > 0, "a golden file of an unreduced ViT");
    }

    private static List<Path> vits() throws IOException {
        List<Path> vits = new ArrayList<>();
        Path folder = GoldenDir.path().resolve("full");
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                files.filter(file -> file.toString().endsWith(".json"))
                        .filter(file -> JsonMapper.shared()
                                .readTree(file.toFile())
                                .get("official_yaml")
                                .asString()
                                .contains("_VIT_"))
                        .sorted()
                        .forEach(vits::add);
            }
        }
        return vits;
    }

    /** One file, and the model it is about. */
    private static final class Fingerprints {
        private final JsonNode golden;
        private final int batch;
        private final int side;
        private final int patch;
        private final Grid grid;

        Fingerprints(Path file) {
            golden = JsonMapper.shared().readTree(file.toFile());
            batch = golden.get("input_shape").get(0).asInt();
            side = golden.get("input_shape").get(2).asInt();
            patch = shape("patch_embed.proj.weight").get(2).asInt();
            grid = Grid.of(
                    golden.get("mask_shape").get(1).asInt(),
                    golden.get("mask_shape").get(2).asInt());
        }

        private JsonNode parameter(String name) {
            for (JsonNode parameter : golden.get("params")) {
                if (parameter.get("name").asString().equals(name)) {
                    return parameter;
                }
            }
            throw new AssertionError("no parameter " + name);
        }

        private JsonNode shape(String name) {
            return parameter(name).get("shape");
        }

        private MaskFeat model() {
            int dim = shape("cls_token").get(2).asInt();
            int depth = golden.get("blocks").size();
            double mlpRatio = shape("blocks.0.mlp.fc1.weight").get(0).asDouble() / dim;
            Vit.Config config = new Vit.Config(patch, 1, dim, depth, dim / HEAD_DIM, mlpRatio, 0);
            try (Init init = new Init(0)) {
                return new MaskFeat(
                        config.build(ClipSize.image(side), init),
                        shape("pred_head.projections.0.bias").get(0).asInt(),
                        init);
            }
        }

        void check() {
            float[] input = input();
            assertThat(java.util.Arrays.copyOf(input, 8)).containsExactly(floats(golden.get("input_first8")));
            boolean[] mask = mask();
            float[] labels = labels(input, mask);
            Spread labelSpread = Spread.of(labels);
            labelSpread.check("labels", golden.get("labels"), Tolerance.HISTOGRAM);
            try (MaskFeat model = model();
                    PointerScope scope = new PointerScope()) {
                setWeights(model.parameters());
                Tensor frames = Arrays.tensor(input, batch, 3, 1, side, side);
                Tensor hidden = Arrays.tensor(mask, batch, grid.size());
                checkBlocks(model, frames, hidden);
                checkTraining(model, frames, hidden, labels);
            }
        }

        // ---- by formula ----------------------------------------------------------------------------------------

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
            int frame = 0;
            float[] input = new float[batch * 3 * side * side];
            for (int i = 0; i < input.length; i++) {
                int x = i % side;
                int y = i / side % side;
                int colour = i / (side * side) % 3;
                int sample = i / (side * side * 3);
                input[i] = (float) (0.8 * Math.sin(a * x + b * y + c * colour + t * frame + n * sample)
                        + 0.6 * Math.cos(a2 * x + b2 * y + c2 * colour + t2 * frame + n2 * sample));
            }
            return input;
        }

        private boolean[] mask() {
            boolean[] mask = new boolean[batch * grid.size()];
            int at = 0;
            for (JsonNode sample : golden.get("mask")) {
                for (JsonNode row : sample) {
                    for (JsonNode token : row) {
                        mask[at++] = token.asInt() == 1;
                    }
                }
            }
            assertThat(at).isEqualTo(mask.length);
            return mask;
        }

        private float[] labels(float[] input, boolean[] mask) {
            int clip = 3 * side * side;
            float[] labels = new float[0];
            for (int b = 0; b < batch; b++) {
                float[] of = FloatHog.of(
                        java.util.Arrays.copyOfRange(input, b * clip, (b + 1) * clip),
                        1,
                        side,
                        side,
                        patch,
                        grid,
                        java.util.Arrays.copyOfRange(mask, b * grid.size(), (b + 1) * grid.size()));
                float[] longer = java.util.Arrays.copyOf(labels, labels.length + of.length);
                System.arraycopy(of, 0, longer, labels.length, of.length);
                labels = longer;
            }
            return labels;
        }

        private void setWeights(Map<String, Tensor> parameters) {
            assertThat(parameters).hasSize(golden.get("params").size());
            JsonNode f = golden.get("param_formula");
            double amp = f.get("amp").asDouble(),
                    a = f.get("a").asDouble(),
                    b = f.get("b").asDouble();
            double c = f.get("c").asDouble();
            int mod = f.get("mod").asInt();
            long total = 0;
            for (JsonNode entry : golden.get("params")) {
                Tensor parameter = requireNonNull(
                        parameters.get(entry.get("name").asString()),
                        entry.get("name").asString());
                assertThat(parameter.shape()).containsExactly(longs(entry.get("shape")));
                int p = entry.get("p").asInt();
                double mean = entry.get("layernorm_weight").asBoolean() ? 1 : 0;
                float[] values = new float[Math.toIntExact(parameter.numel())];
                IntStream.range(0, values.length).parallel().forEach(i -> {
                    double chirp = i % mod;
                    values[i] = (float) (mean + amp * Math.sin(a * i + b * p + c * chirp * chirp));
                });
                assertThat(first(values, 4))
                        .as(entry.get("name").asString())
                        .containsExactly(floats(entry.get("weight_first4")), within(1e-9f));
                new FloatPointer(parameter.data_ptr()).put(values, 0, values.length);
                total += values.length;
            }
            assertThat(total).isEqualTo(golden.get("n_params").asLong());
        }

        // ---- what comes out ------------------------------------------------------------------------------------

        /** There is no float64 run of these: their error is taken for as large a share of them as that of the predictions. */
        private void checkBlocks(MaskFeat model, Tensor frames, Tensor hidden) {
            try (PointerScope scope = new PointerScope();
                    NoGradGuard guard = new NoGradGuard()) {
                Vit vit = (Vit) model.backbone();
                Tokens tokens = vit.embed(frames);
                Tokens masked = new Tokens(
                        torch.where(
                                hidden.unsqueeze(-1),
                                requireNonNull(model.parameters().get("mask_token")),
                                tokens.x()),
                        tokens.grid());
                List<Tensor> outputs = EachBlock.of(vit, masked);
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

        private void checkTraining(MaskFeat model, Tensor frames, Tensor hidden, float[] labels) {
            JsonNode f64 = golden.get("f64");
            Tensor rows = torch.nonzero(hidden.flatten()).squeeze(1);
            assertThat(rows.size(0)).isEqualTo(golden.get("masked_tokens").asLong());
            Tensor preds = model.forward(frames, hidden, List.of(rows)).get(0);
            JsonNode expected = golden.get("preds");
            assertThat(preds.shape()).containsExactly(longs(expected.get("shape")));
            double largest = expected.get("absmax").asDouble();
            Spread.of(Arrays.floats(preds)).check("preds", expected, Tolerance.limit(share() * largest, largest));

            Tensor loss = torch.mse_loss(preds, Arrays.tensor(labels, preds.shape()));
            double officialLoss = golden.get("loss").asDouble();
            assertThat((double) loss.item_float())
                    .as("loss")
                    .isCloseTo(
                            officialLoss,
                            Tolerance.around(officialLoss, f64.get("loss").asDouble()));
            loss.backward();
            checkGradients(model.parameters());
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
         * Norms by the largest relative gap between the official float32 and float64 norms. Of single elements there is no
         * float64 run: 5e-7 of the root of the mean square is what float32 sums in another order were seen to do, and far
         * below what any term left out would.
         */
        private void checkGradients(Map<String, Tensor> parameters) {
            JsonNode f64 = golden.get("f64").get("grad_l2");
            assertThat(f64).hasSameSizeAs(golden.get("params"));
            double gap = 0;
            double squares64 = 0;
            for (JsonNode entry : golden.get("params")) {
                double exact = f64.get(entry.get("p").asInt()).asDouble();
                gap = Math.max(gap, Math.abs(entry.get("grad_l2").asDouble() / exact - 1));
                squares64 += exact * exact;
            }
            double relative = Tolerance.limit(gap, 1);
            double squares = 0;
            for (JsonNode entry : golden.get("params")) {
                String name = entry.get("name").asString();
                float[] gradient =
                        Arrays.floats(requireNonNull(parameters.get(name)).grad());
                double square = 0;
                for (float value : gradient) {
                    square += (double) value * value;
                }
                squares += square;
                double official = entry.get("grad_l2").asDouble();
                assertThat(Math.sqrt(square))
                        .as("norm of the gradient of " + name)
                        .isCloseTo(official, within(relative * official));
                assertThat(first(gradient, 4))
                        .as("gradient of " + name)
                        .containsExactly(floats(entry.get("grad_first4")), within((float)
                                (Tolerance.FACTOR * 5e-7 * official / Math.sqrt(gradient.length))));
            }
            double total = golden.get("grad_norm_total").asDouble();
            assertThat(Math.sqrt(squares))
                    .as("norm of all gradients")
                    .isCloseTo(total, Tolerance.around(total, Math.sqrt(squares64)));
        }
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
        long[] longs = new long[list.size()];
        for (int i = 0; i < longs.length; i++) {
            longs[i] = list.get(i).asLong();
        }
        return longs;
    }
}
