package maskfeat.data;

import java.io.IOException;

/** A data set that cannot be used as it is; the message names the file or folder and what would do. */
public sealed class DatasetException extends IOException permits OtherMedia {
    public DatasetException(String message) {
        super(message);
    }
}
