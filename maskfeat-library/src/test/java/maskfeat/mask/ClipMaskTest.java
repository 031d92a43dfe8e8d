package maskfeat.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
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

/** Masks of clips: cubes, tubes, frames, and single tokens. */
class ClipMaskTest {
    /** The published grid of tokens. */
    private static final Grid CLIP = new Grid(8, 14, 14);

    static LongStream seeds() {
        return LongStream.range(0, 400);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void hidesTheDocumentedNumberOfCellsOnAnyGrid(long seed) {
        Random random = new Random(seed);
        Grid grid = anyGrid(seed, random);
        double ratio = 0.1 + 0.8 * random.nextDouble();
        int cell = 1 + random.nextInt(seed % 3 == 0 ? 20 : 3);
        Grid cells = CellGrid.of(grid, cell);
        int target = target(cells.size() * ratio, cells.size());

        assertThat(hiddenCells(new CubeMask(ratio, true, cell), grid, cells, seed))
                .isEqualTo(target);
        assertThat(hiddenCells(new CubeMask(ratio, false, cell), grid, cells, seed))
                .isBetween(1, target);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void hidesTheDocumentedNumberOfTubesOnAnyGrid(long seed) {
        Random random = new Random(seed);
        Grid some = anyGrid(seed, random);
        Grid grid = some.h() * some.w() == 1 ? new Grid(some.t(), 1, 2) : some;
        double ratio = 0.1 + 0.8 * random.nextDouble();
        int cell = 1 + random.nextInt(seed % 3 == 0 ? 20 : 3);
        Grid cells = CellGrid.of(grid, cell);
        int step = cells.h() * cells.w();
        int target = target(step * ratio, step);

        assertThat(hiddenCells(new TubeMask(ratio, true, cell), grid, cells, seed))
                .isEqualTo(grid.t() * target);
        assertThat(hiddenCells(new TubeMask(ratio, false, cell), grid, cells, seed))
                .isBetween(grid.t(), grid.t() * target);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void hidesTheDocumentedNumberOfWholeStepsOnAnyGrid(long seed) {
        Random random = new Random(seed);
        Grid some = anyGrid(seed, random);
        Grid grid = new Grid(some.t() + 1, some.h(), some.w());
        double ratio = 0.1 + 0.8 * random.nextDouble();

        boolean[] mask = new FrameMask(ratio).draw(grid, random);

        assertThat(mask).hasSize(grid.size());
        int steps = 0;
        for (int time = 0; time < grid.t(); time++) {
            boolean[] step = step(mask, grid, time);
            assertThat(hidden(step)).isIn(0, step.length);
            steps += step[0] ? 1 : 0;
        }
        assertThat(steps).isEqualTo(target(grid.t() * ratio, grid.t()));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void neverHidesNothingOrEverything(long seed) {
        Random random = new Random(seed);
        Grid grid = anyGrid(seed, random);
        double ratio = 0.1 + 0.8 * random.nextDouble();
        int cell = 1 + random.nextInt(8);
        int all = grid.size() == 1 ? 2 : grid.size();

        assertThat(hidden(new CubeMask(ratio, seed % 2 == 0, cell).draw(grid, random)))
                .isBetween(1, all - 1);
        assertThat(hidden(new RandomMask(ratio).draw(grid, random))).isBetween(1, all - 1);
        if (grid.h() * grid.w() > 1) {
            assertThat(hidden(new TubeMask(ratio, seed % 2 == 0, cell).draw(grid, random)))
                    .isBetween(1, all - 1);
        }
        if (grid.t() > 1) {
            assertThat(hidden(new FrameMask(ratio).draw(grid, random))).isBetween(1, all - 1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "8, 14, 14, 2, 8x7x7",
        "8, 14, 14, 1, 8x14x14",
        "20, 9, 16, 2, 20x5x8",
        "4, 7, 10, 3, 4x3x4",
        "8, 2, 2, 2, 8x2x2",
        "8, 4, 4, 4, 8x2x2",
        "8, 3, 1, 9, 8x2x1",
        "1, 5, 1, 2, 3x1",
        "3, 1, 1, 2, 3x1x1"
    })
    void theWindowIsDerivedFromTheTokens(int t, int h, int w, int cell, String window) {
        assertThat(CellGrid.of(new Grid(t, h, w), cell)).hasToString(window);
    }

    // 157 = round(392 * 0.4) cells of 4 tokens, 20 = round(49 * 0.4) of a step's, 3 = round(8 * 0.4) steps, as
    // published; 1568 - int(1568 * 0.6) = 628 of single tokens.
    @Test
    void theDefaultsAreThePublishedNumbers() {
        assertThat(hidden(new CubeMask(0.4, true, 2).draw(CLIP, new Random(1)))).isEqualTo(157 * 4);
        assertThat(hidden(new TubeMask(0.4, true, 2).draw(CLIP, new Random(1)))).isEqualTo(8 * 20 * 4);
        assertThat(hidden(FrameMask.defaults().draw(CLIP, new Random(1)))).isEqualTo(3 * 196);
        assertThat(hidden(RandomMask.defaults().draw(CLIP, new Random(1)))).isEqualTo(628);
        assertThat(CubeMask.defaults()).isEqualTo(new CubeMask(0.4, false, 2));
        assertThat(TubeMask.defaults()).isEqualTo(new TubeMask(0.4, false, 2));
    }

    @Test
    void theExactMaskIsTheCubesAndCellsBesideThem() {
        Grid grid = new Grid(4, 7, 7);
        int grown = 0;
        for (long seed = 0; seed < 200; seed++) {
            boolean[] cubes = new CubeMask(0.4, false, 1).draw(grid, new SplittableRandom(seed));
            boolean[] exact = new CubeMask(0.4, true, 1).draw(grid, new SplittableRandom(seed));
            for (int token = 0; token < grid.size(); token++) {
                assertThat(exact[token] || !cubes[token]).isTrue();
                if (exact[token] && !cubes[token]) {
                    grown++;
                    assertThat(hasHiddenNeighbour(exact, grid, token)).isTrue();
                }
            }
        }
        assertThat(grown).as("some masks fell short").isPositive();
    }

    @Test
    void cellsAreGrownInTimeAsWell() {
        // In a clip of one place no cuboid fits, and all neighbours are neighbours in time.
        Set<String> drawn = new HashSet<>();
        for (long seed = 0; seed < 100; seed++) {
            drawn.add(Arrays.toString(CubeMask.of(0.4).draw(new Grid(5, 1, 1), new Random(seed))));
        }
        boolean[][] pairs = new boolean[4][5];
        for (int first = 0; first < 4; first++) {
            Arrays.fill(pairs[first], first, first + 2, true);
        }
        assertThat(drawn)
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(pairs).map(Arrays::toString).toList());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void cubesReachAllEightCornersAlike(boolean exact) {
        Grid grid = new Grid(5, 6, 9);
        RandomGenerator random = new SplittableRandom(6);
        int[] times = new int[grid.size()];
        for (int i = 0; i < 4000; i++) {
            boolean[] mask = new CubeMask(0.4, exact, 1).draw(grid, random);
            for (int token = 0; token < mask.length; token++) {
                times[token] += mask[token] ? 1 : 0;
            }
        }
        double corner = times[0];
        assertThat(corner).isPositive();
        for (int time : new int[] {0, 4}) {
            for (int row : new int[] {0, 5}) {
                for (int column : new int[] {0, 8}) {
                    assertThat((double) times[grid.index(time, row, column)])
                            .isCloseTo(corner, within(5 * Math.sqrt(2 * corner)));
                }
            }
        }
    }

    @Test
    void framesAreHiddenEquallyOftenAndInEverySet() {
        Grid grid = new Grid(5, 1, 2);
        RandomGenerator random = new SplittableRandom(7);
        int draws = 20_000;
        double[] frequency = new double[grid.t()];
        Set<String> drawn = new HashSet<>();
        for (int i = 0; i < draws; i++) {
            boolean[] mask = new FrameMask(0.4).draw(grid, random);
            drawn.add(Arrays.toString(mask));
            for (int time = 0; time < grid.t(); time++) {
                frequency[time] += mask[grid.index(time, 0, 0)] ? 1.0 / draws : 0;
            }
        }
        for (double f : frequency) {
            assertThat(f).isCloseTo(0.4, within(5 * Math.sqrt(0.4 * 0.6 / draws)));
        }
        assertThat(drawn).hasSize(10); // 2 of 5
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 8, 20})
    void tubesAreTheSameInEveryStep(int t) {
        Grid grid = new Grid(t, 9, 12);
        boolean[] mask = TubeMask.defaults().draw(grid, new Random(3));
        for (int time = 1; time < t; time++) {
            assertThat(step(mask, grid, time)).isEqualTo(step(mask, grid, 0));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aTubeOfOneStepIsTheBlockMaskOfItsCells(boolean exact) {
        for (long seed = 0; seed < 50; seed++) {
            BlockMask block = new BlockMask(0.4, exact, 0, 0.3);
            TubeMask tube = new TubeMask(0.4, exact, 1);
            assertThat(tube.draw(Grid.of(14, 14), new SplittableRandom(seed)))
                    .isEqualTo(block.draw(Grid.of(14, 14), new SplittableRandom(seed)));
        }
    }

    @Test
    void cubesOfAnImageAreRectanglesOfAboutTheAskedShare() {
        Grid image = Grid.of(14, 14);
        RandomGenerator random = new SplittableRandom(9);
        double mean = 0;
        for (int i = 0; i < 1000; i++) {
            mean += hidden(CubeMask.defaults().draw(image, random)) / 1000.0;
        }
        // A rectangle that does not shrink seldom fits the last few of 20 cells.
        assertThat(mean / image.size()).isBetween(0.3, 20.0 / 49);
    }

    @Test
    void theSameSeedGivesTheSameMask() {
        for (MaskStrategy rule : new MaskStrategy[] {CubeMask.defaults(), TubeMask.defaults(), FrameMask.defaults()}) {
            Set<String> drawn = new HashSet<>();
            for (long seed = 0; seed < 20; seed++) {
                boolean[] mask = rule.draw(CLIP, new Random(seed));
                assertThat(rule.draw(CLIP, new Random(seed))).isEqualTo(mask);
                drawn.add(Arrays.toString(mask));
            }
            assertThat(drawn).as("%s", rule).hasSizeGreaterThan(10);
        }
    }

    @Test
    void refusesWhatHasNoAnswerAndNamesWhatWouldDo() {
        assertThatThrownBy(() -> FrameMask.defaults().draw(Grid.of(14, 14), new Random(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("14x14 has one")
                .hasMessageContaining("block or random");
        assertThatThrownBy(() -> TubeMask.defaults().draw(new Grid(8, 1, 1), new Random(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("8x1x1")
                .hasMessageContaining("cube or random");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1, -0.1, 1.5, Double.NaN})
    void refusesRatiosThatHideNothingOrEverything(double ratio) {
        assertThatThrownBy(() -> CubeMask.of(ratio)).hasMessageContaining("mask ratio " + ratio);
        assertThatThrownBy(() -> TubeMask.of(ratio)).hasMessageContaining("mask ratio " + ratio);
        assertThatThrownBy(() -> new FrameMask(ratio)).hasMessageContaining("mask ratio " + ratio);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -2})
    void refusesCellsWithoutTokens(int cell) {
        assertThatThrownBy(() -> new CubeMask(0.4, false, cell))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cell " + cell);
        assertThatThrownBy(() -> new TubeMask(0.4, false, cell)).hasMessageContaining("cell " + cell);
    }

    /** Up to 20 on each axis, half of them up to 3. */
    private static Grid anyGrid(long seed, Random random) {
        int side = seed % 2 == 0 ? 3 : 20;
        return new Grid(1 + random.nextInt(side), 1 + random.nextInt(side), 1 + random.nextInt(side));
    }

    private static int target(double wanted, int all) {
        return all == 1 ? 1 : Math.max(1, Math.min(all - 1, (int) Math.rint(wanted)));
    }

    /** How many cells are hidden, after a look that each is hidden as a whole or not at all. */
    private static int hiddenCells(MaskStrategy rule, Grid grid, Grid cells, long seed) {
        boolean[] mask = rule.draw(grid, new SplittableRandom(seed));
        assertThat(mask).hasSize(grid.size());
        boolean[] hidden = new boolean[cells.size()];
        boolean[] shown = new boolean[cells.size()];
        for (int token = 0; token < mask.length; token++) {
            int time = token / (grid.h() * grid.w());
            int row = token / grid.w() % grid.h();
            int column = token % grid.w();
            int cell = cells.index(time, row * cells.h() / grid.h(), column * cells.w() / grid.w());
            (mask[token] ? hidden : shown)[cell] = true;
        }
        for (int cell = 0; cell < hidden.length; cell++) {
            assertThat(hidden[cell]).as("cell %d of %s", cell, cells).isNotEqualTo(shown[cell]);
        }
        return hidden(hidden);
    }

    private static boolean[] step(boolean[] mask, Grid grid, int time) {
        return Arrays.copyOfRange(mask, grid.index(time, 0, 0), grid.index(time + 1, 0, 0));
    }

    private static int hidden(boolean[] mask) {
        int count = 0;
        for (boolean hidden : mask) {
            count += hidden ? 1 : 0;
        }
        return count;
    }

    private static boolean hasHiddenNeighbour(boolean[] mask, Grid grid, int token) {
        int step = grid.h() * grid.w();
        for (int other = 0; other < mask.length; other++) {
            int distance = Math.abs(other / step - token / step)
                    + Math.abs(other / grid.w() % grid.h() - token / grid.w() % grid.h())
                    + Math.abs(other % grid.w() - token % grid.w());
            if (distance == 1 && mask[other]) {
                return true;
            }
        }
        return false;
    }
}
