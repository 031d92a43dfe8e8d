package maskfeat.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import maskfeat.nn.Init;
import maskfeat.nn.Layer;
import maskfeat.nn.MultiscaleBlock;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names, shapes and numbers of parameters are those of the published models. */
public class MvitParametersTest {
    private static Map<String, List<Long>> shapes(Layer layer) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        layer.parameters()
                .forEach((name, parameter) -> shapes.put(
                        name, Arrays.stream(parameter.shape()).boxed().toList()));
        layer.close();
        return shapes;
    }

    /** Of the backbone; of blocks that are alike only one is built at a time, so that large ones fit into memory. */
    public static Map<String, List<Long>> shapes(Mvit.Config config, ClipSize size) {
        Map<String, List<Long>> all = new LinkedHashMap<>();
        try (PointerScope scope = new PointerScope();
                Init init = new Init(0)) {
            shapes(config.build(size, 1, init)).forEach((name, shape) -> {
                if (!name.startsWith("blocks.")) {
                    all.put(name, shape);
                }
            });
        }
        Map<MultiscaleBlock.Sizes, Map<String, List<Long>>> built = new LinkedHashMap<>();
        List<MultiscaleBlock.Sizes> blocks = config.shapes(size);
        for (int i = 0; i < blocks.size(); i++) {
            String prefix = "blocks." + i + ".";
            built.computeIfAbsent(blocks.get(i), MvitParametersTest::shapes)
                    .forEach((name, shape) -> all.put(prefix + name, shape));
        }
        return all;
    }

    private static Map<String, List<Long>> shapes(MultiscaleBlock.Sizes shape) {
        try (PointerScope scope = new PointerScope();
                Init init = new Init(0)) {
            return shapes(new MultiscaleBlock(shape, 0, init));
        }
    }

    private static long count(Map<String, List<Long>> shapes) {
        return shapes.values().stream()
                .mapToLong(shape -> shape.stream().reduce(1L, (a, b) -> a * b))
                .sum();
    }

    /**
     * As the official state dictionaries list them.
     *
     * @param blocks each "number x width>width out, rows of the spatial tables", in the order of the blocks
     */
    private static Map<String, List<Long>> official(long dim, long headDim, long times, String blocks) {
        Map<String, List<Long>> all = new LinkedHashMap<>();
        all.put("cls_token", List.of(1L, 1L, dim));
        all.put("patch_embed.proj.weight", List.of(dim, 3L, 3L, 7L, 7L));
        all.put("patch_embed.proj.bias", List.of(dim));
        int block = 0;
        for (String group : blocks.split("; ")) {
            String[] parts = group.split("[x>,] ?");
            for (int i = 0; i < Integer.parseInt(parts[0]); i++) {
                official(
                        all,
                        "blocks." + block++ + ".",
                        Long.parseLong(parts[1]),
                        Long.parseLong(parts[2]),
                        headDim,
                        Long.parseLong(parts[3]),
                        times);
            }
        }
        return all;
    }

    private static void official(
            Map<String, List<Long>> all, String block, long C, long out, long D, long rows, long times) {
        all.put(block + "norm1.weight", List.of(C));
        all.put(block + "norm1.bias", List.of(C));
        all.put(block + "attn.rel_pos_h", List.of(rows, D));
        all.put(block + "attn.rel_pos_w", List.of(rows, D));
        all.put(block + "attn.rel_pos_t", List.of(times, D));
        all.put(block + "attn.qkv.weight", List.of(3 * C, C));
        all.put(block + "attn.qkv.bias", List.of(3 * C));
        all.put(block + "attn.proj.weight", List.of(C, C));
        all.put(block + "attn.proj.bias", List.of(C));
        for (String which : List.of("q", "k", "v")) {
            all.put(block + "attn.pool_" + which + ".weight", List.of(D, 1L, 3L, 3L, 3L));
            all.put(block + "attn.norm_" + which + ".weight", List.of(D));
            all.put(block + "attn.norm_" + which + ".bias", List.of(D));
        }
        all.put(block + "norm2.weight", List.of(C));
        all.put(block + "norm2.bias", List.of(C));
        all.put(block + "mlp.fc1.weight", List.of(4 * C, C));
        all.put(block + "mlp.fc1.bias", List.of(4 * C));
        all.put(block + "mlp.fc2.weight", List.of(out, 4 * C));
        all.put(block + "mlp.fc2.bias", List.of(out));
        if (out != C) {
            all.put(block + "proj.weight", List.of(out, C));
            all.put(block + "proj.bias", List.of(out));
        }
    }

    // Beside the backbone: in pre-training mask token [C0], norm [2 C] and 108 outputs; else norm and classes.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            S | false | 16 | 224 | 15 | 1x96>192, 111; 1x192>192, 55; 1x192>384, 55; 10x384>384, 27; 1x384>768, 27; 2x768>768, 27 | 36253356 | 398
            S | true | 16 | 224 | 15 | 1x96>192, 111; 1x192>192, 55; 1x192>384, 55; 10x384>384, 27; 1x384>768, 27; 1x768>768, 27; 1x768>768, 13 | 36475120 | 397
            L | false | 16 | 224 | 15 | 1x144>144, 111; 1x144>288, 111; 5x288>288, 55; 1x288>576, 55; 35x576>576, 27; 1x576>1152, 27; 4x1152>1152, 27 | 217247580 | 1166
            L | true | 16 | 224 | 15 | 1x144>144, 111; 1x144>288, 111; 5x288>288, 55; 1x288>576, 55; 35x576>576, 27; 1x576>1152, 27; 1x1152>1152, 27; 3x1152>1152, 13 | 217578064 | 1165
            L | true | 40 | 312 | 39 | 1x144>144, 155; 1x144>288, 155; 5x288>288, 77; 1x288>576, 77; 35x576>576, 37; 1x576>1152, 37; 1x1152>1152, 37; 3x1152>1152, 17 | 217747696 | 1165
            L | true | 40 | 352 | 39 | 1x144>144, 175; 1x144>288, 175; 5x288>288, 87; 1x288>576, 87; 35x576>576, 43; 1x576>1152, 43; 1x1152>1152, 43; 3x1152>1152, 21 | 217795792 | 1165
            """)
    void areThePublishedOnes(
            String which,
            boolean fineTuning,
            int frames,
            int side,
            long times,
            String blocks,
            long total,
            int tensors) {
        Mvit.Config config = which.equals("S") ? Mvit.Config.small() : Mvit.Config.large();
        config = fineTuning ? config.forFineTuning(0.1) : config;
        Map<String, List<Long>> shapes = shapes(config, ClipSize.square(frames, side));
        assertThat(shapes).isEqualTo(official(config.dim(), which.equals("S") ? 96 : 72, times, blocks));
        long features = 8L * config.dim();
        long outputs = fineTuning ? 400 : 108;
        long rest = (fineTuning ? 0 : config.dim()) + 2 * features + outputs * (features + 1);
        assertThat(count(shapes) + rest).isEqualTo(total);
        assertThat(shapes.size() + (fineTuning ? 4 : 5)).isEqualTo(tensors);
    }

    /** The supervised MViTv2-S of Kinetics-400: no mask token, and the width grows in attention. */
    @Test
    void widenedInAttentionThereAreFewer() {
        Mvit.Config config = new Mvit.Config(96, 1, List.of(1, 2, 11, 2), 8, true, true, true, 4, 0.2);
        long classifier = 2 * 768 + 400 * 769;
        assertThat(count(shapes(config, ClipSize.square(16, 224))) + classifier).isEqualTo(34537744);
    }

    @Test
    void theWholeModelHasThePartsOfItsBlocks() {
        Mvit.Config config = new Mvit.Config(8, 2, List.of(1, 2), 4, true, false, true, 4, 0);
        ClipSize size = new ClipSize(4, 32, 24);
        try (PointerScope scope = new PointerScope();
                Init init = new Init(0)) {
            assertThat(shapes(config.build(size, init))).isEqualTo(shapes(config, size));
        }
    }
}
