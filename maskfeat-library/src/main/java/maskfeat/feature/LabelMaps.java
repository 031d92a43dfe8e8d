package maskfeat.feature;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Maps of classes that another program made of each picture, a file a picture, as Token Labeling (Jiang et al. 2021)
 * publishes them.
 *
 * @param folder of the maps: that of {@code class/picture.jpg} is {@code class/picture.pt}; null for none
 * @param classes how many there are; the numbers of classes in the maps are below it
 * @param axes which way a crop is taken from a map
 */
public record LabelMaps(@Nullable Path folder, int classes, Axes axes) {
    /** Which way a crop is taken from a map. */
    public enum Axes {
        /** Where it is in the picture. */
        PICTURE,
        /** At the place mirrored on the diagonal, as Token Labeling's own program does: for comparing with it. */
        SWAPPED
    }

    /** Those of ImageNet-1K. */
    private static final int USUAL_CLASSES = 1000;

    /** No maps: a classifier says the classes. */
    public static final LabelMaps NONE = new LabelMaps(null, USUAL_CLASSES, Axes.PICTURE);

    public LabelMaps {
        if (classes < 1) {
            throw new IllegalArgumentException("maps.classes " + classes + " must be at least 1");
        }
    }
}
