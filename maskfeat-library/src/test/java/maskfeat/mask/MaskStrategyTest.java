package maskfeat.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MaskStrategyTest {
    static LongStream seeds() {
        return LongStream.range(0, 400);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void hidesTheDocumentedNumberOfTokensOnAnyGrid(long seed) {
        Random random = new Random(seed);
        int side = seed % 2 == 0 ? 4 : 24;
        Grid grid = Grid.of(1 + random.nextInt(side), 1 + random.nextInt(side));
        double ratio = Math.max(random.nextDouble(), 1e-9);
        int wanted = (int) Math.rint(grid.size() * ratio);
        int target = grid.size() == 1 ? 1 : Math.max(1, Math.min(grid.size() - 1, wanted));
        int minPatches = random.nextBoolean() ? 0 : random.nextInt(grid.size() + 1);
        double minAspect = 0.05 + 0.95 * random.nextDouble();

        int exact = hidden(new BlockMask(ratio, true, minPatches, minAspect), grid, seed);
        int about = hidden(new BlockMask(ratio, false, minPatches, minAspect), grid, seed);
        int single = hidden(new RandomMask(ratio), grid, seed);

        assertThat(exact).isEqualTo(target);
        assertThat(about).isBetween(1, target);
        int shown = grid.size() == 1 ? 0 : Math.max(1, Math.min(grid.size() - 1, (int) (grid.size() * (1 - ratio))));
        assertThat(single).isEqualTo(grid.size() - shown);
    }

    // 78 = round(196 * 0.4), as published; 196 - int(196 * 0.6) = 79 of single tokens.
    @ParameterizedTest
    @CsvSource({
        "14, 14, 0.4, 78, 79",
        "14, 14, 0.75, 147, 147",
        "1, 5, 0.5, 2, 3",
        "7, 1, 0.5, 4, 4",
        "1, 1, 0.01, 1, 1",
        "2, 2, 0.999, 3, 3",
        "2, 2, 0.001, 1, 1",
        "1, 2, 0.4, 1, 1"
    })
    void countsRoundAsTheOfficialOnes(int h, int w, double ratio, int blocks, int single) {
        assertThat(hidden(new BlockMask(ratio, true, 0, 0.3), Grid.of(h, w), 3)).isEqualTo(blocks);
        assertThat(hidden(new RandomMask(ratio), Grid.of(h, w), 3)).isEqualTo(single);
    }

    @ParameterizedTest
    @CsvSource({"1, 10, 0.4, 4", "10, 1, 0.6, 6", "1, 1, 0.5, 1"})
    void whereNoBlockFitsTheMaskIsOnePieceOfTheWholeCount(int h, int w, double ratio, int count) {
        boolean[] mask = BlockMask.of(ratio).draw(Grid.of(h, w), new Random(5));

        String drawn = drawing(mask);
        assertThat(drawn).matches("\\.*#{" + count + "}\\.*");
    }

    @Test
    void theExactMaskIsTheBlockMaskAndTokensBesideIt() {
        Grid grid = Grid.of(14, 14);
        int grown = 0;
        for (long seed = 0; seed < 300; seed++) {
            boolean[] blocks = BlockMask.of(0.4).draw(grid, new SplittableRandom(seed));
            boolean[] exact = new BlockMask(0.4, true, 0, 0.3).draw(grid, new SplittableRandom(seed));
            for (int token = 0; token < grid.size(); token++) {
                assertThat(exact[token] || !blocks[token]).isTrue();
                if (exact[token] && !blocks[token]) {
                    grown++;
                    assertThat(hasHiddenNeighbour(exact, grid, token)).isTrue();
                }
            }
        }
        assertThat(grown).as("some masks fell short").isPositive();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void blocksReachAllFourCorners(boolean exact) {
        Grid grid = Grid.of(6, 9);
        RandomGenerator random = new SplittableRandom(6);
        int[] times = new int[grid.size()];
        for (int i = 0; i < 2000; i++) {
            boolean[] mask = new BlockMask(0.4, exact, 0, 0.3).draw(grid, random);
            for (int token = 0; token < mask.length; token++) {
                times[token] += mask[token] ? 1 : 0;
            }
        }
        // The original rule hides the last row and column as often as the first.
        assertThat(times[grid.index(0, 0, 0)]).isPositive();
        assertThat((double) times[grid.index(0, 5, 8)])
                .isCloseTo(times[grid.index(0, 0, 0)], within(5 * Math.sqrt(2.0 * times[grid.index(0, 0, 0)])));
        assertThat((double) times[grid.index(0, 0, 8)])
                .isCloseTo(times[grid.index(0, 5, 0)], within(5 * Math.sqrt(2.0 * times[grid.index(0, 0, 8)])));
    }

    @Test
    void randomMasksHideEveryTokenEquallyOften() {
        Grid grid = new Grid(2, 3, 5);
        RandomGenerator random = new SplittableRandom(7);
        int draws = 20_000;
        double[] frequency = new double[grid.size()];
        double together = 0;
        for (int i = 0; i < draws; i++) {
            boolean[] mask = new RandomMask(0.4).draw(grid, random);
            for (int token = 0; token < mask.length; token++) {
                frequency[token] += mask[token] ? 1.0 / draws : 0;
            }
            together += mask[0] && mask[29] ? 1.0 / draws : 0;
        }
        for (double f : frequency) {
            assertThat(f).isCloseTo(0.4, within(5 * Math.sqrt(0.4 * 0.6 / draws)));
        }
        double pair = 12.0 / 30 * 11 / 29;
        assertThat(together).isCloseTo(pair, within(5 * Math.sqrt(pair * (1 - pair) / draws)));
    }

    @Test
    void everySetOfTokensCanBeDrawn() {
        Set<String> drawn = new HashSet<>();
        RandomGenerator random = new SplittableRandom(8);
        for (int i = 0; i < 500; i++) {
            drawn.add(drawing(new RandomMask(0.5).draw(Grid.of(2, 3), random)));
        }
        assertThat(drawn).hasSize(20); // 3 of 6
    }

    @Test
    void theSameSeedGivesTheSameMask() {
        Grid grid = Grid.of(14, 14);
        for (MaskStrategy rule : new MaskStrategy[] {BlockMask.of(0.4), new RandomMask(0.4)}) {
            assertThat(rule.draw(grid, new Random(1))).isEqualTo(rule.draw(grid, new Random(1)));
            assertThat(rule.draw(grid, new Random(1))).isNotEqualTo(rule.draw(grid, new Random(2)));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1, -0.1, 1.5, Double.NaN})
    void refusesRatiosThatHideNothingOrEverything(double ratio) {
        assertThatThrownBy(() -> BlockMask.of(ratio))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("mask ratio " + ratio);
        assertThatThrownBy(() -> new RandomMask(ratio)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesOddBlocksAndClips() {
        assertThatThrownBy(() -> new BlockMask(0.4, false, -1, 0.3)).hasMessageContaining("smallest block -1");
        assertThatThrownBy(() -> new BlockMask(0.4, false, 0, 0)).hasMessageContaining("aspect 0.0");
        assertThatThrownBy(() -> new BlockMask(0.4, false, 0, 3)).hasMessageContaining("aspect 3.0");
        assertThatThrownBy(() -> BlockMask.of(0.4).draw(new Grid(8, 7, 7), new Random(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("for images")
                .hasMessageContaining("8x7x7")
                .hasMessageContaining("cube, tube, frame or random");
    }

    private static int hidden(MaskStrategy rule, Grid grid, long seed) {
        boolean[] mask = rule.draw(grid, new SplittableRandom(seed));
        assertThat(mask).hasSize(grid.size());
        return (int) drawing(mask).chars().filter(c -> c == '#').count();
    }

    private static boolean hasHiddenNeighbour(boolean[] mask, Grid grid, int token) {
        for (int other = 0; other < mask.length; other++) {
            int distance =
                    Math.abs(other / grid.w() - token / grid.w()) + Math.abs(other % grid.w() - token % grid.w());
            if (distance == 1 && mask[other]) {
                return true;
            }
        }
        return false;
    }

    private static String drawing(boolean[] mask) {
        StringBuilder drawing = new StringBuilder();
        for (boolean hidden : mask) {
            drawing.append(hidden ? '#' : '.');
        }
        return drawing.toString();
    }
}
