package maskfeat.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import maskfeat.foreign.ForeignNetwork.Classes;
import maskfeat.foreign.ForeignNetwork.Predictions;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenSettings;
import maskfeat.golden.GoldenTensors;
import maskfeat.model.Classifier.Pooling;
import maskfeat.model.Mvit;
import maskfeat.model.Vit;
import maskfeat.weights.MadeUpTensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The whole settings of the official program beside the tensors that it made. */
class ForeignNetworkGoldenTest {
    private static JsonNode cfg(String config) {
        return GoldenSettings.open(config).description().path("cfg");
    }

    private static MadeUpTensors tensors(String weights) {
        GoldenTensors golden = GoldenTensors.open(GoldenDir.path().resolve(weights));
        MadeUpTensors tensors = new MadeUpTensors(Path.of("golden.pyth"));
        for (String name : golden.names()) {
            if (name.startsWith("w.")) {
                tensors.with(
                        name.substring(2),
                        Arrays.stream(golden.shape(name)).boxed().toList());
            }
        }
        return tensors;
    }

    private static ForeignNetwork shape(String weights, JsonNode cfg) throws IOException {
        return ForeignNetwork.of(
                Layout.read(tensors(weights).noting("cfg", YAMLMapper.shared().writeValueAsString(cfg))));
    }

    private static List<Double> numbers(JsonNode cfg, String key) {
        return cfg.path("DATA")
                .path(key)
                .valueStream()
                .map(JsonNode::doubleValue)
                .toList();
    }

    private static List<Integer> ints(JsonNode list) {
        return list.valueStream().map(JsonNode::intValue).toList();
    }

    /** Numbers a token that are predicted. */
    private static int outputs(String weights) {
        GoldenTensors golden = GoldenTensors.open(GoldenDir.path().resolve(weights));
        return (int) golden.shape("w.pred_head.projections.0.bias")[0];
    }

    private static int number(JsonNode cfg, String section, String key) {
        return cfg.path(section).path(key).intValue();
    }

    @ParameterizedTest
    @CsvSource({
        "vit/vit_pretrain.safetensors, vit/config.json",
        "finetune/vit_cls.safetensors, finetune/vit_cls.json",
        "finetune/vit_cls.safetensors, finetune/vit_cls_clstoken.json"
    })
    void visionTransformersAreThoseOfTheirSettings(String weights, String config) throws IOException {
        JsonNode cfg = cfg(config);
        ForeignNetwork shape = shape(weights, cfg);
        assertThat(shape.backbone())
                .isEqualTo(new Vit.Config(
                        cfg.path("MVIT").path("PATCH_KERNEL").path(0).intValue(),
                        1,
                        number(cfg, "MVIT", "EMBED_DIM"),
                        number(cfg, "MVIT", "DEPTH"),
                        number(cfg, "MVIT", "NUM_HEADS"),
                        cfg.path("MVIT").path("MLP_RATIO").doubleValue(),
                        0));
        assertThat(shape.input().side()).isEqualTo(number(cfg, "DATA", "TRAIN_CROP_SIZE"));
        assertThat(shape.input().mean()).isEqualTo(numbers(cfg, "MEAN"));
        assertThat(shape.assumed()).isEmpty();
        boolean mean = cfg.path("MVIT").path("USE_MEAN_POOLING").asBoolean();
        Object expected = config.startsWith("vit/")
                ? new Predictions(ints(cfg.path("MASK").path("PRETRAIN_DEPTH")), List.of(outputs(weights)))
                : new Classes(
                        number(cfg, "MODEL", "NUM_CLASSES"), mean ? Pooling.MEAN : Pooling.CLASS_TOKEN, List.of());
        assertThat(shape.output()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "mvit/mvit_pretrain.safetensors, mvit/config.json",
        "mvit_dim_mul_in_att/mvit_dim_mul_in_att_pretrain.safetensors, mvit_dim_mul_in_att/config.json",
        "finetune/mvit_cls.safetensors, finetune/mvit_cls.json"
    })
    void multiscaleTransformersAreThoseOfTheirSettings(String weights, String config) throws IOException {
        JsonNode cfg = cfg(config);
        ForeignNetwork shape = shape(weights, cfg);
        Mvit.Config settings = GoldenSettings.open(config).mvit();
        assertThat(shape.backbone())
                .isEqualTo(new Mvit.Config(
                        settings.dim(),
                        settings.heads(),
                        settings.stages(),
                        settings.kvStride(),
                        settings.poolLastStage(),
                        settings.widenInAttention(),
                        settings.classToken(),
                        settings.mlpRatio(),
                        0));
        assertThat(shape.input())
                .isEqualTo(new ForeignNetwork.Input(
                        number(cfg, "DATA", "NUM_FRAMES"),
                        number(cfg, "DATA", "TRAIN_CROP_SIZE"),
                        number(cfg, "DATA", "SAMPLING_RATE"),
                        numbers(cfg, "MEAN"),
                        numbers(cfg, "STD")));
        assertThat(shape.assumed()).isEmpty();
    }

    @Test
    void settingsOfAnotherNetworkAreRefused() throws IOException {
        JsonNode other = cfg("mvit_dim_mul_in_att/config.json");
        assertThatThrownBy(() -> shape("mvit/mvit_pretrain.safetensors", other))
                .isInstanceOf(UnfitWeights.class)
                .hasMessageContaining("golden.pyth has tensors for class tokens 1, and cfg MVIT.CLS_EMBED_ON says 0");
    }
}
