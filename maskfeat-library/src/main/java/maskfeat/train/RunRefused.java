package maskfeat.train;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A run cannot use the folder it was given. The message names the folder, says why, and what would do. */
public final class RunRefused extends IOException {
    RunRefused(String message) {
        this(message, null);
    }

    RunRefused(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
