package maskfeat.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class GridTest {
    static LongStream seeds() {
        return LongStream.range(0, 100);
    }

    @Test
    void tokensAreNumberedByTimeThenRowThenColumn() {
        Grid grid = new Grid(2, 3, 4);
        int token = 0;
        for (int time = 0; time < 2; time++) {
            for (int row = 0; row < 3; row++) {
                for (int column = 0; column < 4; column++) {
                    assertThat(grid.index(time, row, column)).isEqualTo(token++);
                }
            }
        }
        assertThat(token).isEqualTo(grid.size());
    }

    // Which of the tokens a, b, c ... each new one shows.
    @ParameterizedTest
    @CsvSource({
        "2, 4, aabb",
        "4, 2, ac",
        "3, 3, abc",
        "2, 3, aab",
        "3, 2, ab",
        "4, 7, aabbccd",
        "7, 4, abdf",
        "5, 1, a",
        "1, 3, aaa"
    })
    void eachNewTokenTakesTheNearestBelowOnEveryAxis(int from, int to, String letters) {
        for (int one = 0; one < from; one++) {
            boolean[] mask = new boolean[from];
            mask[one] = true;
            boolean[] expected = new boolean[to];
            for (int token = 0; token < to; token++) {
                expected[token] = letters.charAt(token) - 'a' == one;
            }
            assertThat(new Grid(from, 1, 1).resize(mask, new Grid(to, 1, 1))).isEqualTo(expected);
            assertThat(new Grid(1, from, 1).resize(mask, new Grid(1, to, 1))).isEqualTo(expected);
            assertThat(new Grid(1, 1, from).resize(mask, new Grid(1, 1, to))).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aMultipleRepeatsEveryTokenAndTheWayBackTakesTheFirstOfThem(long seed) {
        Random random = new Random(seed);
        Grid small = new Grid(1 + random.nextInt(4), 1 + random.nextInt(5), 1 + random.nextInt(5));
        int times = 1 + random.nextInt(3);
        int rows = 1 + random.nextInt(4);
        int columns = 1 + random.nextInt(4);
        Grid large = new Grid(small.t() * times, small.h() * rows, small.w() * columns);
        boolean[] mask = coins(small, random);

        boolean[] resized = small.resize(mask, large);

        for (int time = 0; time < large.t(); time++) {
            for (int row = 0; row < large.h(); row++) {
                for (int column = 0; column < large.w(); column++) {
                    assertThat(resized[large.index(time, row, column)])
                            .isEqualTo(mask[small.index(time / times, row / rows, column / columns)]);
                }
            }
        }
        assertThat(large.resize(resized, small)).isEqualTo(mask);
        boolean[] fine = coins(large, random);
        boolean[] coarse = large.resize(fine, small);
        for (int token = 0; token < coarse.length; token++) {
            int time = token / (small.h() * small.w());
            int row = token / small.w() % small.h();
            int column = token % small.w();
            assertThat(coarse[token]).isEqualTo(fine[large.index(time * times, row * rows, column * columns)]);
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aFinerGridShowsEveryTokenOfTheCoarserOne(long seed) {
        Random random = new Random(seed);
        Grid coarse = new Grid(1 + random.nextInt(4), 1 + random.nextInt(5), 1 + random.nextInt(5));
        Grid fine = new Grid(
                coarse.t() + random.nextInt(6), coarse.h() + random.nextInt(6), coarse.w() + random.nextInt(6));
        for (int token = 0; token < coarse.size(); token++) {
            boolean[] mask = new boolean[coarse.size()];
            mask[token] = true;
            assertThat(coarse.resize(mask, fine)).contains(true);
        }
    }

    @Test
    void theSameGridGivesACopy() {
        Grid grid = new Grid(2, 3, 4);
        boolean[] mask = coins(grid, new Random(1));
        assertThat(grid.resize(mask, grid)).isEqualTo(mask).isNotSameAs(mask);
    }

    @Test
    void refusesEmptyGridsAndMasksOfOtherGrids() {
        assertThatThrownBy(() -> new Grid(0, 3, 4)).hasMessageContaining("0 x 3 x 4");
        assertThatThrownBy(() -> new Grid(8, 7, 7).resize(new boolean[49], new Grid(8, 14, 14)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a mask of the token grid 8x7x7 has 392 tokens; this one has 49");
    }

    private static boolean[] coins(Grid grid, Random random) {
        boolean[] coins = new boolean[grid.size()];
        for (int token = 0; token < coins.length; token++) {
            coins[token] = random.nextBoolean();
        }
        return coins;
    }
}
