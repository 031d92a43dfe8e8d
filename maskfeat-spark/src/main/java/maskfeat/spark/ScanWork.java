package maskfeat.spark;

import java.io.IOException;
import java.util.Iterator;
import java.util.function.Supplier;
import maskfeat.data.StillImage;
import org.apache.spark.TaskKilledException;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** Says of each file whether it can be used. */
record ScanWork(Decoding decoding, StructType schema) implements Work.Maker {
    private static final long serialVersionUID = 1;

    @Override
    public Iterator<Row> rows(Iterator<RemoteFile> files, Work.DecoderMaker decoders, Supplier<Boolean> stopped) {
        Decoder decoder = decoders.of(StillImage.defaults());
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return files.hasNext();
            }

            @Override
            public Row next() {
                if (stopped.get()) {
                    throw new TaskKilledException("while files were scanned");
                }
                RemoteFile file = files.next();
                try {
                    return Rows.of(file, decoder.look(file));
                } catch (IOException gone) {
                    return Rows.bad(file, Verdicts.of(gone), gone.getMessage(), null, schema.length());
                }
            }
        };
    }
}
