package maskfeat.boxes;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import maskfeat.disk.DamagedFile;
import maskfeat.pickle.Pickled;
import org.jspecify.annotations.Nullable;

/**
 * The pickles of JHMDB, UCF101-24 and MultiSports: {@code gttubes} has for each video and class the tubes, arrays [K, 5] of
 * frame, x1, y1, x2, y2 in pixels; beside it {@code labels}, {@code nframes}, {@code resolution} (height, width), {@code
 * train_videos} and {@code test_videos} by split. Classes are numbered from 0 and frames from 1, as in the file; each tube is
 * a person.
 */
final class TubePickleFormat implements BoxFormat {
    private static final int COLUMNS = 5;

    @Override
    public String name() {
        return "gttubes";
    }

    @Override
    public OptionalInt firstFrame() {
        return OptionalInt.of(1);
    }

    @Override
    public boolean recognises(Path source) throws IOException {
        return PickledBoxes.begins(source) && PickledBoxes.namesTubes(source);
    }

    @Override
    public void read(Path source, BoxReceiver to) throws IOException {
        PickledBoxes pickle = new PickledBoxes(source);
        Map<Object, Object> root = pickle.root().items();
        List<Object> labels = pickle.list(root.get("labels"), "'labels'");
        for (int i = 0; i < labels.size(); i++) {
            to.label(i, pickle.name(labels.get(i), "label " + i));
        }
        videos(pickle, root, to);
        for (Map.Entry<Object, Object> entry :
                pickle.dict(root.get("gttubes"), "'gttubes'").items().entrySet()) {
            String video = pickle.name(entry.getKey(), "a video of 'gttubes'");
            int person = 0;
            for (Map.Entry<Object, Object> ofClass : pickle.dict(
                            entry.getValue(), "the tubes of " + PickledBoxes.quoted(video))
                    .items()
                    .entrySet()) {
                String what = "the tubes of " + PickledBoxes.quoted(video);
                int label = pickle.count(ofClass.getKey(), "a class of " + what);
                if (label >= labels.size()) {
                    throw pickle.damage("has class " + label + " in " + what + "; there are " + labels.size()
                            + " labels, counted from 0");
                }
                String name = pickle.name(labels.get(label), "label " + label);
                for (Object tube : pickle.list(ofClass.getValue(), what)) {
                    rows(pickle, pickle.grid(tube, what), video, label, name, "" + person++, source, to);
                }
            }
        }
    }

    private static void rows(
            PickledBoxes pickle,
            PickledBoxes.Grid tube,
            String video,
            int label,
            String name,
            String person,
            Path source,
            BoxReceiver to)
            throws IOException {
        if (tube.rows() > 0 && tube.columns() != COLUMNS) {
            throw pickle.damage(
                    "has " + tube.columns() + " columns in " + tube.what() + "; a tube has frame, x1, y1, x2, y2");
        }
        for (int row = 0; row < tube.rows(); row++) {
            int frame = pickle.count(tube.get(row, 0), "a frame in " + tube.what());
            to.row(new BoxRow(
                    video,
                    Moment.frame(frame),
                    tube.corners(row, 1),
                    tube.text(row, 1),
                    BoxUnit.PIXEL,
                    label,
                    name,
                    null,
                    person,
                    source,
                    0));
        }
    }

    private static void videos(PickledBoxes pickle, Map<Object, Object> root, BoxReceiver to) throws DamagedFile {
        Map<Object, Object> frames = root.containsKey("nframes")
                ? pickle.dict(root.get("nframes"), "'nframes'").items()
                : Map.of();
        Map<Object, Object> sizes = root.containsKey("resolution")
                ? pickle.dict(root.get("resolution"), "'resolution'").items()
                : Map.of();
        Map<Object, Set<String>> splits = new HashMap<>();
        split(pickle, root.get("train_videos"), "train", splits);
        split(pickle, root.get("test_videos"), "test", splits);
        Set<Object> names = new LinkedHashSet<>(frames.keySet());
        names.addAll(pickle.dict(root.get("gttubes"), "'gttubes'").items().keySet());
        for (Object key : names) {
            String video = pickle.name(key, "a video");
            int height = 0;
            int width = 0;
            if (sizes.containsKey(key)) {
                List<Object> size = pickle.list(sizes.get(key), "the resolution of " + PickledBoxes.quoted(video));
                if (size.size() != 2) {
                    throw pickle.damage("has " + size.size() + " numbers for the resolution of "
                            + PickledBoxes.quoted(video) + " instead of height and width");
                }
                height = pickle.count(size.get(0), "a height");
                width = pickle.count(size.get(1), "a width");
            }
            int count = frames.containsKey(key) ? pickle.count(frames.get(key), "a number of frames") : 0;
            to.video(new VideoFacts(video, count, width, height, splits.getOrDefault(key, Set.of())));
        }
    }

    private static void split(PickledBoxes pickle, @Nullable Object value, String name, Map<Object, Set<String>> splits)
            throws DamagedFile {
        if (value == null || value == Pickled.Constant.NONE) {
            return;
        }
        List<Object> all = pickle.list(value, "'" + name + "_videos'");
        for (int i = 0; i < all.size(); i++) {
            for (Object video : pickle.list(all.get(i), "split " + (i + 1) + " of '" + name + "_videos'")) {
                splits.computeIfAbsent(video, key -> new TreeSet<>()).add(name + "-" + (i + 1));
            }
        }
    }
}
