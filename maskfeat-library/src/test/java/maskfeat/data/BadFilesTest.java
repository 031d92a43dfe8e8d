package maskfeat.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BadFilesTest {
    private final List<String> told = new ArrayList<>();

    private BadFiles of(int total, double maxShare, Path... known) {
        return new BadFiles(total, maxShare, List.of(known), (file, reason) -> told.add(file + ": " + reason));
    }

    private static Item item(int i) {
        return new Item(Path.of(i + ".jpg"), Item.UNLABELLED);
    }

    @Test
    void eachIsToldOnceWithItsReason() throws IOException {
        BadFiles bad = of(10, 1);
        bad.report(item(1), new IOException("is empty"));
        bad.report(item(2), new EOFException());
        bad.report(item(1), new IOException("is empty"));
        assertThat(told).containsExactly("1.jpg: is empty", "2.jpg: java.io.EOFException");
        assertThat(bad.count()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"4, 0.5, 2", "4, 0.49, 1", "10, 0, 0", "3, 1, 3", "500, 0.01, 5", "599, 0.01, 5"})
    void soManyMayBeBad(int total, double maxShare, int allowed) throws IOException {
        BadFiles bad = of(total, maxShare);
        for (int i = 0; i < allowed; i++) {
            bad.report(item(i), new IOException("is empty"));
        }
        if (allowed < total) {
            assertThatExceptionOfType(TooManyBadFiles.class)
                    .isThrownBy(() -> bad.report(item(allowed), new IOException("no picture in " + allowed)))
                    .withMessage((allowed + 1) + " of " + total + " files cannot be read, more than the " + allowed
                            + " that data.max-bad-share " + maxShare + " allows; the last: no picture in " + allowed
                            + "; 'maskfeat data scan' names all of them: mend or move them, or set data.max-bad-share"
                            + " higher");
        }
        assertThat(told).hasSize(Math.min(total, allowed + 1)); // the last straw is named too
    }

    /** A share of a hundredth is less than one of ten files. */
    @ParameterizedTest
    @CsvSource({"1, 0", "2, 0", "3, 1", "5, 2", "7, 3", "10, 3", "100, 3", "399, 3", "400, 4"})
    void aFewMayAlwaysBeBadButNeverMost(int total, int allowed) {
        assertThat(BadFiles.allowed(total, 0.01)).isEqualTo(allowed);
        assertThat(BadFiles.allowed(total, 0)).isZero();
    }

    @Test
    void thoseKnownBeforeCountAndAreNotToldAgain() throws IOException {
        BadFiles bad = of(4, 0.5, item(1).file(), item(2).file());
        assertThat(bad.count()).isEqualTo(2);
        bad.report(item(1), new IOException("is empty"));
        assertThat(told).isEmpty();
        assertThatExceptionOfType(TooManyBadFiles.class)
                .isThrownBy(() -> bad.report(item(3), new IOException("is empty")))
                .withMessageStartingWith("3 of 4");
    }

    @Test
    void severalThreadsTellEachOnce() throws Exception {
        BadFiles bad = of(1000, 1);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            Callable<Void> all = () -> {
                for (int i = 0; i < 1000; i++) {
                    bad.report(item(i), new IOException("is empty"));
                }
                return null;
            };
            for (Future<Void> each : threads.invokeAll(List.of(all, all, all, all))) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(told).hasSize(1000).doesNotHaveDuplicates();
        assertThat(bad.count()).isEqualTo(1000);
    }

    @Test
    void whatAnotherProcessMetIsCountedAndNotToldBackToIt() throws IOException {
        List<String> own = new ArrayList<>();
        BadFiles bad = of(100, 0.02);
        bad.tellOwn((file, reason) -> own.add(file + ": " + reason));
        bad.add(Path.of("1.jpg"), "is empty");
        bad.report(item(1), new IOException("is empty here too"));
        bad.report(item(2), new IOException("is empty"));
        bad.add(Path.of("2.jpg"), "is empty");
        bad.add(Path.of("3.jpg"), "is empty");

        assertThat(told).containsExactly("1.jpg: is empty", "2.jpg: is empty", "3.jpg: is empty");
        assertThat(own).containsExactly("2.jpg: is empty");
        assertThatExceptionOfType(TooManyBadFiles.class)
                .isThrownBy(() -> bad.add(Path.of("4.jpg"), "is empty"))
                .withMessageContaining("4 of 100 files");
    }
}
