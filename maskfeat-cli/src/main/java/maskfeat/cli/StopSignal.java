package maskfeat.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * SIGINT and SIGTERM: the first asks for a stop, the second ends the process at once. Closing it gives the signals back to
 * who listened before.
 *
 * <p>A shutdown hook would not do: by then the exit code is settled, and 75 is what tells a scheduler to go on later.
 */
final class StopSignal implements BooleanSupplier, AutoCloseable {
    /** What becomes of a training. */
    static final String SAVING = "finishing the step and saving";

    private final Map<Signal, SignalHandler> before = new LinkedHashMap<>();
    private volatile boolean requested;

    /**
     * @param consequence of the first signal, half a sentence
     * @param say takes a line for the person who pressed Ctrl-C
     */
    static StopSignal listen(String consequence, Consumer<String> say) {
        StopSignal stop = new StopSignal();
        for (String name : new String[] {"INT", "TERM"}) {
            Signal of = new Signal(name);
            stop.before.put(of, Signal.handle(of, signal -> {
                if (stop.requested) {
                    Runtime.getRuntime().halt(Exit.SIGNALLED + signal.getNumber());
                }
                stop.requested = true;
                say.accept("SIG" + signal.getName() + ": " + consequence + "; once more to stop at once");
            }));
        }
        return stop;
    }

    @Override
    public boolean getAsBoolean() {
        return requested;
    }

    @Override
    public void close() {
        before.forEach(Signal::handle);
    }
}
