package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import maskfeat.golden.GoldenDir;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The published recipes of fine-tuning build the published classifiers. */
class PublishedClassifiersTest {
    private static Map<String, List<Long>> shapes(String recipe, int classes) {
        List<String> names =
                IntStream.range(0, classes).mapToObj(c -> "class " + c).toList();
        return Runs.spec(Recipes.named(recipe), names).shapes();
    }

    /** VideoMAE's own has 12 x 768 fewer: its keys have no bias, where ours is 0. */
    @ParameterizedTest
    @CsvSource({
        "in1k-vit-b-ft, 1000, 86567656, 152",
        "in1k-vit-l-ft, 1000, 304326632, 296",
        "k400-mvitv2-s-16x4-ft, 400, 36475120, 397",
        "ssv2-mvitv2-s-16x4-ft, 174, 36301326, 397",
        "k400-vit-b-16x4-videomae-ft, 400, 86544016, 150",
    })
    void haveThePublishedNumberOfParameters(String recipe, int classes, long total, int tensors) {
        Map<String, List<Long>> shapes = shapes(recipe, classes);
        long count = shapes.values().stream()
                .mapToLong(shape -> shape.stream().reduce(1L, (a, b) -> a * b))
                .sum();
        assertThat(count).isEqualTo(total);
        assertThat(shapes).hasSize(tensors);
    }

    @ParameterizedTest
    @Tag("golden")
    @CsvSource({
        "in1k-vit-b-ft, 1000, groups_in1k_VIT_B_MaskFeat_FT.json",
        "k400-mvitv2-s-16x4-ft, 400, groups_k400_MVITv2_S_16x4_FT.json",
    })
    void haveTheOfficialNamesAndShapes(String recipe, int classes, String file) {
        assumeThat(GoldenDir.has("schedule/" + file)).as(file).isTrue();
        JsonNode golden = JsonMapper.shared()
                .readTree(GoldenDir.path().resolve("schedule").resolve(file).toFile());
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
        assertThat(shapes(recipe, classes)).containsExactlyInAnyOrderEntriesOf(expected);
    }
}
