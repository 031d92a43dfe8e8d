package maskfeat.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.util.Locale;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenTensors;
import maskfeat.golden.Tolerance;
import maskfeat.torch.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CellMapTest {
    /** A teacher's cells become those of the student's grid, all ways that the golden set has. */
    @Test
    @Tag("golden")
    void mapsEqualTheGoldenOnes() {
        assumeThat(GoldenDir.has("targets/targets.safetensors")).isTrue();
        Path set = GoldenDir.path().resolve("targets");
        GoldenTensors golden = GoldenTensors.open(set.resolve("targets.safetensors"));
        JsonNode maps = JsonMapper.shared()
                .readTree(set.resolve("config.json").toFile())
                .get("maps");
        int checked = 0;
        try (PointerScope scope = new PointerScope()) {
            for (String name : maps.propertyNames()) {
                Tensor cells = Arrays.tensor(
                        golden.values("map." + name + ".teacher"), golden.shape("map." + name + ".teacher"));
                int rows = maps.get(name).get(4).asInt();
                int columns = maps.get(name).get(5).asInt();
                for (CellMap map : CellMap.values()) {
                    String expected = "map." + name + "." + map.name().toLowerCase(Locale.ROOT);
                    if (golden.has(expected)) {
                        assertMapped(golden, expected, map.map(cells, rows, columns), map == CellMap.BILINEAR);
                        checked++;
                    }
                    if (golden.has("map." + name + ".average")) {
                        assertMapped(golden, "map." + name + ".average", map.map(cells, rows, columns), true);
                        checked++;
                    }
                }
            }
        }
        assertThat(checked).isGreaterThanOrEqualTo(4);
    }

    /** Cells that are copied are equal; sums of four may be rounded in another order. */
    private static void assertMapped(GoldenTensors golden, String name, Tensor actual, boolean sums) {
        assertThat(actual.shape()).as(name).containsExactly(golden.shape(name));
        float[] expected = golden.values(name);
        float largest = 0;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        float limit = sums ? (float) (5 * Tolerance.ROUNDING * largest) : 0;
        assertThat(Arrays.floats(actual)).as(name).containsExactly(expected, within(limit));
    }

    @Test
    void cellsOfTheSameGridStayAsTheyAre() {
        try (PointerScope scope = new PointerScope()) {
            Tensor cells = Arrays.tensor(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 1, 2, 2, 2);
            for (CellMap map : CellMap.values()) {
                assertThat(Arrays.floats(map.map(cells, 2, 2))).containsExactly(1, 5, 2, 6, 3, 7, 4, 8);
            }
        }
    }

    /** Seven cells on sixteen tokens: no factor of two, and no rounding of a float32 factor. */
    @Test
    void theNearestCellIsCountedInWholeNumbers() {
        try (PointerScope scope = new PointerScope()) {
            Tensor cells = Arrays.tensor(new float[] {0, 1, 2, 3, 4, 5, 6}, 1, 1, 1, 7);
            float[] tokens = Arrays.floats(CellMap.NEAREST.map(cells, 1, 16));
            for (int i = 0; i < 16; i++) {
                assertThat(tokens[i]).isEqualTo(i * 7 / 16);
            }
        }
    }

    @Test
    void aGridThatIsCoarserOneWayAndFinerTheOtherIsRefused() {
        try (PointerScope scope = new PointerScope()) {
            Tensor cells = Arrays.tensor(new float[8], 1, 1, 4, 2);
            assertThatThrownBy(() -> CellMap.NEAREST.map(cells, 2, 4))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("4 x 2 cells")
                    .hasMessageContaining("2 x 4 tokens");
        }
    }
}
