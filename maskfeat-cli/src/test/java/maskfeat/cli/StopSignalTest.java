package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sun.misc.Signal;
import sun.misc.SignalHandler;

@Timeout(60)
class StopSignalTest {
    private static final Signal INT = new Signal("INT");

    private final List<String> said = new CopyOnWriteArrayList<>();
    private SignalHandler before = SignalHandler.SIG_DFL;

    /** So that a signal that nobody takes ends the test, not the process. */
    @BeforeEach
    void listen() {
        before = Signal.handle(INT, signal -> said.add("nobody listens"));
    }

    @AfterEach
    void giveBack() {
        Signal.handle(INT, before);
    }

    /** Signals are handed over on a thread of their own. */
    private static void await(BooleanSupplier done) {
        while (!done.getAsBoolean()) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    @Test
    void theFirstSignalAsksForAStopAndSaysWhatBecomesOfIt() {
        try (StopSignal stop = StopSignal.listen("saving", said::add)) {
            assertThat(stop.getAsBoolean()).isFalse();
            Signal.raise(INT);
            await(() -> !said.isEmpty());
            assertThat(stop.getAsBoolean()).isTrue();
            assertThat(said).containsExactly("SIGINT: saving; once more to stop at once");
        }
    }

    @Test
    void closedItGivesTheSignalsBack() {
        try (StopSignal outer = StopSignal.listen("outer", said::add)) {
            try (StopSignal inner = StopSignal.listen("inner", said::add)) {
                assertThat(inner.getAsBoolean()).isFalse();
            }
            Signal.raise(INT);
            await(() -> !said.isEmpty());
            assertThat(outer.getAsBoolean()).isTrue();
        }
        Signal.raise(INT);
        await(() -> said.size() > 1);
        assertThat(said).containsExactly("SIGINT: outer; once more to stop at once", "nobody listens");
    }

    /** What 'launch' sends may come when a rank has finished; it would end this process if nobody took it. */
    @Test
    void aRequestThatComesTooLateEndsNothing() throws Exception {
        Signal late = new Signal("USR1");
        StopSignal.listen("saving", said::add).close();
        Signal.raise(late);
        Signal.raise(INT);
        await(() -> !said.isEmpty());
        assertThat(said).containsExactly("nobody listens");
        try (StopSignal next = StopSignal.listen("saving", said::add)) {
            Signal.raise(late);
            await(next);
        }
    }

    /** Slurm's warning and a closed terminal may come several times. */
    @org.junit.jupiter.params.ParameterizedTest
    @org.junit.jupiter.params.provider.ValueSource(strings = {"USR1", "HUP"})
    void theWarningOfASchedulerAndOfATerminalAskForAStopAndNeverEndTheProcess(String name) throws InterruptedException {
        Signal signal = new Signal(name);
        SignalHandler first = Signal.handle(signal, late -> {}); // of what is delivered after the end
        try (StopSignal stop = StopSignal.listen("saving", said::add)) {
            if (first == SignalHandler.SIG_IGN) {
                return; // who started us has it ignored, as nohup does
            }
            Signal.raise(signal);
            await(() -> !said.isEmpty());
            Signal.raise(signal);
            assertThat(stop.getAsBoolean()).isTrue();
            assertThat(said).containsExactly("SIG" + name + ": saving");
            Thread.sleep(300); // the second is delivered by another thread, and must not come to the next test
        }
    }
}
