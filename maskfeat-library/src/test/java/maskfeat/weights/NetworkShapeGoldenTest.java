package maskfeat.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenTensors;
import maskfeat.weights.NetworkShape.Classes;
import maskfeat.weights.NetworkShape.MvitTrunk;
import maskfeat.weights.NetworkShape.Pooling;
import maskfeat.weights.NetworkShape.Predictions;
import maskfeat.weights.NetworkShape.VitTrunk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The whole settings of the official program beside the tensors that it made. */
class NetworkShapeGoldenTest {
    private static JsonNode cfg(String config) throws IOException {
        return JsonMapper.shared()
                .readTree(Files.readAllBytes(GoldenDir.path().resolve(config)))
                .path("cfg");
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

    private static NetworkShape shape(String weights, JsonNode cfg) throws IOException {
        return NetworkShape.of(
                Layout.read(tensors(weights).noting("cfg", YAMLMapper.shared().writeValueAsString(cfg))));
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
        NetworkShape shape = shape(weights, cfg);
        assertThat(shape.trunk())
                .isEqualTo(new VitTrunk(
                        cfg.path("MVIT").path("PATCH_KERNEL").path(0).intValue(),
                        1,
                        number(cfg, "MVIT", "EMBED_DIM"),
                        number(cfg, "MVIT", "DEPTH"),
                        number(cfg, "MVIT", "NUM_HEADS"),
                        4));
        assertThat(shape.input().side()).isEqualTo(number(cfg, "DATA", "TRAIN_CROP_SIZE"));
        assertThat(shape.input().mean()).containsExactly(0.485, 0.456, 0.406);
        assertThat(shape.assumed()).isEmpty();
        boolean mean = cfg.path("MVIT").path("USE_MEAN_POOLING").asBoolean();
        Object expected = config.startsWith("vit/")
                ? new Predictions(List.of(number(cfg, "MVIT", "DEPTH") - 1), List.of(108))
                : new Classes(
                        number(cfg, "MODEL", "NUM_CLASSES"), mean ? Pooling.MEAN : Pooling.CLASS_TOKEN, List.of());
        assertThat(shape.output()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "mvit/mvit_pretrain.safetensors, mvit/config.json, false",
        "mvit_dim_mul_in_att/mvit_dim_mul_in_att_pretrain.safetensors, mvit_dim_mul_in_att/config.json, false",
        "finetune/mvit_cls.safetensors, finetune/mvit_cls.json, true"
    })
    void multiscaleTransformersAreThoseOfTheirSettings(String weights, String config, boolean poolLast)
            throws IOException {
        JsonNode cfg = cfg(config);
        NetworkShape shape = shape(weights, cfg);
        assertThat(shape.trunk())
                .isEqualTo(new MvitTrunk(
                        number(cfg, "MVIT", "EMBED_DIM"),
                        number(cfg, "MVIT", "NUM_HEADS"),
                        List.of(1, 1, 1, number(cfg, "MVIT", "DEPTH") - 3),
                        cfg.path("MVIT").path("POOL_KV_STRIDE_ADAPTIVE").path(1).intValue(),
                        poolLast,
                        cfg.path("MVIT").path("DIM_MUL_IN_ATT").asBoolean(),
                        cfg.path("MVIT").path("CLS_EMBED_ON").asBoolean(),
                        4));
        assertThat(shape.input())
                .isEqualTo(new NetworkShape.Input(
                        number(cfg, "DATA", "NUM_FRAMES"),
                        number(cfg, "DATA", "TRAIN_CROP_SIZE"),
                        number(cfg, "DATA", "SAMPLING_RATE"),
                        List.of(0.45, 0.45, 0.45),
                        List.of(0.225, 0.225, 0.225)));
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
