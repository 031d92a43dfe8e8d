package maskfeat.foreign;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The encoder of DALL-E's discrete variational autoencoder (Ramesh et al. 2021, appendix A.2), by the names of its own program.
 * A cell has a score for each word of a vocabulary; the highest is its token.
 *
 * @param hidden width of the first group; each following one has twice that of the one before
 * @param groups how many; between them the picture is halved
 * @param blocks in each group
 * @param vocabulary how many different tokens
 */
public record DalleEncoder(int hidden, int groups, int blocks, int vocabulary) implements FrozenNetwork {
    private static final long COLOURS = 3;
    private static final long INPUT_KERNEL = 7;

    /** How many convolutions a block's residual path has. */
    public static final int CONVOLUTIONS = 4;

    /** Of a block's width, what its residual path is narrowed by. */
    private static final int NARROWING = 4;

    /** What stands before the names of a block's tensors; both are counted from 1. */
    public static String block(int group, int block) {
        return "blocks.group_" + group + ".block_" + block + ".";
    }

    /** Width of a group. */
    public int width(int group) {
        return hidden << (group - 1);
    }

    /** Whether the shortcut of a block is a convolution: where the width changes. */
    public boolean projects(int group, int block) {
        return group > 1 && block == 1;
    }

    /** Factor of each residual path. It is not among the tensors. */
    public double postGain() {
        return 1.0 / ((double) groups * blocks * groups * blocks);
    }

    /** Side of the kernel of a residual path's convolution, counted from 1: the last one sees single cells. */
    public static int kernel(int convolution) {
        return convolution == CONVOLUTIONS ? 1 : 3;
    }

    @Override
    public int dim() {
        return vocabulary;
    }

    @Override
    public int cellSide() {
        return 1 << (groups - 1);
    }

    @Override
    public OptionalInt classes() {
        return OptionalInt.empty();
    }

    @Override
    public Map<String, List<Long>> shapes() {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        convolution(shapes, "blocks.input", hidden, COLOURS, INPUT_KERNEL);
        long before = hidden;
        for (int g = 1; g <= groups; g++) {
            long width = width(g);
            for (int b = 1; b <= blocks; b++) {
                if (projects(g, b)) {
                    convolution(shapes, block(g, b) + "id_path", width, before, 1);
                }
                long in = before;
                for (int c = 1; c <= CONVOLUTIONS; c++) {
                    long out = c == CONVOLUTIONS ? width : width / NARROWING;
                    convolution(shapes, block(g, b) + "res_path.conv_" + c, out, in, kernel(c));
                    in = out;
                }
                before = width;
            }
        }
        convolution(shapes, "blocks.output.conv", vocabulary, before, 1);
        return shapes;
    }

    private static void convolution(Map<String, List<Long>> shapes, String name, long out, long in, long kernel) {
        shapes.put(name + ".w", List.of(out, in, kernel, kernel));
        shapes.put(name + ".b", List.of(out));
    }

    @Override
    public String describe() {
        long parameters = shapes().values().stream()
                .mapToLong(shape -> shape.stream().reduce(1L, (a, b) -> a * b))
                .sum();
        return "DALL-E's encoder (" + groups + " groups of " + blocks + " blocks, width " + hidden + " to "
                + width(groups) + ", " + String.format(Locale.ROOT, "%,d", vocabulary) + " tokens), "
                + String.format(Locale.ROOT, "%,d", parameters) + " parameters";
    }
}
