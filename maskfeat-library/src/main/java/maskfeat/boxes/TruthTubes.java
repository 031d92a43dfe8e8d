package maskfeat.boxes;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import maskfeat.eval.Corners;
import maskfeat.eval.Tube;

/**
 * Gathers rows in pixels that name a person and a frame into tubes of the truth: one for each video, class and person, or more where
 * the person is away for some frames. Other rows are left out.
 */
public final class TruthTubes implements BoxReceiver {
    private record Key(String video, Object label, String person) {}

    private final Map<Key, TreeMap<Integer, Corners>> tubes = new LinkedHashMap<>();

    /** Begins without rows. */
    public TruthTubes() {}

    @Override
    public void row(BoxRow row) {
        Object label = row.classId() != null ? row.classId() : row.className();
        if (label == null
                || row.person() == null
                || row.moment().unit() != Moment.Unit.FRAME
                || row.unit() != BoxUnit.PIXEL) {
            return;
        }
        tubes.computeIfAbsent(new Key(row.video(), label, row.person()), key -> new TreeMap<>())
                .put(row.moment().value().intValue(), row.corners());
    }

    /**
     * The tubes of each class, for {@link maskfeat.eval.VideoAp}.
     *
     * @param labels the classes that count, in their order; rows of others are left out
     */
    public List<List<Tube>> of(LabelMap labels) {
        List<List<Tube>> byClass = new ArrayList<>();
        Map<Object, Integer> numbers = new HashMap<>();
        labels.names().forEach((id, name) -> {
            numbers.put(id, byClass.size());
            numbers.put(name, byClass.size());
            byClass.add(new ArrayList<>());
        });
        tubes.forEach((key, boxes) -> {
            Integer number = numbers.get(key.label());
            if (number != null) {
                split(key.video(), boxes, byClass.get(number));
            }
        });
        return byClass;
    }

    private static void split(String video, TreeMap<Integer, Corners> boxes, List<Tube> to) {
        List<Integer> frames = new ArrayList<>();
        List<Corners> corners = new ArrayList<>();
        for (Map.Entry<Integer, Corners> box : boxes.entrySet()) {
            if (!frames.isEmpty() && box.getKey() != frames.get(frames.size() - 1) + 1) {
                to.add(new Tube(video, frames, corners, Double.NaN));
                frames = new ArrayList<>();
                corners = new ArrayList<>();
            }
            frames.add(box.getKey());
            corners.add(box.getValue());
        }
        to.add(new Tube(video, frames, corners, Double.NaN));
    }
}
