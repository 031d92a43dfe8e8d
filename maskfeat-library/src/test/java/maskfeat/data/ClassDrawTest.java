package maskfeat.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ClassDrawTest {
    @TempDir
    static Path temp;

    private static Dataset any;

    @BeforeAll
    static void openAnything() throws IOException {
        Path list = Files.writeString(temp.resolve("list.txt"), "a.jpg 0\n");
        any = Dataset.open(list, new StillImage());
    }

    static LongStream cases() {
        return LongStream.range(0, 150);
    }

    /** Items 0.jpg, 1.jpg, ... of each class in its folder, in any order. */
    private Dataset data(Path root, int[] counts, long order) {
        List<Item> items = new ArrayList<>();
        for (int label = 0; label < counts.length; label++) {
            for (int i = 0; i < counts[label]; i++) {
                items.add(new Item(root.resolve(label + "/" + i + ".jpg"), label));
            }
        }
        Collections.shuffle(items, new Random(order));
        List<String> names =
                IntStream.range(0, counts.length).mapToObj(i -> "class " + i).toList();
        return Subset.of(any, items, names);
    }

    private static int[] counts(RandomGenerator random) {
        return random.ints(random.nextInt(2, 6), 1, 12).toArray();
    }

    private static List<Integer> perLabel(List<Item> items, int classes) {
        Integer[] counts = new Integer[classes];
        Arrays.fill(counts, 0);
        items.forEach(item -> counts[item.label()]++);
        return List.of(counts);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void frontAndBackAreAsLargeAsAskedAndInOrderOfTheData(long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        int[] counts = counts(random);
        Dataset data = data(temp.resolve("d"), counts, seed);
        int[] back =
                IntStream.of(counts).map(count -> random.nextInt(count + 1)).toArray();
        ClassDraw draw = new ClassDraw(data, seed);
        List<Item> front = draw.front(label -> counts[label] - back[label]);
        List<Item> rest = draw.back(label -> back[label]);
        assertThat(perLabel(rest, counts.length))
                .isEqualTo(IntStream.of(back).boxed().toList());
        assertThat(front).hasSize(data.size() - rest.size());
        assertThat(Collections.disjoint(front, rest)).isTrue();
        assertThat(front)
                .isEqualTo(data.items().stream()
                        .filter(new HashSet<>(front)::contains)
                        .toList());
        assertThat(rest)
                .isEqualTo(data.items().stream()
                        .filter(new HashSet<>(rest)::contains)
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aSmallerDrawIsPartOfALarger(long seed) {
        int[] counts = counts(new SplittableRandom(seed));
        ClassDraw draw = new ClassDraw(data(temp.resolve("d"), counts, seed), seed);
        for (int most = 1; most < 12; most++) {
            int fewer = most - 1;
            int more = most;
            assertThat(draw.front(label -> Math.min(counts[label], more)))
                    .containsAll(draw.front(label -> Math.min(counts[label], fewer)));
            assertThat(draw.back(label -> Math.min(counts[label], more)))
                    .containsAll(draw.back(label -> Math.min(counts[label], fewer)));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void neitherPlaceNorOrderNorOtherClassesChangeADraw(long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        int[] counts = counts(random);
        Path here = temp.resolve("here");
        Path there = temp.resolve("else/where");
        List<Item> draw = new ClassDraw(data(here, counts, seed), seed).front(label -> Math.min(counts[label], 3));
        Set<Path> moved = new HashSet<>();
        new ClassDraw(data(there, counts, seed + 1), seed)
                .front(label -> Math.min(counts[label], 3))
                .forEach(item -> moved.add(here.resolve(there.relativize(item.file()))));
        assertThat(draw).extracting(Item::file).containsExactlyInAnyOrderElementsOf(moved);
        int[] more = Arrays.copyOf(counts, counts.length + 1);
        more[counts.length] = 4;
        assertThat(new ClassDraw(data(here, more, seed), seed)
                        .front(label -> label == counts.length ? 0 : Math.min(counts[label], 3)))
                .containsExactlyInAnyOrderElementsOf(draw);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void anotherItemMovesAtMostOneOutOfADraw(long seed) {
        List<Item> before = new ClassDraw(data(temp, new int[] {10, 10}, seed), seed).front(label -> 4);
        List<Item> after = new ClassDraw(data(temp, new int[] {11, 10}, seed), seed).front(label -> 4);
        Set<Item> kept = new HashSet<>(before);
        kept.retainAll(after);
        assertThat(kept.size()).isGreaterThanOrEqualTo(7);
    }

    @Test
    void everyItemIsAsLikelyAndEveryPairToo() {
        int seeds = 6000;
        Dataset data = data(temp, new int[] {4, 2}, 0);
        Map<Set<String>, Integer> pairs = new HashMap<>();
        for (int seed = 0; seed < seeds; seed++) {
            Set<String> pair = new HashSet<>();
            new ClassDraw(data, seed)
                    .front(label -> label == 0 ? 2 : 0)
                    .forEach(item -> pair.add(item.file().getFileName().toString()));
            pairs.merge(pair, 1, Integer::sum);
        }
        assertThat(pairs).hasSize(6);
        assertThat(pairs.values()).allSatisfy(count -> assertThat(count).isBetween(1000 - 145, 1000 + 145));
    }

    @Test
    void anItemThatIsNamedTwiceIsDrawnOnce() {
        Dataset once = data(temp, new int[] {5, 5}, 0);
        List<Item> twice = new ArrayList<>(once.items());
        twice.addAll(once.items());
        ClassDraw draw = new ClassDraw(Subset.of(any, twice, once.classes()), 0);
        assertThat(draw.count(0)).isEqualTo(5);
        List<Item> front = draw.front(label -> 3);
        assertThat(front).doesNotHaveDuplicates().hasSize(6);
        assertThat(draw.back(label -> 2)).hasSize(4).doesNotContainAnyElementsOf(front);
    }
}
