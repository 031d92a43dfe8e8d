package maskfeat.foreign;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * A residual network of bottlenecks (He et al. 2016, table 1) with the names of torchvision's, whose second convolution has the
 * stride ("v1.5"). Its cells are the output of the last stage, before pooling.
 *
 * @param stem channels of the first convolution
 * @param stages four of them
 * @param classifier number of classes that {@code fc} scores; 0 if there is no classifier
 */
public record BottleneckResNet(int stem, List<Stage> stages, int classifier) implements FrozenNetwork {
    /** How many stages each has. */
    public static final int STAGES = 4;

    /** What the norms add to the variance: PyTorch's default. */
    public static final double NORM_EPSILON = 1e-5;

    private static final long COLOURS = 3;
    private static final long STEM_KERNEL = 7;
    private static final int BEFORE_STAGES = 4; // stride of the first convolution and of the pooling behind it

    /**
     * A stage.
     *
     * @param blocks how many
     * @param inner channels within a bottleneck
     * @param outer channels between bottlenecks
     */
    public record Stage(int blocks, int inner, int outer) {}

    public BottleneckResNet {
        stages = List.copyOf(stages);
        if (stages.size() != STAGES) {
            throw new IllegalArgumentException("a ResNet has " + STAGES + " stages, not " + stages.size());
        }
    }

    /** Stride of a stage's first bottleneck. */
    public static int stride(int stage) {
        return stage == 0 ? 1 : 2;
    }

    /** Whether the shortcut of a block is a convolution: where its size or width changes. */
    public boolean projects(int stage, int block) {
        int before = stage == 0 ? stem : stages.get(stage - 1).outer;
        return block == 0 && (stride(stage) > 1 || before != stages.get(stage).outer);
    }

    /** What stands before the names of a block's tensors. */
    public static String block(int stage, int block) {
        return "layer" + (stage + 1) + "." + block + ".";
    }

    @Override
    public int dim() {
        return stages.get(STAGES - 1).outer;
    }

    @Override
    public int cellSide() {
        return BEFORE_STAGES << (STAGES - 1);
    }

    @Override
    public OptionalInt classes() {
        return classifier == 0 ? OptionalInt.empty() : OptionalInt.of(classifier);
    }

    @Override
    public Map<String, List<Long>> shapes() {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        shapes.put("conv1.weight", List.of((long) stem, COLOURS, STEM_KERNEL, STEM_KERNEL));
        norm(shapes, "bn1", stem);
        int width = stem;
        for (int s = 0; s < STAGES; s++) {
            Stage stage = stages.get(s);
            for (int b = 0; b < stage.blocks; b++) {
                String block = block(s, b);
                convolution(shapes, block + "conv1", block + "bn1", stage.inner, width, 1);
                convolution(shapes, block + "conv2", block + "bn2", stage.inner, stage.inner, 3);
                convolution(shapes, block + "conv3", block + "bn3", stage.outer, stage.inner, 1);
                if (projects(s, b)) {
                    convolution(shapes, block + "downsample.0", block + "downsample.1", stage.outer, width, 1);
                }
                width = stage.outer;
            }
        }
        if (classifier > 0) {
            shapes.put("fc.weight", List.of((long) classifier, (long) width));
            shapes.put("fc.bias", List.of((long) classifier));
        }
        return shapes;
    }

    private static void convolution(
            Map<String, List<Long>> shapes, String name, String norm, long out, long in, long kernel) {
        shapes.put(name + ".weight", List.of(out, in, kernel, kernel));
        norm(shapes, norm, out);
    }

    private static void norm(Map<String, List<Long>> shapes, String name, long width) {
        for (String tensor : List.of("weight", "bias", "running_mean", "running_var")) {
            shapes.put(name + "." + tensor, List.of(width));
        }
    }

    /** Without the running statistics, which are not trained. */
    private long parameters() {
        return shapes().entrySet().stream()
                .filter(entry -> !entry.getKey().contains(".running_"))
                .mapToLong(entry -> entry.getValue().stream().reduce(1L, (a, b) -> a * b))
                .sum();
    }

    @Override
    public String describe() {
        List<Integer> blocks = stages.stream().map(Stage::blocks).toList();
        int layers = 2 + 3 * blocks.stream().mapToInt(Integer::intValue).sum(); // with the stem and the classifier
        List<String> widths = new ArrayList<>();
        stages.forEach(stage -> widths.add(String.valueOf(stage.outer)));
        return "ResNet-" + layers + " (bottlenecks "
                + blocks.stream().map(String::valueOf).collect(Collectors.joining(", ")) + " of width "
                + String.join(", ", widths) + "), " + String.format(Locale.ROOT, "%,d", parameters()) + " parameters";
    }
}
