package maskfeat.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import maskfeat.torch.Ranks;
import maskfeat.torch.RanksHere;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SharedItemsTest {
    private static final int PARTS = 2;

    /** What a rank was told of the items, the batches that its network saw, and whether it was all. */
    private record Told(List<String> items, List<List<Integer>> batches, boolean whole) {}

    private static Told run(Ranks ranks, int count, int batch, Set<Integer> broken, BooleanSupplier stop)
            throws IOException, InterruptedException {
        List<Integer> items = IntStream.range(0, count).boxed().toList();
        List<String> told = new ArrayList<>();
        List<List<Integer>> batches = new ArrayList<>();
        boolean whole = new ReadAhead<Integer, Integer>(
                        items,
                        (item, part) -> {
                            if (broken.contains(item)) {
                                throw item % 2 == 0 ? new IOException() : new IOException("bad ä" + item);
                            }
                            return List.of(10 * item + part);
                        },
                        PARTS,
                        1,
                        batch,
                        2)
                .through(
                        ranks,
                        SharedItems.Packing.list(SharedItems.Packing.FLOATS),
                        views -> {
                            batches.add(List.copyOf(views));
                            return views.stream()
                                    .map(view -> List.of(new float[] {view, 0.1f * view}, new float[view % 3]))
                                    .toList();
                        },
                        (item, ofViews) -> {
                            StringBuilder line = new StringBuilder(item + ":");
                            ofViews.forEach(view -> line.append(' ')
                                    .append(view.get(0)[0])
                                    .append('/')
                                    .append(view.get(0)[1])
                                    .append('/')
                                    .append(view.get(1).length));
                            told.add(line.toString());
                        },
                        (item, why) -> told.add(item + " " + why.getMessage()),
                        stop);
        return new Told(told, batches, whole);
    }

    @ParameterizedTest
    @CsvSource({"2, 1, 1", "2, 7, 1", "2, 100, 4", "3, 100, 3", "3, 97, 5", "2, 5, 64"})
    void eachIsToldWhatOneProcessIsInItsOrderFromTheSameBatches(int size, int count, int batch) throws Exception {
        Told alone = run(Ranks.ALONE, count, batch, Set.of(), () -> false);
        List<Told> all = RanksHere.each(size, ranks -> run(ranks, count, batch, Set.of(), () -> false));

        assertThat(all).allSatisfy(each -> {
            assertThat(each.whole()).isTrue();
            assertThat(each.items()).isEqualTo(alone.items()).hasSize(count);
        });
        assertThat(all.stream().flatMap(each -> each.batches().stream()).toList())
                .containsExactlyInAnyOrderElementsOf(alone.batches());
        int most = (int) Math.ceil(alone.batches().size() / (double) size) + 1;
        assertThat(all).allSatisfy(each -> assertThat(each.batches()).hasSizeLessThanOrEqualTo(most));
    }

    @Test
    void whatAnyCannotReadIsToldToAllInItsPlace() throws Exception {
        Set<Integer> broken = Set.of(0, 3, 4, 5, 63, 98);
        Told alone = run(Ranks.ALONE, 99, 4, broken, () -> false);
        List<Told> all = RanksHere.each(2, ranks -> run(ranks, 99, 4, broken, () -> false));

        assertThat(alone.items()).contains("3 bad ä3", "4 null");
        assertThat(all)
                .allSatisfy(each -> assertThat(each.items())
                        .isEqualTo(alone.items().stream()
                                .map(line -> line.replace("null", IOException.class.getName()))
                                .toList()));
    }

    @Test
    void aStopOfOneEndsAll() throws Exception {
        int[] asked = {0};
        List<Told> all =
                RanksHere.each(3, ranks -> run(ranks, 5000, 2, Set.of(), () -> ranks.rank() == 1 && ++asked[0] > 20));

        assertThat(all).allSatisfy(each -> assertThat(each.whole()).isFalse());
        assertThat(all).allSatisfy(each -> assertThat(each.batches().size()).isLessThan(40));
    }

    @Test
    void whatIsThrownForAnItemIsThrownOnAll() {
        assertThatThrownBy(() -> RanksHere.each(2, ranks -> {
                    assertThatThrownBy(() -> new ReadAhead<Integer, Integer>(
                                            List.of(1, 2, 3), (item, part) -> List.of(item), 1, 1, 1, 1)
                                    .through(
                                            ranks,
                                            SharedItems.Packing.FLOATS,
                                            views -> List.of(new float[1]),
                                            (item, ofViews) -> {
                                                if (item == 2) {
                                                    throw new IOException("one too many");
                                                }
                                            },
                                            (item, why) -> {},
                                            () -> false))
                            .hasMessage("one too many");
                    throw new IOException("so on rank " + ranks.rank());
                }))
                .hasMessage("so on rank 0");
    }
}
