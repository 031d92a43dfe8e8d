package maskfeat.boxes;

import java.io.IOException;
import java.nio.file.Path;

/**
 * AVA's ground truth, versions 2.1 and 2.2: {@code video,second,x1,y1,x2,y2,class[,person]}, a row a class, boxes in
 * fractions of the frame. Seconds may have decimals.
 */
final class AvaTruthFormat implements BoxFormat {
    @Override
    public String name() {
        return "ava";
    }

    @Override
    public boolean recognises(Path source) throws IOException {
        return AvaTable.last(source) == AvaTable.Last.PERSON;
    }

    @Override
    public void read(Path source, BoxReceiver to) throws IOException {
        AvaTable.read(source, AvaTable.Last.PERSON, to);
    }
}
