package maskfeat.train;

import java.util.Map;
import maskfeat.disk.Content;

/** Who saves what several ranks have learned when rank 0, which did so, is gone. */
@FunctionalInterface
public interface Heir {
    /**
     * Saves, on a rank that is left; every other one that is left is asked the same. Says what became of it, and throws nothing.
     *
     * @param step optimizer steps done
     * @param files of the checkpoint, by name
     */
    void save(long step, Map<String, Content> files);
}
