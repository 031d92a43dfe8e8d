package maskfeat.foreign;

import java.io.IOException;
import java.nio.file.Path;

/** A file is whole, but its tensors are not those of a network that can be built here. The message says why. */
public final class UnfitWeights extends IOException {
    private final String reason;

    /** {@code reason} goes on where the path ends: "has 'blocks.0.ls1.gamma', ...". */
    public UnfitWeights(Path file, String reason) {
        super(file + " " + reason);
        this.reason = reason;
    }

    /** Why, without the path. */
    public String reason() {
        return reason;
    }
}
