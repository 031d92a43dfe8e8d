package maskfeat.network;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import maskfeat.disk.AtomicFile;
import maskfeat.foreign.Export;
import maskfeat.foreign.Layout;
import maskfeat.foreign.UnfitWeights;
import maskfeat.model.Classifier;
import maskfeat.model.Vit;
import maskfeat.weights.Safetensors;
import maskfeat.weights.ShardedSafetensors;
import maskfeat.weights.TensorFile;
import maskfeat.weights.TensorReader;
import maskfeat.weights.TorchWriter;
import org.jspecify.annotations.Nullable;

/**
 * Weights that were written under the names of another program.
 *
 * @param files that were written
 * @param left our tensors that the program has no place for, each with the reason
 * @param notes what must be known besides
 */
public record WeightsConversion(List<Path> files, SortedMap<String, String> left, List<String> notes) {
    private static final List<String> TORCH = List.of(".pth", ".pyth", ".pt", ".bin");
    private static final String SAFETENSORS = ".safetensors";
    private static final String CFG = "cfg";
    private static final int USUAL_HEAD = 64; // numbers
    private static final double THEIR_MLP_RATIO = 4; // PySlowFast's, timm's and OpenMMLab's default

    /** Whose form. */
    public enum Form {
        /** timm's {@code vit_*}. */
        TIMM(Layout.TIMM, ""),
        /** PySlowFast. */
        SLOWFAST(Layout.SLOWFAST, "model_state"),
        /** mmpretrain and mmaction2. */
        OPENMMLAB(Layout.OPENMMLAB, "state_dict"),
        /** Hugging Face's transformers. */
        HF(Layout.HF_VIT, ""),
        /** VideoMAE's own program, and that of V2. */
        VIDEOMAE(Layout.VIDEOMAE, "model"),
        /** MoCo v3's own program. */
        MOCOV3(Layout.MOCO_V3, "state_dict"),
        /** torchvision's {@code vit_*} and {@code mvit_v2_s}. */
        TORCHVISION(Layout.TORCHVISION, ""),
        /** Ours: says by itself what network it is for. */
        SAFETENSORS(Layout.SLOWFAST, "");

        private final Layout layout;
        private final String key; // of the tensors in a PyTorch checkpoint

        Form(Layout layout, String key) {
            this.layout = layout;
            this.key = key;
        }
    }

    public WeightsConversion {
        files = List.copyOf(files);
        left = Collections.unmodifiableSortedMap(new TreeMap<>(left));
        notes = List.copyOf(notes);
    }

    /**
     * Writes weights in another form. Numbers are copied bit by bit.
     *
     * @param weights of any origin; not closed
     * @param out file ending in {@code .safetensors}, or in {@code .pth}, {@code .pyth}, {@code .pt} or {@code .bin} for a
     *     PyTorch checkpoint; for {@link Form#HF} also a folder
     * @param overwrite whether files may be written over
     * @param maxShardBytes of safetensors in a folder: the most that one of several files with an index holds; 0 for one file
     * @throws UnfitWeights if the program has no such network
     * @throws IllegalArgumentException if {@code out} is not as said, or would write over something
     */
    public static WeightsConversion write(
            OpenedWeights weights, Path out, Form form, boolean overwrite, long maxShardBytes) throws IOException {
        return write(weights, out, form, overwrite, maxShardBytes, Map.of());
    }

