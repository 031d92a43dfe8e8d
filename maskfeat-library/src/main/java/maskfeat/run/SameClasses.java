package maskfeat.run;

import java.util.List;
import maskfeat.data.ClassNames;
import maskfeat.disk.Plural;

/** Whether data that was moved still numbers its classes as it did when a run was begun. */
final class SameClasses {
    private SameClasses() {}

    /**
     * @param were names by number when {@code checkpoint} was written
     * @throws IllegalArgumentException if they are others now, naming the first
     */
    static void check(List<String> were, List<String> now, String checkpoint) {
        if (ClassNames.same(were, now)) {
            return;
        }
        int first = 0;
        while (first < Math.min(were.size(), now.size()) && were.get(first).equals(now.get(first))) {
            first++;
        }
        throw new IllegalArgumentException(
                "the data has " + Plural.of(now.size(), "class", "classes") + ", of which number " + first + " is "
                        + (first < now.size() ? "'" + now.get(first) + "'" : "missing") + "; when " + checkpoint
                        + " was written there were " + were.size() + ", and it was "
                        + (first < were.size() ? "'" + were.get(first) + "'" : "missing")
                        + "; a resumed run needs the data that it was begun on, or begin a new one in another folder");
    }
}
