package maskfeat.augment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import maskfeat.augment.ColourJitter.Change;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenTensors;
import maskfeat.media.Frames;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What MoCo v3's two views go through, against Pillow: every byte. */
@Tag("golden")
class TwoViewsGoldenTest {
    private static final Path FOLDER = GoldenDir.path().resolve("mocov3");
    private static final GoldenTensors TENSORS = GoldenTensors.open(FOLDER.resolve("augment.safetensors"));
    private static final JsonNode JSON =
            JsonMapper.shared().readTree(FOLDER.resolve("augment.json").toFile());

    static Stream<String> results() {
        return JSON.propertyNames().stream();
    }

    @ParameterizedTest
    @MethodSource("results")
    void everyByteIsPillows(String name) {
        assertThat(changed(name, frames("image")).rgb()).isEqualTo(frames(name).rgb());
    }

    private static Frames changed(String name, Frames image) {
        JsonNode how = JSON.get(name);
        return switch (name.replaceAll("[0-9]+$", "")) {
            case "blur" -> GaussianBlur.blurred(image, how.get("sigma").asDouble());
            case "solarize" -> Tones.solarize(image, how.get("threshold").asInt());
            case "gray" -> Blend.grey(image);
            case "jitter" -> jitter(how).apply(image);
            case "hue" -> new ColourJitter.Drawn(1, 1, 1, how.get("hue").asDouble(), List.of(Change.HUE)).apply(image);
            case "crop_bilinear" -> {
                JsonNode box = how.get("box"); // top, left, height, width
                Box crop = new Box(
                        box.get(0).asInt(),
                        box.get(1).asInt(),
                        box.get(2).asInt(),
                        box.get(3).asInt());
                int side = how.get("size").asInt();
                yield Resize.bilinear(image, crop, side, side);
            }
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static ColourJitter.Drawn jitter(JsonNode how) {
        List<Change> order = new ArrayList<>();
        how.get("order").forEach(number -> order.add(Change.values()[number.asInt()]));
        return new ColourJitter.Drawn(
                how.get("brightness").asDouble(),
                how.get("contrast").asDouble(),
                how.get("saturation").asDouble(),
                how.get("hue").asDouble(),
                order);
    }

    private static Frames frames(String name) {
        long[] shape = TENSORS.shape(name);
        float[] values = TENSORS.values(name);
        byte[] rgb = new byte[values.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) values[i];
        }
        assertThat(Arrays.stream(shape).skip(2).toArray()).containsExactly(Frames.CHANNELS);
        return Frames.image((int) shape[0], (int) shape[1], rgb);
    }
}
