package maskfeat.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import maskfeat.OwnThread;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Ranks that wait for one that does not come. */
class MeetingPlaceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private int port;

    @BeforeEach
    void aPort() throws IOException {
        port = RanksHere.freePort();
    }

    private RankPlace place(int rank) {
        return new RankPlace(rank, 3, "127.0.0.1", port, false, 0, "a test");
    }

    private void reach(Duration patience) {
        MeetingPlace.reach(place(2), patience, notice -> {});
    }

    @Test
    void thoseThatWaitHearWhichRankRefusesAndWhy() {
        List<CompletableFuture<RankLost>> waiting = Stream.of(0, 2)
                .map(rank -> OwnThread.of(() -> catchThrowableOfType(
                        RankLost.class,
                        () -> Ranks.join(place(rank), notice -> {}).close())))
                .toList();
        reach(PATIENCE);
        Ranks.refuse(place(1), "/films: there is no such folder");
        for (CompletableFuture<RankLost> each : waiting) {
            assertThat(each.join()).hasMessage("rank 1 refuses the run: /films: there is no such folder");
            assertThat(each.join().rank()).isEqualTo(1);
            assertThat(each.join().failed()).isTrue();
        }
    }

    @Test
    void aRank0ThatRefusesTheRunIsNotTakenForAStore() throws Exception {
        try (ServerSocket server = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<RankLost> comes =
                    OwnThread.of(() -> catchThrowableOfType(RankLost.class, () -> reach(PATIENCE)));
            try (Socket one = server.accept()) {
                DataOutputStream out = new DataOutputStream(one.getOutputStream());
                DataInputStream in = new DataInputStream(one.getInputStream());
                out.writeUTF(MeetingPlace.GREETING);
                assertThat(in.readUTF()).isEqualTo(RankPlace.thisHost());
                assertThat(in.readUTF()).isEmpty();
                out.writeBoolean(true);
            }
            assertThat(comes.join().rank()).isZero();
        }
    }

    @Test
    void whereNobodyListensItIsSaidWhere() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reach(Duration.ofMillis(300)))
                .withMessageContainingAll("rank 2 found nobody at 127.0.0.1:" + port, "start rank 0");
    }
}
