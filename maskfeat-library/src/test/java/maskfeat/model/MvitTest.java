package maskfeat.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import maskfeat.mask.Grid;
import maskfeat.nn.Init;
import maskfeat.torch.Arrays;
import maskfeat.torch.Generators;
import maskfeat.torch.RandomTensors;
import maskfeat.torch.Threads;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The fast form must be the published one, which {@link PlainMvit} computes step by step. */
class MvitTest {
    private static int threads;

    /** Threads that wait for each other at every tiny convolution take most of the time on a busy machine. */
    @BeforeAll
    static void useOneThread() {
        threads = Threads.count();
        Threads.use(1);
    }

    @AfterAll
    static void useThreadsAsBefore() {
        Threads.use(threads);
    }

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
            return LongStream.range(0, all)
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
                4,
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
        cases.add(new Case(new Mvit.Config(8, 2, four, 8, false, false, true, 3, 0), new ClipSize(2, 32, 32), 2));
        cases.add(new Case(new Mvit.Config(5, 1, four, 4, true, true, false, 2.5, 0), new ClipSize(2, 32, 32), 2));
        // 13 x 11 patches: tables for 13, 6, 3, 1 and tokens on 13, 7, 4, 2
        cases.add(new Case(config(1, four, 8, "cls pool", 0), new ClipSize(4, 52, 44), 2));
        // rounded up from the first
        cases.add(new Case(config(2, four, 4, "cls", 0), new ClipSize(4, 49, 58), 1));
        // As 40 frames of 312 px: 39 queries, 10 keys
        cases.add(new Case(config(1, List.of(1, 1), 8, "cls pool", 0), new ClipSize(2, 312, 12), 1));
        Random random = new Random(0);
        for (int i = 0; i < 8; i++) {
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
                new PlainMvit.Sizes(
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

    /** The output, and the gradient of a random weighing of it by everything. */
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
            // What is nothing but rounding (the bias of norm_k moves all scores of a query alike) depends on the rest.
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
    @ValueSource(ints = {1, 2, 6})
    void staysCloseInSinglePrecision(int number) {
        Case c = cases().get(number);
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Mvit mvit = c.build()) {
            Tensor rows = Arrays.tensor(c.rows(), c.rows().length);
            Tensor single = rowsOnly(mvit, c, c.frames(), rows);
            mvit.parameters().values().forEach(parameter -> parameter.set_data(parameter.to(ScalarType.Double)));
            Tensor exact = published(mvit, c, c.frames().to(ScalarType.Double), rows);
            assertClose(Map.of("output", single), Map.of("output", exact), 1e-5);
        }
    }

    // ---- what goes in and comes out ------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void encodingEachBlockEndsWhereEncodingEnds(boolean classToken) {
        Case c = new Case(config(1, List.of(1, 2), 4, classToken ? "cls pool" : "pool", 0), new ClipSize(4, 28, 20), 2);
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Mvit mvit = c.build()) {
            Tokens tokens = mvit.embed(c.frames());
            assertThat(tokens.grid()).isEqualTo(c.config.embedGrid(c.size)).isEqualTo(new Grid(2, 7, 5));
            List<Features> each = mvit.encode(tokens, List.of(0, 2));
            assertThat(each.get(0).grid()).isEqualTo(c.config.grid(c.size, 0)).isEqualTo(new Grid(2, 7, 5));
            assertThat(each.get(1).grid()).isEqualTo(c.grid()).isEqualTo(new Grid(2, 4, 3));
            assertThat(each.get(0).x().shape()).containsExactly(2, (classToken ? 1 : 0) + 70, mvit.dim(0));
            assertThat(mvit.encode(tokens).x().equal(each.get(1).x())).isTrue();
            Tensor published = plain(c.config, mvit.parameters()).encode(tokens).x(); // class token and all
            assertClose(Map.of("x", each.get(1).x()), Map.of("x", published), 1e-5);
        }
    }

    @Test
    void samplesDoNotSeeEachOther() {
        Case c = new Case(config(1, List.of(1, 1), 4, "cls pool", 0), new ClipSize(4, 32, 32), 3);
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Mvit mvit = c.build()) {
            Tensor frames = c.frames();
            Tensor together = mvit.encode(mvit.embed(frames)).x();
            for (int b = 0; b < c.batch; b++) {
                Tensor alone = mvit.encode(mvit.embed(frames.narrow(0, b, 1))).x();
                assertClose(Map.of("x", alone.select(0, 0)), Map.of("x", together.select(0, b)), 1e-5);
            }
        }
    }

    @Test
    void anotherSizeThanBuiltForIsRefused() {
        Case c = new Case(config(1, List.of(1), 1, "cls", 0), new ClipSize(4, 32, 32), 1);
        try (PointerScope scope = new PointerScope();
                Mvit mvit = c.build()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> mvit.embed(RandomTensors.normal(1, 1, 3, 4, 32, 40)))
                    .withMessage("an input of 2x8x10 cubes does not fit a network for 2x8x8");
        }
    }

    // ---- drop path ---------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"cls", ""})
    void theRowsAloneEqualTheRowsOfAllWithDropPath(String flags) {
        Case c = new Case(config(1, List.of(1, 2), 2, flags, 0.5), new ClipSize(2, 16, 16), 6);
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> all = run(MvitTest::all, c, true, ScalarType.Double);
            assertClose(run(MvitTest::rowsOnly, c, true, ScalarType.Double), all, 1e-9);
            Tensor without = run(MvitTest::all, c, false, ScalarType.Double).get("output");
            assertThat(requireNonNull(without).equal(all.get("output"))).isFalse();
        }
    }

    /** Attention adds nothing, so a block leaves a sample exactly as it was where its MLP is dropped. */
    @Test
    void dropPathLeavesWholeSamplesOut() {
        int samples = 1000;
        Case c = new Case(config(1, List.of(3), 2, "cls", 0.6), new ClipSize(2, 4, 4), samples);
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Mvit mvit = c.build()) {
            mvit.parameters().forEach((name, parameter) -> {
                if (name.contains("attn.proj")) {
                    parameter.zero_();
                }
            });
            Generators.seed(1);
            List<Features> blocks = mvit.encode(mvit.embed(c.frames()), List.of(0, 1, 2));
            for (int i = 1; i < 3; i++) {
                Tensor changed =
                        blocks.get(i).x().ne(blocks.get(i - 1).x()).any(2); // [B, 2]: class token and the one patch
                assertThat(changed.select(1, 0).equal(changed.select(1, 1))).isTrue();
                double kept = changed.select(1, 0).sum().item_double() / samples;
                assertThat(kept).isCloseTo(1 - 0.3 * i, within(0.08)); // 5 deviations
            }
        }
    }

    // ---- settings ------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @CsvSource({
        "0, 1, 1 2, 8, '', 0, dim 0",
        "8, 0, 1 2, 8, '', 0, heads 0",
        "8, 3, 1 2, 8, '', 0, dim 8 must be a multiple of heads 3",
        "8, 1, 1 0, 8, '', 0, 'stages [1, 0]'",
        "8, 1, '', 8, '', 0, 'stages []'",
        "8, 1, 1 2, 0, '', 0, kv-stride 0",
        "8, 1, 2, 8, pool, 0, pool-last-stage would do nothing",
        "8, 1, 2, 8, att, 0, widen-in-attention would do nothing",
        "8, 1, 1 2, 8, '', 1, drop-path 1.0",
        "8, 1, 1 2, 8, '', NaN, drop-path NaN",
        "8, 1, 1, 8, '', 0.1, drop-path 0.1 would do nothing",
    })
    void settingsThatMakeNoSenseAreRefused(
            int dim, int heads, String stages, int kvStride, String flags, double dropPath, String named) {
        List<Integer> blocks = stages.isEmpty()
                ? List.of()
                : Stream.of(stages.split(" ")).map(Integer::valueOf).toList();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Mvit.Config(
                        dim, heads, blocks, kvStride, flags.equals("pool"), flags.equals("att"), true, 4, dropPath))
                .withMessageContaining(named);
    }

    @Test
    void clipsThatDoNotFitAreRefused() {
        Mvit.Config config = Mvit.Config.small();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config.embedGrid(ClipSize.square(15, 224)))
                .withMessage("a clip of 15 frames does not divide into cubes of 2; the nearest that do have 14 and 16");
        assertThat(config.embedGrid(ClipSize.square(2, 16))).isEqualTo(new Grid(1, 4, 4));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config.embedGrid(new ClipSize(16, 224, 15)))
                .withMessageContaining("16 px");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config.forFineTuning(0.1).embedGrid(ClipSize.square(16, 31)))
                .withMessageContaining("32 px");
    }

    @Test
    void gridsAndPatchesFollowTheStages() {
        ClipSize size = ClipSize.square(16, 224);
        Mvit.Config config = Mvit.Config.small();
        Mvit.Config fine = config.forFineTuning(0.1);
        assertThat(config.depth()).isEqualTo(16);
        assertThat(IntStream.range(0, 16).map(config::patch))
                .containsExactly(4, 8, 8, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16);
        assertThat(config.grid(size)).isEqualTo(new Grid(8, 14, 14));
        assertThat(fine.grid(size)).isEqualTo(new Grid(8, 7, 7));
        assertThat(fine.patch()).isEqualTo(32);
        assertThat(Mvit.Config.large().grid(ClipSize.square(40, 312), 8)).isEqualTo(new Grid(20, 20, 20));
    }
}
