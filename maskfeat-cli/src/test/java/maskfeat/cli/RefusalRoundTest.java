package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import maskfeat.OwnThread;
import maskfeat.cli.RefusalRound.Answer;
import maskfeat.torch.RankPlace;
import maskfeat.torch.RanksHere;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RefusalRoundTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int SIZE = 5;

    private int port;

    @BeforeEach
    void aPort() throws IOException {
        port = RanksHere.freePort();
    }

    private RankPlace place(int rank) {
        return new RankPlace(rank, SIZE, "127.0.0.1", port, false, 0, "a test");
    }

    private boolean isSaid(int rank, String host, String text) {
        return RefusalRound.ask(place(rank), host, text, PATIENCE) == Answer.SAID;
    }

    @Test
    void whatRank0RefusesTooNeedNotBeSaidAndWhatAMachineRefusesOtherwiseOnce() {
        CompletableFuture<Void> first = OwnThread.run(() -> RefusalRound.answer(place(0), "no such setting", PATIENCE));

        assertThat(isSaid(1, "one", "no such setting")).isTrue();
        assertThat(isSaid(2, "two", "no such folder")).isFalse();
        assertThat(isSaid(3, "two", "no such folder")).isTrue();
        assertThat(isSaid(4, "three", "no such folder")).isFalse();
        first.join(); // all have asked
    }

    @Test
    void oneThatComesToMeetIsNotTakenForOneThatAsks() throws Exception {
        CompletableFuture<Void> first = OwnThread.run(() -> RefusalRound.answer(place(0), "no such setting", PATIENCE));
        assertThat(isSaid(1, "one", "no such setting")).isTrue();
        try (Socket meets = new Socket(InetAddress.getLoopbackAddress(), port)) {
            meets.getOutputStream().write(new byte[] {0, 1, 2, 3});
            assertThat(meets.getInputStream().read()).isEqualTo(-1);
        }
        for (int rank = 2; rank < SIZE; rank++) {
            assertThat(first).isNotDone();
            assertThat(isSaid(rank, "one", "no such setting")).isTrue();
        }
        first.join();
    }

    /** Its store waits for the first word, as this one does. */
    @Test
    void whereRank0RefusesNothingAnotherSaysItsOwnAndSendsNothing() throws Exception {
        try (ServerSocket store = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Answer> said =
                    OwnThread.of(() -> RefusalRound.ask(place(1), "one", "no such folder", PATIENCE));
            try (Socket asks = store.accept();
                    InputStream in = asks.getInputStream()) {
                assertThat(in.read()).isEqualTo(-1);
            }
            assertThat(said.join()).isEqualTo(Answer.STORE);
        }
    }

    @Test
    void whereRank0IsNotThereAnotherSaysItsOwn() {
        assertThat(RefusalRound.ask(place(1), "one", "no such folder", Duration.ofMillis(300)))
                .isEqualTo(Answer.NOBODY);
    }
}
