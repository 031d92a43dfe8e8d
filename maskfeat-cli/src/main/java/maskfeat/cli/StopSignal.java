package maskfeat.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Signals that ask for a stop. SIGINT and SIGTERM: the second ends the process at once. SIGUSR1, which Slurm sends before a job's
 * time is over, and SIGHUP, of a terminal that was closed, may come again. Closing it gives the signals back to who listened
 * before.
 *
 * <p>A shutdown hook would not do: by then the exit code is settled, and 75 is what tells a scheduler to go on later.
 */
final class StopSignal implements BooleanSupplier, AutoCloseable {
    /** What becomes of a training. */
    static final String SAVING = "saving the last whole step";

    private final Map<Signal, SignalHandler> before = new LinkedHashMap<>();
    private volatile boolean requested;

    /**
     * @param consequence of the first signal, half a sentence
     * @param say takes a line for the person who pressed Ctrl-C
     */
    static StopSignal listen(String consequence, Consumer<String> say) {
        StopSignal stop = new StopSignal();
        for (String name : new String[] {"INT", "TERM"}) {
            stop.handle(name, signal -> {
                if (stop.requested) {
                    Runtime.getRuntime().halt(Exit.SIGNALLED + signal.getNumber());
                }
                stop.requested = true;
                say.accept("SIG" + signal.getName() + ": " + consequence + "; once more to stop at once");
            });
        }
        for (String name : new String[] {"USR1", "HUP"}) {
            stop.handle(name, signal -> {
                if (!stop.requested) {
                    stop.requested = true;
                    say.accept("SIG" + signal.getName() + ": " + consequence);
                }
            });
        }
        return stop;
    }

    private void handle(String name, SignalHandler handler) {
        try {
            Signal of = new Signal(name);
            SignalHandler previous = Signal.handle(of, handler);
            if (previous == SignalHandler.SIG_IGN) {
                Signal.handle(of, previous); // nohup: who started us wants it ignored
            } else {
                before.put(of, previous);
            }
        } catch (IllegalArgumentException notHere) {
            return; // this system has no such signal, or the virtual machine keeps it to itself
        }
    }

    @Override
    public boolean getAsBoolean() {
        return requested;
    }

    /** Not back to what ends the process, of SIGUSR1: 'launch' may ask for a stop just as a rank has finished. */
    @Override
    public void close() {
        before.forEach((signal, handler) -> Signal.handle(
                signal, signal.getName().equals("USR1") && handler == SignalHandler.SIG_DFL ? ignored -> {} : handler));
    }
}
