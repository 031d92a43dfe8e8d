package maskfeat.data;

import java.io.IOException;

/** More of the data cannot be read than the settings allow. */
public final class TooManyBadFiles extends IOException {
    public TooManyBadFiles(String message) {
        super(message);
    }
}
