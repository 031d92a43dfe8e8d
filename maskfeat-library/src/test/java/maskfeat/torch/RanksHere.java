package maskfeat.torch;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Ranks that are threads of this process. */
public final class RanksHere {
    private RanksHere() {}

    /** What one of them does. */
    public interface Part<R> {
        R of(Ranks ranks) throws Exception;
    }

    /** What one of them does that meets the others itself. */
    public interface Alone<R> {
        R at(RankPlace place) throws Exception;
    }

    /** Lets each do its part; what they give, in their order. An error of one is thrown as it is. */
    public static <R> List<R> each(int size, Part<R> part) throws Exception {
        return places(size, place -> {
            try (Ranks ranks = Ranks.join(place, notice -> {})) {
                return part.of(ranks);
            }
        });
    }

    /** The same before they have met. */
    public static <R> List<R> places(int size, Alone<R> part) throws Exception {
        int port = freePort();
        ExecutorService threads = Executors.newFixedThreadPool(size);
        try {
            List<Future<R>> parts = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                RankPlace place = new RankPlace(i, size, "127.0.0.1", port, false, 0, "a test");
                parts.add(threads.submit(() -> part.at(place)));
            }
            List<R> results = new ArrayList<>();
            for (Future<R> each : parts) {
                results.add(each.get());
            }
            return results;
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof Exception own ? own : failed;
        } finally {
            threads.shutdownNow();
        }
    }

    /** A port where nobody listens now. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
