package maskfeat.golden;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import maskfeat.model.Backbone;
import maskfeat.model.Mvit;
import maskfeat.model.Vit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The settings that a golden set was made with. Every number of a reduced model that a test needs comes from here. */
public final class GoldenSettings {
    private final JsonNode description;

    private GoldenSettings(JsonNode description) {
        this.description = description;
    }

    /** @param file in the golden folder, such as {@code vit/config.json} */
    public static GoldenSettings open(String file) {
        return new GoldenSettings(
                JsonMapper.shared().readTree(GoldenDir.path().resolve(file).toFile()));
    }

    /** All that the file says. */
    public JsonNode description() {
        return description;
    }

    /** A key of the official settings, such as {@code /MVIT/DEPTH}. */
    public JsonNode setting(String pointer) {
        JsonNode setting = description.at("/cfg" + pointer);
        assertThat(setting.isMissingNode()).as(pointer).isFalse();
        return setting;
    }

    public int number(String pointer) {
        return setting(pointer).asInt();
    }

    /** Shapes by name, in the official order. */
    public Map<String, List<Long>> parameters() {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        for (JsonNode entry : description.get("parameters")) {
            shapes.put(
                    entry.get("name").asString(),
                    entry.get("shape").valueStream().map(JsonNode::asLong).toList());
        }
        return shapes;
    }

    /** Ours of the same settings. */
    public Backbone.Config backbone() {
        return setting("/MVIT/POOL_Q_STRIDE").isEmpty() ? vit() : mvit();
    }

    public Vit.Config vit() {
        assertThat(setting("/MVIT/POOL_Q_STRIDE"))
                .as("a plain ViT pools nowhere")
                .isEmpty();
        assertThat(setting("/MVIT/CLS_EMBED_ON").asBoolean()).isTrue();
        assertThat(setting("/MVIT/USE_ABS_POS").asBoolean()).isTrue();
        return new Vit.Config(
                number("/MVIT/PATCH_KERNEL/0"),
                1,
                number("/MVIT/EMBED_DIM"),
                number("/MVIT/DEPTH"),
                number("/MVIT/NUM_HEADS"),
                setting("/MVIT/MLP_RATIO").asDouble(),
                setting("/MVIT/DROPPATH_RATE").asDouble());
    }

    public Mvit.Config mvit() {
        List<Integer> begins = new ArrayList<>(List.of(0)); // a stage begins where heads double
        setting("/MVIT/HEAD_MUL").forEach(entry -> begins.add(entry.get(0).asInt()));
        List<Integer> stages = new ArrayList<>();
        for (int i = 0; i < begins.size(); i++) {
            int end = i + 1 < begins.size() ? begins.get(i + 1) : number("/MVIT/DEPTH");
            stages.add(end - begins.get(i));
        }
        int last = begins.get(begins.size() - 1);
        return new Mvit.Config(
                number("/MVIT/EMBED_DIM"),
                number("/MVIT/NUM_HEADS"),
                stages,
                number("/MVIT/POOL_KV_STRIDE_ADAPTIVE/1"),
                last > 0 && qStride(last) > 1,
                setting("/MVIT/DIM_MUL_IN_ATT").asBoolean(),
                setting("/MVIT/CLS_EMBED_ON").asBoolean(),
                setting("/MVIT/MLP_RATIO").asDouble(),
                setting("/MVIT/DROPPATH_RATE").asDouble());
    }

    /** Rows from one query of a block to the next. */
    private int qStride(int block) {
        for (JsonNode entry : setting("/MVIT/POOL_Q_STRIDE")) { // each [block, t, h, w]
            if (entry.get(0).asInt() == block) {
                return entry.get(2).asInt();
            }
        }
        return 1;
    }
}
