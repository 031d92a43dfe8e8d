package maskfeat.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenTensors;
import maskfeat.golden.Tolerance;
import maskfeat.nn.Init;
import maskfeat.torch.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the official implementation made of a reduced classifier, and ours of the same settings with the same weights;
 * everything is read from the set's own files.
 */
public final class GoldenClassifier implements AutoCloseable {
    private final GoldenTensors tensors;
    private final JsonNode description;
    private final Tolerance tolerance;
    private final Backbone.Config backbone;
    private final Classifier model;

    /**
     * The test is skipped where there is no such set.
     *
     * @param weights name of the set that has the weights
     */
    public GoldenClassifier(String set, String weights) {
        Path folder = GoldenDir.path().resolve("finetune");
        assumeThat(GoldenDir.has("finetune/" + set + ".safetensors"))
                .as("golden set " + set)
                .isTrue();
        tensors = GoldenTensors.open(folder.resolve(set + ".safetensors"));
        description = JsonMapper.shared().readTree(folder.resolve(set + ".json").toFile());
        tolerance = new Tolerance(tensors, folder.resolve(set + ".tolerance.json"));
        backbone = setting("/MVIT/POOL_Q_STRIDE").isEmpty() ? vit() : mvit();
        GoldenTensors first = GoldenTensors.open(folder.resolve(weights + ".safetensors"));
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Init init = new Init(0)) {
            model = new Classifier(backbone.build(size(), init), head(), classes(), init);
            model.parameters().forEach((name, parameter) -> parameter.copy_(tensor(first, "w." + name)));
        }
    }

    /** A key of the official settings, such as {@code /MVIT/DEPTH}. */
    public JsonNode setting(String pointer) {
        JsonNode setting = description.at("/cfg" + pointer);
        assertThat(setting.isMissingNode()).as(pointer).isFalse();
        return setting;
    }

    private Backbone.Config vit() {
        return new Vit.Config(
                setting("/MVIT/PATCH_KERNEL/0").asInt(),
                1,
                setting("/MVIT/EMBED_DIM").asInt(),
                setting("/MVIT/DEPTH").asInt(),
                setting("/MVIT/NUM_HEADS").asInt(),
                4,
                setting("/MVIT/DROPPATH_RATE").asDouble());
    }

    /** A stage begins where there are more heads than before. */
    private Backbone.Config mvit() {
        List<Integer> begins = new ArrayList<>(List.of(0));
        setting("/MVIT/HEAD_MUL").forEach(entry -> begins.add(entry.get(0).asInt()));
        int last = begins.get(begins.size() - 1);
        assertThat(setting("/MVIT/POOL_Q_STRIDE/" + last + "/2").asInt())
                .as("stride of block " + last)
                .isEqualTo(2);
        List<Integer> ends = new ArrayList<>(begins.subList(1, begins.size()));
        ends.add(setting("/MVIT/DEPTH").asInt());
        List<Integer> stages = new ArrayList<>();
        for (int i = 0; i < begins.size(); i++) {
            stages.add(ends.get(i) - begins.get(i));
        }
        return new Mvit.Config(
                        setting("/MVIT/EMBED_DIM").asInt(),
                        setting("/MVIT/NUM_HEADS").asInt(),
                        stages,
                        setting("/MVIT/POOL_KV_STRIDE_ADAPTIVE/1").asInt(),
                        false,
                        setting("/MVIT/DIM_MUL_IN_ATT").asBoolean(),
                        setting("/MVIT/CLS_EMBED_ON").asBoolean(),
                        4,
                        0)
                .forFineTuning(setting("/MVIT/DROPPATH_RATE").asDouble());
    }

    private Classifier.Head head() {
        Classifier.Pooling pooling = setting("/MVIT/USE_MEAN_POOLING").asBoolean()
                ? Classifier.Pooling.MEAN
                : setting("/MVIT/CLS_EMBED_ON").asBoolean()
                        ? Classifier.Pooling.CLASS_TOKEN
                        : Classifier.Pooling.NORM_MEAN;
        return new Classifier.Head(pooling, setting("/MODEL/DROPOUT_RATE").asDouble());
    }

    public int classes() {
        return setting("/MODEL/NUM_CLASSES").asInt();
    }

    public ClipSize size() {
        long[] input = tensors.shape("input");
        return ClipSize.square(input.length == 5 ? (int) input[2] : 1, (int) input[input.length - 1]);
    }

    public Backbone.Config backbone() {
        return backbone;
    }

    public Classifier model() {
        return model;
    }

    public GoldenTensors tensors() {
        return tensors;
    }

    public Tolerance tolerance() {
        return tolerance;
    }

    /** What the gradients of the first step were clipped by. */
    public double clipOfStep1() {
        return description.get("clip_coef_step1").asDouble();
    }

    /** Shapes by name. */
    public Map<String, List<Long>> parameters() {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        description
                .get("parameters")
                .forEach(entry -> shapes.put(
                        entry.get("name").asString(),
                        entry.get("shape").valueStream().map(JsonNode::asLong).toList()));
        return shapes;
    }

    /** [B, 3, T, H, W], normalised. */
    public Tensor frames() {
        Tensor input = tensor(tensors, "input");
        return input.dim() == 4 ? input.unsqueeze(2) : input;
    }

    /** Soft labels: [B, classes]. */
    public Tensor target() {
        return tensor(tensors, "target");
    }

    private static Tensor tensor(GoldenTensors of, String name) {
        return Arrays.tensor(of.values(name), of.shape(name));
    }

    /** Of all parameters, after backward. */
    public void assertGradients() {
        model.parameters()
                .forEach((name, parameter) -> tolerance.assertClose("g." + name, Arrays.floats(parameter.grad())));
    }

    @Override
    public void close() {
        model.close();
    }
}
