package maskfeat.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import maskfeat.recipe.KnownWeights;

/** What a user must know of weights that are not ours. */
final class ForeignWeights {
    private ForeignWeights() {}

    /** Says whose they are and what was assumed; nothing of our own. */
    static void announce(Path file, PrintWriter err) throws IOException {
        try (KnownWeights known = KnownWeights.open(file)) {
            known.notes().forEach(err::println);
            err.flush();
        }
    }
}
