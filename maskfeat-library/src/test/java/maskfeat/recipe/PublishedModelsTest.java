package maskfeat.recipe;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import maskfeat.golden.GoldenDir;
import maskfeat.model.MaskFeat;
import maskfeat.model.Vit;
import maskfeat.nn.Init;
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
    private static Blueprint blueprint(String recipe) {
        return Blueprint.of(requireNonNull(Recipes.byName().get(recipe)).run());
    }

    /** Names and shapes with this many blocks: all blocks are alike, so a few tell of any number, in little memory. */
    private static Map<String, List<Long>> shapes(Blueprint blueprint, int depth) {
        Vit.Config config = (Vit.Config) blueprint.model();
        Vit.Config other = new Vit.Config(
                config.patch(), 1, config.dim(), depth, config.heads(), config.mlpRatio(), config.dropPath());
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        try (Init init = new Init(0);
                MaskFeat model = new MaskFeat(
                        other.build(blueprint.size(), init),
                        blueprint.targets().last().target().dim(),
                        init)) {
            model.parameters()
                    .forEach((name, parameter) -> shapes.put(
                            name, Arrays.stream(parameter.shape()).boxed().toList()));
        }
        return shapes;
    }

    private static long count(Map<String, List<Long>> shapes) {
        return shapes.values().stream()
                .mapToLong(shape -> shape.stream().reduce(1L, (a, b) -> a * b))
                .sum();
    }

    @ParameterizedTest
    @CsvSource({"in1k-vit-b-pt, 85882476", "in1k-vit-l-pt, 303413356"})
    void haveThePublishedNumberOfParameters(String recipe, long expected) {
        Blueprint blueprint = blueprint(recipe);
        assertThat(blueprint.targets().last().target().dim()).isEqualTo(108);
        int depth = ((Vit.Config) blueprint.model()).depth();
        long one = count(shapes(blueprint, 1));
        long block = count(shapes(blueprint, 2)) - one;
        assertThat(one + (depth - 1) * block).isEqualTo(expected);
    }

    @Test
    @Tag("golden")
    void haveTheOfficialNamesAndShapes() {
        String file = "schedule/groups_in1k_VIT_B_MaskFeat_PT.json";
        assumeThat(GoldenDir.has(file)).as(file).isTrue();
        Blueprint blueprint = blueprint("in1k-vit-b-pt");
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
        int depth = ((Vit.Config) blueprint.model()).depth();
        assertThat(depth).isEqualTo(golden.get("depth").asInt());
        Map<String, List<Long>> ours = new LinkedHashMap<>();
        shapes(blueprint, 1).forEach((name, shape) -> {
            for (int block = 0; block < (name.startsWith("blocks.") ? depth : 1); block++) {
                ours.put(name.replace("blocks.0.", "blocks." + block + "."), shape);
            }
        });
        assertThat(ours).isEqualTo(expected).hasSize(153);
    }

    @Test
    void aModelBuiltAndClosedLeavesNothingBehind() throws InterruptedException {
        Blueprint blueprint = blueprint("tiny-image");
        Device cpu = new Device("cpu");
        blueprint.buildModel(0, cpu).close();
        long before = Handles.settled();
        for (int i = 0; i < 5; i++) {
            blueprint.buildModel(0, cpu).close();
        }
        assertThat(Handles.now()).isLessThanOrEqualTo(before);
    }
}
