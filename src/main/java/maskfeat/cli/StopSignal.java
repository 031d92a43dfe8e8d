package maskfeat.cli;

import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import sun.misc.Signal;

/**
 * SIGINT and SIGTERM: the first asks for a stop after the step, the second ends the process at once.
 *
 * <p>A shutdown hook would not do: by then the exit code is settled, and 75 is what tells a scheduler to go on later.
 */
final class StopSignal implements BooleanSupplier {
    private volatile boolean requested;

    /** @param say takes a line for the person who pressed Ctrl-C */
    static StopSignal listen(Consumer<String> say) {
        StopSignal stop = new StopSignal();
        for (String name : new String[] {"INT", "TERM"}) {
            Signal.handle(new Signal(name), signal -> {
                if (stop.requested) {
                    Runtime.getRuntime().halt(Exit.SIGNALLED + signal.getNumber());
                }
                stop.requested = true;
                say.accept("SIG" + signal.getName() + ": finishing the step and saving; once more to stop at once");
            });
        }
        return stop;
    }

    @Override
    public boolean getAsBoolean() {
        return requested;
    }
}
