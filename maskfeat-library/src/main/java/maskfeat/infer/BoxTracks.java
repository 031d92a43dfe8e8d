package maskfeat.infer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import maskfeat.eval.Corners;

/**
 * Tells people apart from one moment to the next where nobody else did: a box is who overlaps it most of those seen a little
 * before, the best pair first.
 *
 * @param overlap intersection over union from which two boxes are of the same person
 * @param patience moments without a box after which somebody is gone
 */
record BoxTracks(double overlap, int patience) {
    /** Boxes of half a second or so; people hardly move by more than their size. */
    static final BoxTracks USUAL = new BoxTracks(0.3, 3);

    /** Somebody, as last seen. */
    private record Known(int person, Corners box, int moment) {}

    private record Pair(Known known, int box, double iou) {}

    /**
     * Numbers the people, from 1 by first appearance.
     *
     * @param moments boxes of each moment, in the order of time
     * @return for each moment, for each box, who it is
     */
    List<int[]> people(List<List<Corners>> moments) {
        List<Known> known = new ArrayList<>();
        List<int[]> people = new ArrayList<>();
        int next = 1;
        for (int t = 0; t < moments.size(); t++) {
            List<Corners> boxes = moments.get(t);
            int now = t;
            known.removeIf(each -> now - each.moment() > patience);
            int[] who = new int[boxes.size()];
            Set<Integer> again = new HashSet<>();
            for (Pair pair : pairs(known, boxes)) {
                if (who[pair.box()] == 0 && again.add(pair.known().person())) {
                    who[pair.box()] = pair.known().person();
                }
            }
            known.removeIf(each -> again.contains(each.person()));
            for (int b = 0; b < who.length; b++) {
                who[b] = who[b] == 0 ? next++ : who[b];
                known.add(new Known(who[b], boxes.get(b), t));
            }
            people.add(who);
        }
        return people;
    }

    private List<Pair> pairs(List<Known> known, List<Corners> boxes) {
        List<Pair> pairs = new ArrayList<>();
        for (Known each : known) {
            for (int b = 0; b < boxes.size(); b++) {
                double iou = each.box().iou(boxes.get(b), 0);
                if (iou >= overlap) {
                    pairs.add(new Pair(each, b, iou));
                }
            }
        }
        pairs.sort(Comparator.comparingDouble(Pair::iou).reversed());
        return pairs;
    }
}
