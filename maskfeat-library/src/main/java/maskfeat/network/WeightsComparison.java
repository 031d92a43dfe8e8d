package maskfeat.network;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import maskfeat.disk.Shown;
import maskfeat.foreign.Layout;
import maskfeat.foreign.Renamed;
import maskfeat.foreign.UnfitWeights;
import maskfeat.weights.Difference;
import maskfeat.weights.TensorReader;
import maskfeat.weights.TorchCheckpoint;

/**
 * How two files of weights differ, name by name; under our names where they have those of different programs.
 *
 * @param difference between the tensors that can be compared
 * @param notCompared what of the files cannot be compared, a sentence each
 */
public record WeightsComparison(Difference difference, List<String> notCompared) {
    public WeightsComparison {
        notCompared = List.copyOf(notCompared);
    }

    /** Whether nothing differs, and all was compared. */
    public boolean equal() {
        return difference.none() && notCompared.isEmpty();
    }

    /**
     * Compares two open files.
     *
     * @param tolerance numbers no farther apart count as equal
     */
    public static WeightsComparison of(TensorReader a, TensorReader b, double tolerance) throws IOException {
        // Renaming also removes a prefix that all names share, such as 'module.'.
        boolean rename = !layout(a).equals(layout(b))
                || !layout(a).isEmpty()
                        && Collections.disjoint(
                                a.entries().keySet(), b.entries().keySet());
        List<String> beyond = new ArrayList<>();
        TensorReader one = rename ? renamed(a, beyond) : a;
        TensorReader two = rename ? renamed(b, beyond) : b;
        unreadable(a, beyond);
        unreadable(b, beyond);
        return new WeightsComparison(Difference.of(one, two).within(tolerance), beyond);
    }

    /** The tensors under our names. What our network would compute differently is added to the list. */
    private static TensorReader renamed(TensorReader reader, List<String> beyond) throws IOException {
        Renamed renamed = Layout.read(reader);
        renamed.refusal().ifPresent(why -> beyond.add(reader.file() + " " + Shown.text(why)));
        return renamed;
    }

    private static void unreadable(TensorReader reader, List<String> beyond) {
        if (reader instanceof TorchCheckpoint torch) {
            torch.unreadable()
                    .forEach((name, why) ->
                            beyond.add("'" + Shown.text(name) + "' of " + reader.file() + ", which " + why));
        }
    }

    /** Title of the layout; empty if it is not known. */
    private static String layout(TensorReader reader) {
        try {
            return Layout.recognise(reader.file(), reader.entries().values()).title();
        } catch (UnfitWeights unknown) {
            return "";
        }
    }
}
