package maskfeat.cli;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/** Options that a command has and that do nothing for what it was given. */
final class IdleOptions {
    private IdleOptions() {}

    /**
     * Refuses options that were given although they do nothing.
     *
     * @param why half a sentence, such as {@code "a key frame has one view"}
     * @throws IllegalArgumentException naming the first of them
     */
    static void refuse(CommandSpec spec, String why, List<String> names) {
        // What was typed: an option that consumes its words itself is not among those that picocli says matched.
        List<String> words = spec.commandLine().getParseResult().originalArgs();
        for (String name : names) {
            if (words.stream().anyMatch(word -> word.equals(name) || word.startsWith(name + "="))) {
                throw new IllegalArgumentException(name + " would do nothing: " + why + "; leave it away");
            }
        }
    }
}
