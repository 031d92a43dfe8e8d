package maskfeat.boxes;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Boxes of a detector as PySlowFast reads them, its {@code ..._boxes_and_labels...csv} and AVA's result files: {@code
 * video,second,x1,y1,x2,y2,class,score}, the class often empty.
 */
final class AvaDetectionFormat implements BoxFormat {
    @Override
    public String name() {
        return "ava-detections";
    }

    @Override
    public boolean recognises(Path source) throws IOException {
        return AvaTable.last(source) == AvaTable.Last.SCORE;
    }

    @Override
    public void read(Path source, BoxReceiver to) throws IOException {
        AvaTable.read(source, AvaTable.Last.SCORE, to);
    }
}