    /**
     * As above.
     *
     * @param made how the weights came to be, for the model card of a folder of {@link Form#HF}: what and its value, in words
     */
    public static WeightsConversion write(
            OpenedWeights weights, Path out, Form form, boolean overwrite, long maxShardBytes, Map<String, String> made)
            throws IOException {
        String name = String.valueOf(out.getFileName()).toLowerCase(Locale.ROOT);
        boolean torch = TORCH.stream().anyMatch(name::endsWith);
        boolean folder = !torch && !name.endsWith(SAFETENSORS);
        if (maxShardBytes > 0 && !folder) {
            throw new IllegalArgumentException(
                    out + " is one file; several with an index need a folder, a name without an ending of weights");
        }
        if (folder && form != Form.HF && maxShardBytes == 0) {
            throw new IllegalArgumentException(out + " must end in " + SAFETENSORS + ", or in one of "
                    + String.join(", ", TORCH) + " for a PyTorch checkpoint");
        }
        if (torch && form == Form.SAFETENSORS) {
            throw new IllegalArgumentException(out + " must end in " + SAFETENSORS
                    + "; a PyTorch checkpoint with our names is the form 'slowfast' (--to slowfast)");
        }
        Path whole = maxShardBytes > 0 ? out.resolve(ShardedSafetensors.INDEX) : out.resolve("model" + SAFETENSORS);
        Path file = folder ? whole : out;
        checkPlace(weights.file(), out, file, folder, overwrite);
        TensorFile.checkFinite(weights.tensors());
        Layout layout = layout(weights, form);
        Export export = layout.write(weights.tensors(), pooling(weights));
        checkHas(weights, export, form);
        List<String> notes = new ArrayList<>(weights.notes());
        notes.addAll(export.notes());
        notes.addAll(untold(weights, form));
        List<Path> files = new ArrayList<>();
        if (torch) {
            TorchWriter.write(out, form.key, beside(weights.tensors(), form), export.tensors());
        } else {
            if (folder) {
                AtomicFile.folder(out);
            }
            Map<String, String> metadata = metadata(weights, form);
            Collection<Safetensors.Source> tensors = all(export, weights, form);
            if (maxShardBytes > 0) {
                ShardedSafetensors.write(file, metadata, tensors, maxShardBytes);
            } else {
                Safetensors.write(file, metadata, tensors);
            }
        }
        files.add(file);
        if (folder && form == Form.HF) {
            files.addAll(new TransformersFolder(out, weights, layout, export.left()).write(notes, made));
        }
        return new WeightsConversion(files, export.left(), notes);
    }

    /** transformers has several kinds of vision transformers. */
    private static Layout layout(OpenedWeights weights, Form form) {
        return form == Form.HF && computesPositions(weights) ? Layout.HF_VIDEOMAE : form.layout;
    }

    private static boolean computesPositions(OpenedWeights weights) {
        return weights.spec().backbone() instanceof Vit.Config vit && vit.positions() == Vit.PositionKind.SINUSOID;
    }

    /** A file of half a backbone is of use to nobody. */
    private static void checkHas(OpenedWeights weights, Export export, Form form) throws UnfitWeights {
        if (form == Form.MOCOV3 && weights.isClassifier()) {
            throw new UnfitWeights(
                    weights.file(), "holds a classifier, and a file of MoCo v3 is of pre-training; take --to timm");
        }
        boolean missing = form != Form.SAFETENSORS
                && weights.spec().backboneShapes().keySet().stream().anyMatch(export.left()::containsKey);
        if (missing || form == Form.SLOWFAST && computesPositions(weights)) {
            throw new UnfitWeights(
                    weights.file(),
                    "is of a network that " + form.layout.title() + " does not have: "
                            + weights.spec().backbone().describe());
        }
    }

    private static void checkPlace(Path in, Path out, Path file, boolean folder, boolean overwrite) throws IOException {
        if (folder && (Files.exists(out.resolve("config.yaml")) || Files.exists(out.resolve("checkpoints")))) {
            throw new IllegalArgumentException(out + " is the folder of a run; take another one");
        }
        if (Files.exists(file) && Files.isSameFile(in, file)) {
            throw new IllegalArgumentException(file + " is what is read; take another name");
        }
        if (!folder && Files.isDirectory(out)) {
            throw new IllegalArgumentException(out + " is a folder; give the name of a file");
        }
        if (folder && Files.exists(out) && !Files.isDirectory(out)) {
            throw new IllegalArgumentException(out + " is a file; for a folder give another name");
        }
        List<Path> written = folder ? TransformersFolder.written(file, out) : List.of(file);
        boolean shards = folder && Files.isDirectory(out) && hasShards(out);
        if (shards && !overwrite) {
            throw new IllegalArgumentException(
                    out + " holds parts of other weights; take another folder, or allow overwriting (--overwrite)");
        }
        for (Path one : written) {
            if (Files.exists(one) && !overwrite) {
                throw new IllegalArgumentException(
                        one + " is there already; take another name, or allow overwriting (--overwrite)");
            }
        }
        Path parent = out.toAbsolutePath().getParent();
        if (!folder && parent != null && !Files.isDirectory(parent)) {
            throw new IllegalArgumentException(out + ": there is no folder " + parent + "; make it first");
        }
    }

    private static boolean hasShards(Path folder) throws IOException {
        try (DirectoryStream<Path> shards = Files.newDirectoryStream(folder, "model-*-of-*" + SAFETENSORS)) {
            return shards.iterator().hasNext();
        }
    }

