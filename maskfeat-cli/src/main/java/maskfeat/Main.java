package maskfeat;

import maskfeat.cli.Commands;

/** The command line's entry. Everything else is in {@link Commands}. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(Commands.execute(args));
    }
}
