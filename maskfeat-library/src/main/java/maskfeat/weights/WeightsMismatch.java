package maskfeat.weights;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The tensors of a file are not those that a model has. The message counts and names them. */
public final class WeightsMismatch extends IOException {
    private static final int NAMED = 3;

    public WeightsMismatch(Path file, List<String> missing, List<String> extra, List<String> misshaped) {
        super(file + ": missing " + some(missing) + ", extra " + some(extra) + ", misshaped " + some(misshaped));
    }

    private static String some(List<String> names) {
        if (names.isEmpty()) {
            return "0";
        }
        String first = String.join(", ", names.subList(0, Math.min(NAMED, names.size())));
        return names.size() + " (" + first + (names.size() > NAMED ? ", ..." : "") + ")";
    }
}
