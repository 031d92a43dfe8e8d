package maskfeat.foreign;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import maskfeat.model.Classifier;
import maskfeat.weights.TensorEntry;
import maskfeat.weights.TensorReader;
import org.jspecify.annotations.Nullable;

/**
 * How a program names and packs the tensors of vision transformers. Ours are PySlowFast's, those of the official MaskFeat.
 */
public enum Layout {
    /** OpenMMLab: mmpretrain and mmselfsup for images, mmaction2 for video. */
    OPENMMLAB("OpenMMLab", new OpenMmlabNames()),
    /** VideoMAE of Hugging Face's transformers: told apart, not built. */
    HF_VIDEOMAE("transformers VideoMAE", TransformersNames.ofVideo()),
    /** ViT of Hugging Face's transformers. */
    HF_VIT("transformers ViT", TransformersNames.ofImages()),
    /** timm's {@code vit_*}. */
    TIMM("timm", new TimmNames()),
    /** PySlowFast: the official names, and ours. */
    SLOWFAST("PySlowFast", new SlowFastNames());

    private static final int NAMED = 3;

    private final String title;
    private final Dialect dialect;

    Layout(String title, Dialect dialect) {
        this.title = title;
        this.dialect = dialect;
    }

    /** What people call it. */
    public String title() {
        return title;
    }

    Dialect dialect() {
        return dialect;
    }

    /** Tensors by the names of a layout. */
    record Recognised(Layout layout, Names names) {}

    /**
     * Tells by names and numbers of dimensions whose tensors these are, whatever prefix all of them share.
     *
     * @param file for the message
     * @throws UnfitWeights if they are of none that is known, with the first names and the layouts known
     */
    public static Layout recognise(Path file, Collection<TensorEntry> tensors) throws UnfitWeights {
        return find(file, tensors).layout;
    }

    static Recognised find(Path file, Collection<TensorEntry> tensors) throws UnfitWeights {
        for (Names names : Names.of(tensors)) {
            for (Layout layout : values()) {
                if (layout.dialect.recognises(names)) {
                    return new Recognised(layout, names);
                }
            }
        }
        List<String> first =
                tensors.stream().map(TensorEntry::name).sorted().limit(NAMED).toList();
        throw new UnfitWeights(
                file,
                tensors.isEmpty()
                        ? "has no tensors"
                        : "has " + tensors.size() + " tensors (" + String.join(", ", first)
                                + (tensors.size() > NAMED ? ", ..." : "") + ") that are named like none of "
                                + Arrays.stream(values()).map(Layout::title).collect(Collectors.joining(", ")));
    }

    /**
     * An open file under our names and shapes, whatever layout it has.
     *
     * @param foreign closed with what is returned
     * @throws UnfitWeights if its layout is not known
     */
    public static Renamed read(TensorReader foreign) throws IOException {
        return Renamed.of(foreign);
    }

    /**
     * Tensors under our names as a program of this layout wants them.
     *
     * @param ours stays open until the tensors were written
     * @param pooling how our classifier makes a feature of the tokens; null where there is no classifier
     */
    public Export write(TensorReader ours, Classifier.@Nullable Pooling pooling) throws IOException {
        return Export.of(ours, this, pooling);
    }
}
