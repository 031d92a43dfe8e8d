package maskfeat;

import maskfeat.cli.Commands;
import maskfeat.cli.Heartbeat;
import maskfeat.cli.StandardOutput;

/** The command line's entry. Everything else is in {@link Commands}. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        StandardOutput out = StandardOutput.watch();
        Heartbeat.watch();
        System.exit(out.concluded(Commands.execute(args)));
    }
}
