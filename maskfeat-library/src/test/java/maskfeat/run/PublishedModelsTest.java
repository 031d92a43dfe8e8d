package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import maskfeat.golden.GoldenDir;
import maskfeat.network.NetworkSpec;
import maskfeat.torch.Handles;
import org.bytedeco.pytorch.Device;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The published recipes build the published models. */
class PublishedModelsTest {
    private static NetworkSpec spec(String recipe) {
        return Runs.spec(Recipes.named(recipe));
    }

    private static long count(Map<String, List<Long>> shapes) {
        return shapes.values().stream()
                .mapToLong(shape -> shape.stream().reduce(1L, (a, b) -> a * b))
                .sum();
    }

    @ParameterizedTest
    @CsvSource({"in1k-vit-b-pt, 85882476", "in1k-vit-l-pt, 303413356"})
    void haveThePublishedNumberOfParameters(String recipe, long expected) {
        NetworkSpec spec = spec(recipe);
        assertThat(Runs.targets(Recipes.named(recipe)).last().target().dim()).isEqualTo(108);
        assertThat(count(spec.shapes())).isEqualTo(expected);
    }

    @Test
    @Tag("golden")
    void haveTheOfficialNamesAndShapes() {
        String file = "schedule/groups_in1k_VIT_B_MaskFeat_PT.json";
        assumeThat(GoldenDir.has(file)).as(file).isTrue();
        NetworkSpec spec = spec("in1k-vit-b-pt");
        JsonNode golden =
                JsonMapper.shared().readTree(GoldenDir.path().resolve(file).toFile());
        Map<String, List<Long>> expected = new LinkedHashMap<>();
        golden.get("params")
                .properties()
                .forEach(entry -> expected.put(
                        entry.getKey(),
                        entry.getValue()
                                .get("shape")
                                .valueStream()
                                .map(JsonNode::asLong)
                                .toList()));
        assertThat(spec.backbone().depth()).isEqualTo(golden.get("depth").asInt());
        assertThat(spec.shapes()).isEqualTo(expected).hasSize(153);
    }

    @Test
    void aModelBuiltAndClosedLeavesNothingBehind() throws InterruptedException {
        NetworkSpec spec = spec("tiny-image");
        Device cpu = new Device("cpu");
        spec.build(0, cpu).close();
        long before = Handles.settled();
        for (int i = 0; i < 5; i++) {
            spec.build(0, cpu).close();
        }
        assertThat(Handles.now()).isLessThanOrEqualTo(before);
    }
}
