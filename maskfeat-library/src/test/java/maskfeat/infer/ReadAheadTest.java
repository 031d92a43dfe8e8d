package maskfeat.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import maskfeat.media.Frames;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadAheadTest {
    private static final int CROPS = 3;

    private static List<Integer> things(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    /** A picture of one pixel that says which view of which thing it is. */
    private static Frames view(int thing, int part, int crop) {
        return Frames.image(1, 1, new byte[] {(byte) thing, (byte) part, (byte) crop});
    }

    private static List<String> names(List<Frames> views) {
        return views.stream()
                .map(view -> view.rgb()[0] + "." + view.rgb()[1] + "." + view.rgb()[2])
                .toList();
    }

    private static List<String> viewsOf(int thing, int parts) {
        List<String> views = new ArrayList<>();
        for (int part = 0; part < parts; part++) {
            for (int crop = 0; crop < CROPS; crop++) {
                views.add(thing + "." + part + "." + crop);
            }
        }
        return views;
    }

    private static List<Frames> crops(int thing, int part) {
        return IntStream.range(0, CROPS).mapToObj(s -> view(thing, part, s)).toList();
    }

    @ParameterizedTest
    @CsvSource({"10, 4, 2", "10, 16, 4", "40, 2, 1", "1, 1, 3", "3, 7, 2"})
    void holdsABoundedNumberOfViewsHoweverManyAThingHas(int parts, int batch, int threads)
            throws IOException, InterruptedException {
        AtomicInteger held = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        ReadAhead<Integer, Frames> ahead = new ReadAhead<>(
                things(12),
                (thing, part) -> {
                    most.accumulateAndGet(held.addAndGet(CROPS), Math::max);
                    return crops(thing, part);
                },
                parts,
                CROPS,
                batch,
                threads);
        List<String> taken = new ArrayList<>();
        boolean whole = ahead.through(
                views -> {
                    held.addAndGet(-views.size());
                    return names(views);
                },
                (thing, ofViews) -> {
                    assertThat(ofViews).containsExactlyElementsOf(viewsOf(thing, parts));
                    taken.add("" + thing);
                },
                (thing, why) -> {
                    throw why;
                },
                () -> false);
        assertThat(whole).isTrue();
        assertThat(taken)
                .containsExactlyElementsOf(things(12).stream().map(t -> "" + t).toList());
        int partsAhead = 2 * threads + Math.max(1, batch / CROPS);
        assertThat(most.get()).isLessThanOrEqualTo(CROPS * (parts + partsAhead) + batch);
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "3, 1", "4, 2", "4, 8"})
    void whatCannotBeReadIsToldInItsPlaceAndLeavesNothingBehind(int brokenPart, int threads)
            throws IOException, InterruptedException {
        ReadAhead<Integer, Frames> ahead = new ReadAhead<>(
                things(9),
                (thing, part) -> {
                    if (thing % 4 == 2 && part == brokenPart) {
                        throw new IOException("thing " + thing);
                    }
                    return crops(thing, part);
                },
                5,
                CROPS,
                7,
                threads);
        List<String> told = new ArrayList<>();
        List<String> through = new ArrayList<>();
        ahead.through(
                views -> {
                    through.addAll(names(views));
                    return names(views);
                },
                (thing, ofViews) -> {
                    assertThat(ofViews).containsExactlyElementsOf(viewsOf(thing, 5));
                    told.add("" + thing);
                },
                (thing, why) -> told.add(why.getMessage()),
                () -> false);
        assertThat(told).containsExactly("0", "1", "thing 2", "3", "4", "5", "thing 6", "7", "8");
        assertThat(through).hasSize(7 * 5 * CROPS).noneMatch(name -> name.startsWith("2.") || name.startsWith("6."));
    }

    @Test
    void errorsOfReadingComeThroughAsTheyAre() {
        ReadAhead<Integer, Frames> ahead = new ReadAhead<>(
                things(2),
                (thing, part) -> {
                    throw new OutOfMemoryError("Java heap space");
                },
                1,
                1,
                1,
                1);
        assertThatThrownBy(() ->
                        ahead.through(ReadAheadTest::names, (thing, names) -> {}, (thing, why) -> {}, () -> false))
                .isInstanceOf(OutOfMemoryError.class);
    }
}
