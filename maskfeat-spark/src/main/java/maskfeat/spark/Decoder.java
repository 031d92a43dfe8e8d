package maskfeat.spark;

import java.io.IOException;
import maskfeat.data.Scan;

/** Decodes files for one task. */
interface Decoder extends AutoCloseable {
    /** As {@link ClipReader#read}. */
    double clips(RemoteFile file, ClipReader.Taker taker) throws IOException;

    /** As {@link maskfeat.data.FileScan#look}. @throws IOException if the decoder itself is gone, naming the file */
    Scan.Finding look(RemoteFile file) throws IOException;

    @Override
    void close();
}
