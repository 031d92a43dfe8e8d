package maskfeat.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import maskfeat.golden.GoldenDir;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Learning rates and parameter groups of the official recipes, whatever files and sets the golden folder has. */
@Tag("golden")
class ScheduleGoldenTest {
    private static final String SET = "schedule";

    private static JsonNode read(Path file) {
        return JsonMapper.shared().readTree(file.toFile());
    }

    @Test
    void givesTheOfficialLearningRates() {
        assumeThat(GoldenDir.has(SET + "/lr.json")).isTrue();
        Map<String, JsonNode> sets = new LinkedHashMap<>();
        read(GoldenDir.path().resolve(SET + "/lr.json"))
                .properties()
                .forEach(entry -> sets.put(entry.getKey(), entry.getValue()));
        assertThat(sets).isNotEmpty();
        sets.forEach((name, set) -> {
            Schedule schedule = schedule(set.get("solver"));
            boolean eachStep = set.has("lr");
            JsonNode rates = eachStep ? set.get("lr") : set.get("lr_at_epoch_start");
            double stepsPerEpoch = eachStep ? set.get("iterations_per_epoch").asDouble() : 1;
            for (int i = 0; i < rates.size(); i++) {
                double expected = rates.get(i).asDouble();
                assertThat(schedule.at(i / stepsPerEpoch))
                        .as(name + ", rate " + i)
                        .isCloseTo(expected, within(1e-12 * expected + 1e-18));
            }
        });
    }

    private static Schedule schedule(JsonNode solver) {
        double warmup = solver.get("WARMUP_EPOCHS").asDouble();
        double base = solver.get("BASE_LR").asDouble();
        boolean cosine = solver.get("LR_POLICY").asString().equals("cosine");
        boolean afterWarmup = solver.get("COSINE_AFTER_WARMUP").asBoolean();
        Schedule.Curve curve = cosine
                ? new Schedule.Cosine(
                        base,
                        solver.get("COSINE_END_LR").asDouble(),
                        afterWarmup ? warmup : 0,
                        solver.get("MAX_EPOCH").asDouble())
                : new Schedule.Steps(base, numbers(solver.get("STEPS")), numbers(solver.get("LRS")));
        return new Schedule(solver.get("WARMUP_START_LR").asDouble(), warmup, curve);
    }

    private static List<Double> numbers(JsonNode list) {
        List<Double> numbers = new ArrayList<>();
        list.forEach(number -> numbers.add(number.asDouble()));
        return numbers;
    }

    @Test
    void groupsParametersAsTheOfficialOptimizer() throws IOException {
        assumeThat(GoldenDir.has(SET)).isTrue();
        try (Stream<Path> files = Files.list(GoldenDir.path().resolve(SET))) {
            files.filter(file -> file.getFileName().toString().startsWith("groups_"))
                    .forEach(ScheduleGoldenTest::assertGroups);
        }
    }

    private static void assertGroups(Path file) {
        JsonNode golden = read(file);
        Map<String, Integer> axes = new LinkedHashMap<>();
        golden.get("params")
                .properties()
                .forEach(entry ->
                        axes.put(entry.getKey(), entry.getValue().get("shape").size()));
        LayerDecay decay = new LayerDecay(
                golden.get("layer_decay").asDouble(), golden.get("depth").asInt(), OfficialLayers.of(axes.keySet()));
        List<AdamW.Group> groups = AdamW.groups(
                axes,
                new AdamW.Config(0.9, 0.999, 1e-8, golden.get("weight_decay").asDouble(), null),
                decay);
        List<JsonNode> expected = new ArrayList<>();
        golden.get("group_list").forEach(expected::add);
        assertThat(groups).as(file.getFileName().toString()).hasSize(expected.size());
        golden.get("params").properties().forEach(entry -> {
            String name = entry.getKey();
            AdamW.Group group = groups.stream()
                    .filter(of -> of.names().contains(name))
                    .reduce((first, second) -> fail(name + " is in two groups"))
                    .orElseGet(() -> fail(name + " is in no group"));
            assertThat(group.weightDecay())
                    .as("weight decay of " + name)
                    .isEqualTo(entry.getValue().get("weight_decay").asDouble());
            double scale = entry.getValue().get("lr_scale").asDouble();
            assertThat(group.lrScale()).as("factor of " + name).isCloseTo(scale, within(1e-12 * scale));
        });
    }
}
