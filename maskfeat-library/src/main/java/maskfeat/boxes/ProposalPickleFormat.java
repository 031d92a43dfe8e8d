package maskfeat.boxes;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Proposals of mmaction2, a pickle: {@code "video,0902"} to an array [N, 5] of x1, y1, x2, y2 in fractions of the frame and
 * the score; [N, 4] has the score 1.
 */
final class ProposalPickleFormat implements BoxFormat {
    private static final int BOX = 4;

    @Override
    public String name() {
        return "mmaction-proposals";
    }

    @Override
    public boolean recognises(Path source) throws IOException {
        return PickledBoxes.begins(source) && !PickledBoxes.namesTubes(source);
    }

    @Override
    public void read(Path source, BoxReceiver to) throws IOException {
        PickledBoxes pickle = new PickledBoxes(source);
        Map<String, String> videos = new HashMap<>();
        for (Map.Entry<Object, Object> entry : pickle.root().items().entrySet()) {
            String key = pickle.name(entry.getKey(), "a key of the proposals");
            int comma = key.lastIndexOf(',');
            Moment moment = comma <= 0 ? null : Moment.parse(Moment.Unit.SECOND, key.substring(comma + 1));
            if (moment == null) {
                throw pickle.damage("has the key " + PickledBoxes.quoted(key)
                        + "; proposals are under 'video,second', such as 'abc,0902'");
            }
            String video = videos.computeIfAbsent(key.substring(0, comma), name -> name);
            PickledBoxes.Grid grid = pickle.grid(entry.getValue(), "the proposals of " + PickledBoxes.quoted(key));
            if (grid.rows() > 0 && grid.columns() != BOX && grid.columns() != BOX + 1) {
                throw pickle.damage("has " + grid.columns() + " columns in " + grid.what()
                        + "; proposals have x1, y1, x2, y2 and as a rule a score");
            }
            for (int row = 0; row < grid.rows(); row++) {
                to.row(new BoxRow(
                        video,
                        moment,
                        grid.corners(row, 0),
                        grid.text(row, 0),
                        BoxUnit.FRACTION,
                        null,
                        null,
                        grid.columns() > BOX ? grid.get(row, BOX) : 1,
                        null,
                        source,
                        0));
            }
        }
    }
}
