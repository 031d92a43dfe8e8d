package maskfeat.foreign;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Collectors;
import maskfeat.disk.Plural;
import maskfeat.model.Classifier;
import maskfeat.weights.TensorEntry;
import maskfeat.weights.TensorReader;
import org.jspecify.annotations.Nullable;

/**
 * How a program names and packs the tensors of vision transformers. Ours are PySlowFast's, those of the official MaskFeat.
 */
public enum Layout {
    /** VideoMAE of mmaction2. */
    MMACTION_VIDEOMAE("mmaction2 VideoMAE", VideoMaeNames.ofMmaction()),
    /** OpenMMLab: mmpretrain and mmselfsup for images, mmaction2 for video. */
    OPENMMLAB("OpenMMLab", new OpenMmlabNames()),
    /** torchvision: {@code vit_*} for images, {@code mvit_v2_s} for video. */
    TORCHVISION("torchvision", new TorchvisionNames()),
    /** DINOv2 of Hugging Face's transformers: read, not written. */
    HF_DINOV2("transformers DINOv2", NewTransformersNames.ofDino()),
    /** ViT of Hugging Face's transformers as version 5 has it in memory: read, not written. */
    HF_VIT_IN_MEMORY("transformers ViT in memory", NewTransformersNames.ofVit()),
    /** VideoMAE of Hugging Face's transformers. */
    HF_VIDEOMAE("transformers VideoMAE", VideoMaeNames.ofTransformers()),
    /** ViT of Hugging Face's transformers. */
    HF_VIT("transformers ViT", new TransformersNames()),
    /** VideoMAE's own program, and that of V2. */
    VIDEOMAE("VideoMAE", VideoMaeNames.official()),
    /** MoCo v3's own program. */
    MOCO_V3("MoCo v3", new MocoNames()),
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

    /** Whether it is one of VideoMAE's networks. */
    public boolean isVideoMae() {
        return dialect instanceof VideoMaeNames;
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
        return find(file, tensors, Optional.empty()).layout;
    }

    /** @param network which of several networks, by its name */
    static Recognised find(Path file, Collection<TensorEntry> tensors, Optional<String> network) throws UnfitWeights {
        SortedMap<String, String> networks = Networks.in(tensors);
        Optional<String> chosen = network.or(() -> usualOfMoco(tensors, networks));
        String prefix = Networks.choose(file, networks, chosen).orElse("");
        List<String> others = networks.values().stream()
                .filter(other -> !other.equals(prefix))
                .toList();
        for (Names names : Names.of(tensors, prefix, others)) {
            for (Layout layout : values()) {
                if (layout.dialect.recognises(names)) {
                    return new Recognised(layout, names);
                }
            }
        }
        if (FrozenWeights.areSome(tensors)) {
            throw new UnfitWeights(
                    file,
                    "is of a ResNet or of DALL-E's encoder, which are not trained here: they can be teachers, whose"
                            + " features or tokens pre-training predicts");
        }
        List<String> first =
                tensors.stream().map(TensorEntry::name).sorted().limit(NAMED).toList();
        throw new UnfitWeights(
                file,
                tensors.isEmpty()
                        ? "has no tensors"
                        : "has " + Plural.of(tensors.size(), "tensor") + " (" + String.join(", ", first)
                                + (tensors.size() > NAMED ? ", ..." : "") + ") that are named like none of "
                                + Arrays.stream(values()).map(Layout::title).collect(Collectors.joining(", ")));
    }

    /** The trained encoder of a file of MoCo v3, which has its average beside it; empty for any other file. */
    private static Optional<String> usualOfMoco(Collection<TensorEntry> tensors, SortedMap<String, String> networks) {
        Optional<String> usual = Optional.ofNullable(MocoNames.usual(networks));
        return usual.filter(name -> Names.of(tensors, networks.getOrDefault(name, ""), List.of()).stream()
                .anyMatch(MOCO_V3.dialect::recognises));
    }

    /**
     * An open file under our names and shapes, whatever layout it has.
     *
     * @param foreign closed with what is returned
     * @throws UnfitWeights if its layout is not known
     */
    public static Renamed read(TensorReader foreign) throws IOException {
        return read(foreign, Told.NOTHING);
    }

    /**
     * As {@link #read(TensorReader)}, of a file with several networks the one that is told.
     *
     * @throws UnfitWeights if the layout is not known, or there is no such network
     */
    public static Renamed read(TensorReader foreign, Told told) throws IOException {
        return Renamed.of(foreign, told.network());
    }

    /** Names of the networks in a file, sorted, as {@link Told#network} takes them; those under other keys are not among them. */
    public static List<String> networks(TensorReader reader) {
        return List.copyOf(Networks.in(reader.entries().values()).keySet());
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
