package maskfeat.boxes;

import java.util.List;
import maskfeat.eval.Corners;
import org.jspecify.annotations.Nullable;

/**
 * A box of a key frame.
 *
 * @param corners the box
 * @param unit of its numbers
 * @param labels ids of its classes in the order of the rows; {@link #NO_LABEL} for a row without class
 * @param score of the first row, if that is a detection; NaN in the truth
 * @param person who, if a row says so
 */
public record LabelledBox(
        Corners corners,
        BoxUnit unit,
        List<Integer> labels,
        double score,
        @Nullable String person) {
    /** In the place of a class where a row has none: in training such a box is a negative for all classes. */
    public static final int NO_LABEL = -1;

    public LabelledBox {
        labels = List.copyOf(labels);
    }

    /** Its classes, each once. */
    public List<Integer> classes() {
        return labels.stream().filter(label -> label != NO_LABEL).distinct().toList();
    }

    /** The box in fractions of a frame of that size. */
    public Corners fractions(int width, int height) {
        return unit == BoxUnit.FRACTION ? corners : corners.scaled(1.0 / width, 1.0 / height);
    }
}
