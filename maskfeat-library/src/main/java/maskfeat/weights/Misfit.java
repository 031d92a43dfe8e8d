package maskfeat.weights;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A tensor in which a file and a network differ.
 *
 * @param found its shape in the file; null if the file lacks it
 * @param wanted its shape in the network; null if the network has no place for it
 */
public record Misfit(
        String name, @Nullable List<Long> found, @Nullable List<Long> wanted) {
    /**
     * All of them: first what the network has, in its order, then what is left over in the file.
     *
     * @param file the tensors of the file by name
     * @param network shapes of the network's parameters by name
     * @param mayBeLeft whether a tensor that the network has no place for is no mistake
     */
    public static List<Misfit> between(
            Map<String, TensorEntry> file, Map<String, List<Long>> network, Predicate<String> mayBeLeft) {
        List<Misfit> misfits = new ArrayList<>();
        network.forEach((name, wanted) -> {
            TensorEntry entry = file.get(name);
            if (entry == null || !entry.shape().equals(wanted)) {
                misfits.add(new Misfit(name, entry == null ? null : entry.shape(), wanted));
            }
        });
        file.forEach((name, entry) -> {
            if (!network.containsKey(name) && !mayBeLeft.test(name)) {
                misfits.add(new Misfit(name, entry.shape(), null));
            }
        });
        return misfits;
    }
}
