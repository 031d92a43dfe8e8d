package maskfeat.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import maskfeat.model.Backbone;
import maskfeat.model.Classifier;
import maskfeat.model.ClipSize;
import maskfeat.model.MaskFeat;
import maskfeat.model.Mvit;
import maskfeat.model.MvitParametersTest;
import maskfeat.model.Vit;
import maskfeat.nn.Init;
import maskfeat.nn.Layer;
import maskfeat.weights.MadeUpTensors;
import maskfeat.weights.OfficialNames;
import maskfeat.weights.TensorEntry;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our models have the official tensors, and from tensors one finds the model back. */
class ForeignNetworkOfModelsTest {
    private static final ClipSize IMAGE = ClipSize.image(224);

    private static Map<String, List<Long>> shapes(Layer layer) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        layer.parameters()
                .forEach((name, parameter) -> shapes.put(
                        name, Arrays.stream(parameter.shape()).boxed().toList()));
        layer.close();
        return shapes;
    }

    /** Of the backbone; one block stands for all, so that a large one fits into memory. */
    private static Map<String, List<Long>> shapes(Vit.Config config) {
        Map<String, List<Long>> all = new LinkedHashMap<>();
        try (PointerScope scope = new PointerScope();
                Init init = new Init(0)) {
            shapes(config.build(IMAGE, 1, init)).forEach((name, shape) -> {
                for (int i = 0; i < (name.startsWith("blocks.") ? config.depth() : 1); i++) {
                    all.put(name.replaceFirst("^blocks\\.0\\.", "blocks." + i + "."), shape);
                }
            });
        }
        return all;
    }

    private static MadeUpTensors tensors(Map<String, List<Long>> backbone, int embedDim, int dim, boolean fineTuned) {
        MadeUpTensors tensors = new MadeUpTensors();
        backbone.forEach(tensors::with);
        if (fineTuned) {
            return tensors.with("norm.weight", dim)
                    .with("norm.bias", dim)
                    .with("head.projection.weight", 400, dim)
                    .with("head.projection.bias", 400);
        }
        return tensors.with("mask_token", 1, 1, embedDim)
                .with("pred_head.transforms.0.0.weight", dim)
                .with("pred_head.transforms.0.0.bias", dim)
                .with("pred_head.projections.0.weight", 108, dim)
                .with("pred_head.projections.0.bias", 108);
    }

    private static Map<String, List<Long>> official(String model) {
        Map<String, List<Long>> shapes = new TreeMap<>();
        for (TensorEntry entry : OfficialNames.ours(model).entries().values()) {
            shapes.put(entry.name(), entry.shape());
        }
        return shapes;
    }

    @ParameterizedTest
    @ValueSource(strings = {"mvitv2_s_pt", "mvitv2_s_ft", "vit_b_pt", "vit_b_ft"})
    void ourModelsHaveTheOfficialTensors(String model) {
        boolean multiscale = model.startsWith("mvit");
        boolean fineTuned = model.endsWith("ft");
        Backbone.Config config = !multiscale
                ? Vit.Config.base()
                : fineTuned ? Mvit.Config.small().forFineTuning(0.1) : Mvit.Config.small();
        ClipSize size = multiscale ? ClipSize.square(16, 224) : IMAGE;
        try (PointerScope scope = new PointerScope();
                Init init = new Init(0)) {
            Backbone backbone = config.build(size, init);
            Layer whole = fineTuned
                    ? new Classifier(backbone, Classifier.Head.mean(), multiscale ? 400 : 1000, init)
                    : new MaskFeat(backbone, 108, init);
            assertThat(shapes(whole)).isEqualTo(official(model));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "S, false, 16, 224",
        "S, true, 16, 224",
        "L, false, 16, 224",
        "L, true, 16, 224",
        "L, true, 40, 312",
        "L, true, 40, 352"
    })
    void multiscaleModelsAreFoundBack(String which, boolean fineTuned, int frames, int side) throws IOException {
        Mvit.Config config = which.equals("S") ? Mvit.Config.small() : Mvit.Config.large();
        config = fineTuned ? config.forFineTuning(0) : config;
        MadeUpTensors tensors = tensors(
                MvitParametersTest.shapes(config, ClipSize.square(frames, side)),
                config.dim(),
                8 * config.dim(),
                fineTuned);
        ForeignNetwork shape = ForeignNetwork.of(Layout.read(tensors));
        assertThat(shape.backbone()).isEqualTo(config);
        assertThat(shape.input().frames()).isEqualTo(frames);
        assertThat(shape.input().side()).isEqualTo(side);
        assertThat(shape.output() instanceof ForeignNetwork.Classes).isEqualTo(fineTuned);
    }

    /** The supervised MViTv2-S of Kinetics-400: the width grows in attention. */
    @Test
    void widthThatGrowsInAttentionIsFoundBack() throws IOException {
        Mvit.Config config = new Mvit.Config(96, 1, List.of(1, 2, 11, 2), 8, true, true, true, 4, 0);
        MadeUpTensors tensors = tensors(MvitParametersTest.shapes(config, ClipSize.square(16, 224)), 96, 768, true);
        ForeignNetwork shape = ForeignNetwork.of(Layout.read(tensors));
        assertThat(shape.backbone()).isEqualTo(new Mvit.Config(96, 1, List.of(1, 2, 11, 2), 8, true, true, true, 4, 0));
    }

    @ParameterizedTest
    @CsvSource({"B, false", "B, true", "L, false", "L, true"})
    void visionTransformersAreFoundBack(String which, boolean fineTuned) throws IOException {
        Vit.Config config = which.equals("B") ? Vit.Config.base() : Vit.Config.large();
        MadeUpTensors tensors = tensors(shapes(config), config.dim(), config.dim(), fineTuned);
        ForeignNetwork shape = ForeignNetwork.of(Layout.read(tensors));
        assertThat(shape.backbone()).isEqualTo(config);
        assertThat(shape.input().side()).isEqualTo(224);
        assertThat(shape.assumed()).anyMatch(a -> a.contains("heads of 64"));
    }
}