    /** What the program has in its settings and the tensors do not say. */
    private static List<String> untold(OpenedWeights weights, Form form) throws IOException {
        boolean ratioTold = weights.spec().backbone().mlpRatio() == THEIR_MLP_RATIO;
        if (form == Form.TIMM || form == Form.VIDEOMAE) {
            return arguments(weights, form.layout.title(), ratioTold);
        }
        if (form == Form.OPENMMLAB && !ratioTold) {
            return List.of(
                    weights.spec().backbone() instanceof Vit.Config vit
                            ? "mmpretrain needs feedforward_channels " + vit.hiddenDim() + " in its arch"
                            : "mmaction2 needs mlp_ratio="
                                    + weights.spec().backbone().mlpRatio() + " for these weights");
        }
        if (form == Form.MOCOV3 && weights.spec().backbone() instanceof Vit.Config vit) {
            return List.of("MoCo v3's program needs num_heads=" + vit.heads() + " and mlp_ratio=" + vit.mlpRatio()
                    + " for these weights, if they are of another network than its own");
        }
        if (form == Form.TORCHVISION) {
            return List.of(
                    weights.spec().backbone() instanceof Vit.Config vit
                            ? "torchvision needs num_heads=" + vit.heads() + " and mlp_dim=" + vit.hiddenDim()
                                    + " for these weights, if they are of another network than its own"
                            : "torchvision's network needs "
                                    + weights.spec().backbone().describe() + ", as mvit_v2_s is built");
        }
        if (form != Form.SLOWFAST || weights.tensors().metadata().containsKey(CFG)) {
            return List.of();
        }
        List<String> settings = new ArrayList<>();
        if (!ratioTold) {
            settings.add("MVIT.MLP_RATIO " + weights.spec().backbone().mlpRatio());
        }
        if (weights.spec().backbone() instanceof Vit.Config vit) {
            settings.add("MVIT.NUM_HEADS " + vit.heads());
        }
        if (weights.isClassifier()) {
            boolean mean = weights.classes().pooling() != Classifier.Pooling.CLASS_TOKEN;
            settings.add("MVIT.USE_MEAN_POOLING " + (mean ? "True" : "False"));
        }
        return settings.isEmpty() ? List.of() : List.of("PySlowFast needs " + String.join(" and ", settings));
    }

    /** Where the network is not built as usual; the number of heads changes what is computed, and no tensor's shape. */
    private static List<String> arguments(OpenedWeights weights, String program, boolean ratioTold) {
        List<String> notes = new ArrayList<>();
        if (!ratioTold) {
            notes.add(program + " needs mlp_ratio=" + weights.spec().backbone().mlpRatio() + " for these weights");
        }
        if (weights.spec().backbone() instanceof Vit.Config vit && vit.heads() * USUAL_HEAD != vit.dim()) {
            notes.add(program + " needs num_heads=" + vit.heads() + " for these weights, and maskfeat --heads "
                    + vit.heads() + ": the file does not tell, and with another number something else is computed");
        }
        return notes;
    }

    private static Collection<Safetensors.Source> all(Export export, OpenedWeights weights, Form form) {
        if (form != Form.SAFETENSORS) {
            return export.tensors();
        }
        List<Safetensors.Source> sources = new ArrayList<>();
        weights.tensors()
                .entries()
                .values()
                .forEach(entry -> sources.add(Safetensors.Source.of(weights.tensors(), entry)));
        return sources;
    }

    private static Classifier.@Nullable Pooling pooling(OpenedWeights weights) throws IOException {
        if (weights.spec().head() instanceof ContrastHead) {
            return Classifier.Pooling.CLASS_TOKEN; // what its norm is for
        }
        return weights.isClassifier() ? weights.classes().pooling() : null;
    }

    /** PySlowFast's settings travel on with its own form. */
    private static Map<String, String> beside(TensorReader tensors, Form form) {
        String cfg = tensors.metadata().get(CFG);
        return form == Form.SLOWFAST && cfg != null ? Map.of(CFG, cfg) : Map.of();
    }

    private static Map<String, String> metadata(OpenedWeights weights, Form form) throws IOException {
        if (form != Form.SAFETENSORS) {
            Map<String, String> metadata = new TreeMap<>(beside(weights.tensors(), form));
            metadata.put("format", "pt");
            return metadata;
        }
        return weights.spec().metadata();
    }
}
