package maskfeat.model;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenSettings;
import maskfeat.golden.GoldenTensors;
import maskfeat.golden.Tolerance;
import maskfeat.nn.Init;
import maskfeat.torch.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.JsonNode;

/**
 * What the official implementation made of a reduced classifier, and ours of the same settings with the same weights;
 * everything is read from the set's own files.
 */
public final class GoldenClassifier implements AutoCloseable {
    private final GoldenTensors tensors;
    private final GoldenSettings settings;
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
        settings = GoldenSettings.open("finetune/" + set + ".json");
        boolean own = GoldenDir.has("finetune/" + set + ".tolerance.json");
        tolerance = new Tolerance(tensors, folder.resolve((own ? set : weights) + ".tolerance.json"));
        backbone = settings.backbone();
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
        return settings.setting(pointer);
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
        return settings.description().get("clip_coef_step1").asDouble();
    }

    /** Shapes by name. */
    public Map<String, List<Long>> parameters() {
        return settings.parameters();
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
