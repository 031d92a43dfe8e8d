package maskfeat.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import maskfeat.mask.Grid;
import maskfeat.nn.Init;
import maskfeat.torch.Arrays;
import maskfeat.torch.Generators;
import maskfeat.torch.RandomTensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The fast form must be the published one, which {@link PlainMvit} computes step by step. */
class MvitTest {
    /** A network and what goes through it. */
    record Case(Mvit.Config config, ClipSize size, int batch) {
        Mvit build() {
            try (Init init = new Init(1)) {
                Mvit mvit = (Mvit) config.build(size, init);
                RandomTensors.addNoise(mvit.parameters(), 0.2, 3);
                return mvit;
            }
        }

        Tensor frames() {
            return RandomTensors.normal(2, batch, 3, size.frames(), size.height(), size.width());
        }

        Grid grid() {
            return config.grid(size);
        }

        /** Some patches, not as many of each sample, the last sample's last among them. */
        long[] rows() {
            Random random = new Random(7);
            int all = batch * grid().size();
            return java.util.stream.LongStream.range(0, all)
                    .filter(row -> row == all - 1 || random.nextInt(5) < 2)
                    .toArray();
        }
    }

    private static Mvit.Config config(int heads, List<Integer> stages, int kvStride, String flags, double dropPath) {
        return new Mvit.Config(
                4 * heads,
                heads,
                stages,
                kvStride,
                flags.contains("pool"),
                flags.contains("att"),
                flags.contains("cls"),
                dropPath);
    }

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        List<Integer> four = List.of(1, 1, 2, 1);
        cases.add(new Case(config(1, four, 8, "cls", 0), new ClipSize(4, 64, 64), 1));
        cases.add(new Case(config(1, four, 8, "cls pool", 0), new ClipSize(4, 64, 64), 2));
        cases.add(new Case(config(2, four, 8, "cls att", 0), new ClipSize(4, 32, 64), 2));
        cases.add(new Case(config(1, four, 8, "att pool", 0), new ClipSize(2, 64, 32), 3));
        cases.add(new Case(config(3, List.of(2, 1), 4, "", 0), new ClipSize(6, 32, 32), 1));
        // 13 x 11 patches: tables for 13, 6, 3, 1 and tokens on 13, 7, 4, 2
        cases.add(new Case(config(1, four, 8, "cls pool", 0), new ClipSize(4, 52, 44), 2));
        // rounded up from the first
        cases.add(new Case(config(2, four, 4, "cls", 0), new ClipSize(4, 49, 58), 1));
        // As 40 frames of 312 px: 39 queries, 10 keys
        cases.add(new Case(config(1, List.of(1, 1), 8, "cls pool", 0), new ClipSize(2, 312, 12), 1));
        Random random = new Random(0);
        for (int i = 0; i < 12; i++) {
            int stages = 1 + random.nextInt(3);
            List<Integer> blocks = new ArrayList<>();
            for (int stage = 0; stage < stages; stage++) {
                blocks.add(1 + random.nextInt(2));
            }
            String flags = (random.nextBoolean() ? "cls " : "")
                    + (stages > 1 && random.nextBoolean() ? "att " : "")
                    + (stages > 1 && random.nextBoolean() ? "pool" : "");
            cases.add(new Case(
                    config(1 + random.nextInt(3), blocks, 1 + random.nextInt(8), flags, 0),
                    new ClipSize(2 * (1 + random.nextInt(3)), 16 + random.nextInt(40), 16 + random.nextInt(40)),
                    1 + random.nextInt(3)));
        }
        return cases;
    }

    private static PlainMvit plain(Mvit.Config config, Map<String, Tensor> parameters) {
        List<PlainMvit.Block> blocks = new ArrayList<>();
        int kv = config.kvStride();
        int dim = config.dim();
        for (int stage = 0; stage < config.stages().size(); stage++) {
            boolean last = stage == config.stages().size() - 1;
            for (int i = 0; i < config.stages().get(stage); i++) {
                int q = i == 0 && stage > 0 && (config.poolLastStage() || !last) ? 2 : 1;
                kv = Math.max(1, kv / q);
                boolean widens = config.widenInAttention()
                        ? i == 0 && stage > 0
                        : i == config.stages().get(stage) - 1 && !last;
                blocks.add(new PlainMvit.Block(
                        config.heads() << stage,
                        dim,
                        widens ? 2 * dim : dim,
                        new PlainMvit.Stride(1, q, q),
                        new PlainMvit.Stride(1, kv, kv)));
                dim = widens ? 2 * dim : dim;
            }
        }
        return new PlainMvit(
                new PlainMvit.Shape(
                        new PlainMvit.Stride(2, 4, 4), blocks, config.widenInAttention(), config.classToken()),
                parameters);
    }

    private interface Form {
        Tensor of(Mvit mvit, Case c, Tensor frames, Tensor rows);
    }

    private static Tensor published(Mvit mvit, Case c, Tensor frames, Tensor rows) {
        PlainMvit plain = plain(c.config, mvit.parameters());
        return plain.encode(plain.embed(frames)).patches().flatten(0, 1).index_select(0, rows);
    }

    private static Tensor all(Mvit mvit, Case c, Tensor frames, Tensor rows) {
        return mvit.encode(mvit.embed(frames)).patches().flatten(0, 1).index_select(0, rows);
    }

    private static Tensor rowsOnly(Mvit mvit, Case c, Tensor frames, Tensor rows) {
        return mvit.encode(mvit.embed(frames), rows);
    }

    /** The output, and the gradient of a random weighing of it by everything; all but "output" in double. */
    private static Map<String, Tensor> run(Form form, Case c, boolean training, ScalarType type) {
        Map<String, Tensor> results = new LinkedHashMap<>();
        try (Mvit mvit = c.build()) {
            mvit.train(training);
            try (NoGradGuard guard = new NoGradGuard()) {
                mvit.parameters().values().forEach(parameter -> parameter.set_data(parameter.to(type)));
            }
            Generators.seed(5);
            Tensor rows = Arrays.tensor(c.rows(), c.rows().length);
            Tensor y = form.of(mvit, c, c.frames().to(type), rows);
            y.mul(RandomTensors.normal(4, y.shape()).to(type)).sum().backward();
            results.put("output", y.detach());
            mvit.parameters().forEach((name, parameter) -> {
                if (parameter.grad().defined()) {
                    results.put(name, parameter.grad().clone());
                }
            });
        }
        return results;
    }

    private static void assertClose(Map<String, Tensor> actual, Map<String, Tensor> expected, double tolerance) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        double largest = 0;
        for (Tensor gradient : expected.values()) {
            largest = Math.max(largest, gradient.abs().max().item_double());
        }
        for (String name : actual.keySet()) {
            Tensor wanted = requireNonNull(expected.get(name));
            Tensor difference = requireNonNull(actual.get(name)).sub(wanted);
            // What is nothing but rounding (the bias of norm_k moves all scores of a query alike) hangs on the rest.
            double scale = Math.max(wanted.abs().max().item_double(), 1e-6 * largest);
            assertThat(difference.abs().max().item_double() / scale).as(name).isLessThan(tolerance);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isThePublishedNetwork(Case c) {
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> expected = run(MvitTest::published, c, true, ScalarType.Double);
            assertThat(expected).hasSizeGreaterThan(20);
            assertClose(run(MvitTest::all, c, true, ScalarType.Double), expected, 1e-9);
            assertClose(run(MvitTest::rowsOnly, c, true, ScalarType.Double), expected, 1e-9);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void staysCloseInSinglePrecision(Case c) {
        try (PointerScope scope = new PointerScope()) {
            Tensor expected =
                    run(MvitTest::published, c, true, ScalarType.Double).get("output");
            Tensor actual = run(MvitTest::rowsOnly, c, true, ScalarType.Float).get("output");
            assertClose(Map.of("output", requireNonNull(actual)), Map.of("output", requireNonNull(expected)), 1e-5);
        }
    }
}
