package maskfeat.spark;

import java.io.IOException;
import java.nio.file.Path;
import maskfeat.data.ClipSampler;
import maskfeat.data.FileScan;
import maskfeat.data.Item;
import maskfeat.data.Scan;

/** Decodes in this process. */
final class DecoderHere implements Decoder {
    private final HadoopFiles files;
    private final ClipReader clips;
    private final FileScan scan;

    /** @param clip that the network reads; scans do not ask for any */
    DecoderHere(HadoopFiles files, Decoding decoding, ClipSampler clip) {
        this.files = files;
        this.clips = decoding.clips(clip);
        this.scan = decoding.scan();
    }

    @Override
    public double clips(RemoteFile file, ClipReader.Taker taker) throws IOException {
        return clips.read(files.source(file), taker);
    }

    @Override
    public Scan.Finding look(RemoteFile file) {
        Scan.Finding finding = scan.look(new Item(Path.of(file.name()), Item.UNLABELLED), files.source(file));
        return file.named() ? finding : scan.unexpected(finding);
    }

    @Override
    public void close() {}
}
