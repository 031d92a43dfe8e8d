package maskfeat.spark;

import java.io.Serializable;

/**
 * A file that is to be looked at.
 *
 * @param path with its scheme, as Hadoop writes it
 * @param bytes its size
 * @param named whether a person named it, not only a folder above
 */
record RemoteFile(String path, long bytes, boolean named) implements Serializable {
    private static final long serialVersionUID = 1;

    /** The last part of the path. */
    String name() {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
