package maskfeat.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** Ranks that are threads of one process: what they are for is tried with processes elsewhere. */
class RanksTest {
    private static <T> List<T> together(int size, Function<Ranks, T> body) throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        ExecutorService threads = Executors.newFixedThreadPool(size);
        try {
            List<Future<T>> pending = new ArrayList<>();
            for (int rank = 0; rank < size; rank++) {
                RankPlace place = new RankPlace(rank, size, "127.0.0.1", port, false, 0, "the test");
                pending.add(threads.submit(() -> {
                    try (Ranks ranks = Ranks.join(place)) {
                        return body.apply(ranks);
                    }
                }));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> each : pending) {
                results.add(each.get());
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void sumsNumbers() throws Exception {
        assertThat(together(3, ranks -> ranks.sum(ranks.rank() + 1, 0.5)))
                .allSatisfy(sums -> assertThat(sums).containsExactly(6, 1.5));
    }

    @Test
    void sumsTensorsInPlace() throws Exception {
        List<float[]> sums = together(2, ranks -> {
            try (PointerScope scope = new PointerScope()) {
                Tensor first = Arrays.tensor(new float[] {1, 2, 3, 4}, 2, 2);
                Tensor second = Arrays.tensor(new float[] {ranks.rank() * 10}, 1);
                ranks.sum(List.of(first, second));
                return new float[] {Arrays.floats(first)[3], Arrays.floats(second)[0], first.size(0)};
            }
        });
        assertThat(sums).allSatisfy(each -> assertThat(each).containsExactly(8, 10, 2));
    }

    @Test
    void exchangesTextsInTheOrderOfRanks() throws Exception {
        assertThat(together(2, ranks -> ranks.exchange("names", ranks.rank() == 0 ? "" : "zweite \u00fc")))
                .containsExactly(List.of("", "zweite \u00fc"), List.of("", "zweite \u00fc"));
    }

    @Test
    void anyAsksAll() throws Exception {
        assertThat(together(2, ranks -> List.of(ranks.any(ranks.rank() == 1), ranks.any(false))))
                .containsOnly(List.of(true, false));
    }

    @Test
    void aRankThatFailsIsNamedWithItsReason() throws Exception {
        List<String> said = together(2, ranks -> {
            ranks.at(7);
            if (ranks.rank() == 1) {
                try {
                    Thread.sleep(1200); // until the others know its step
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                ranks.fail("the disk is full");
                return "";
            }
            try {
                ranks.sum(1);
                return "no error";
            } catch (RankLost lost) {
                return lost.rank() + ": " + lost.getMessage();
            }
        });
        assertThat(said.get(0)).startsWith("1: rank 1 (process ").contains("failed, in step 7: the disk is full");
    }

    @Test
    void oneAloneNeedsNobody() {
        assertThat(Ranks.ALONE.sum(2, 3)).containsExactly(2, 3);
        assertThat(Ranks.ALONE.exchange("name", "own")).containsExactly("own");
        assertThat(Ranks.ALONE.leads()).isTrue();
        Ranks.ALONE.close();
    }

    @Test
    void whatNobodyListensToIsRefused() throws IOException {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new RankPlace(2, 2, "127.0.0.1", 29500, false, 0, "the test"))
                .withMessageContaining("rank 2 of 2 cannot be");
    }
}
