package maskfeat.train;

import java.io.IOException;

/** A checkpoint could not be written. Those written before are as they were; training may go on or stop. */
public final class SaveFailed extends IOException {
    SaveFailed(String message, IOException cause) {
        super(message, cause);
    }
}
