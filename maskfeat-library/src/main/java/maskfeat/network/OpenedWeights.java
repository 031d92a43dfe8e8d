package maskfeat.network;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import maskfeat.disk.Checksummed;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.PathText;
import maskfeat.disk.Plural;
import maskfeat.disk.Shown;
import maskfeat.foreign.ForeignNetwork;
import maskfeat.foreign.Layout;
import maskfeat.foreign.Preprocessing;
import maskfeat.foreign.Renamed;
import maskfeat.foreign.Told;
import maskfeat.foreign.UnfitWeights;
import maskfeat.model.Backbone;
import maskfeat.model.ClassTokens;
import maskfeat.model.Classifier;
import maskfeat.model.MaskFeat;
import maskfeat.model.Network;
import maskfeat.nn.Layer;
import maskfeat.torch.Devices;
import maskfeat.train.Checkpoint;
import maskfeat.train.Checkpoints;
import maskfeat.weights.Misfit;
import maskfeat.weights.ShardedSafetensors;
import maskfeat.weights.TensorEntry;
import maskfeat.weights.TensorFile;
import maskfeat.weights.TensorReader;
import maskfeat.weights.Weights;
import maskfeat.weights.WeightsMismatch;

/**
 * A file of weights, opened and recognised once: its tensors under our names and the network that they are for. Our own
 * files say it themselves; those of PySlowFast, OpenMMLab, timm and transformers show it by their tensors and by what
 * stands beside them.
 *
 * <pre>
 * try (OpenedWeights weights = OpenedWeights.open(Path.of("k400_MVIT_S_MaskFeat_PT_epoch_00300.pyth"))) {
 *     weights.notes().forEach(System.err::println);
 *     Backbone backbone = weights.backbone("cpu");
 * }
 * </pre>
 */
public final class OpenedWeights implements AutoCloseable {
    private static final String MODEL_FILE = "model.safetensors";
    private static final String CHECKPOINTS = "checkpoints";
    private static final String TORCH_FILE = "pytorch_model.bin"; // in folders of transformers

    private static final String TORCH_INDEX = "pytorch_model.bin.index.json";
    private static final int PIECE = 1 << 20; // bytes

    private final TensorReader tensors;
    private final NetworkSpec spec;
    private final List<String> notes;

    private OpenedWeights(TensorReader tensors, NetworkSpec spec, List<String> notes) {
        this.tensors = tensors;
        this.spec = spec;
        this.notes = List.copyOf(notes);
    }

    /**
     * Opens weights and finds out what network they are for.
     *
     * @param from run folder, checkpoint folder, folder of transformers, or the file itself
     * @throws NoSuchFileException if there is nothing there
     * @throws DamagedFile if the file is not whole, or no file of weights
     * @throws UnfitWeights if no network of ours computes what the weights are for, or it cannot be told
     */
    public static OpenedWeights open(Path from) throws IOException {
        return open(from, Told.NOTHING);
    }

    /** As {@link #open(Path)}, with the number of attention heads in the first stage where nothing else tells it. */
    public static OpenedWeights open(Path from, OptionalInt heads) throws IOException {
        return open(from, Told.heads(heads));
    }

    /** As {@link #open(Path, OptionalInt)}, of a file of several networks the one of this name. */
    public static OpenedWeights open(Path from, OptionalInt heads, Optional<String> network) throws IOException {
        return open(from, new Told(heads, network));
    }

    /** As {@link #open(Path)}, with what nothing else tells. */
    public static OpenedWeights open(Path from, Told told) throws IOException {
        TensorReader reader = Weights.open(find(from), told.network());
        try {
            Optional<NetworkSpec> ours = saidBy(reader);
            if (ours.isEmpty()) {
                return foreign(Layout.read(reader, told), told.heads());
            }
            int own = ours.get().backbone().attentionHeads().orElse(-1);
            if (told.heads().isPresent() && told.heads().getAsInt() != own) {
                throw new IllegalArgumentException(reader.file() + " is of a network with " + (own < 0 ? "no" : own)
                        + " heads of attention, and says so itself; "
                        + told.heads().getAsInt() + " cannot be asked for");
            }
            if (told.network().isPresent()) {
                throw new IllegalArgumentException(reader.file() + " holds one network; leave the name '"
                        + told.network().get() + "' out");
            }
            return new OpenedWeights(reader, ours.get(), ofRun(from, reader.file()));
        } catch (Throwable failed) {
            reader.close();
            throw failed;
        }
    }

    /**
     * What an open file of ours says by itself.
     *
     * @return empty for files of other programs
     * @throws DamagedFile if what it says is not what its tensors are for, or a newer version wrote it
     */
    public static Optional<NetworkSpec> saidBy(TensorReader reader) throws DamagedFile {
        if (!SpecFormat.isOurs(reader)) {
            return Optional.empty();
        }
        NetworkSpec spec = SpecFormat.read(reader);
        check(reader, spec);
        return Optional.of(spec);
    }

    /**
     * Finds the weights in a run folder, a checkpoint folder, a folder of transformers, or the file itself.
     *
     * @throws IOException if there are none, saying what was looked for
     */
    public static Path find(Path from) throws IOException {
        if (Files.isRegularFile(from)) {
            return from;
        }
        for (String name : List.of(MODEL_FILE, ShardedSafetensors.INDEX, TORCH_FILE, TORCH_INDEX)) {
            Path file = from.resolve(name);
            if (Files.isRegularFile(file)) {
                return file;
            }
        }
        Path checkpoints = from.resolve(CHECKPOINTS);
        if (Files.isDirectory(checkpoints)) {
            Checkpoint latest = Checkpoints.latestIn(checkpoints, notice -> {}).orElse(null);
            if (latest != null) {
                return latest.file(MODEL_FILE);
            }
        }
        if (!Files.exists(from)) {
            throw new NoSuchFileException(PathText.shown(from));
        }
        Optional<String> unreadable = Files.isDirectory(from) ? Weights.unreadable(from) : Optional.empty();
        if (unreadable.isPresent()) {
            throw new IOException(from + " " + unreadable.get());
        }
        throw new IOException(
                from + " holds no weights; expected a run folder, a checkpoint folder, a file of weights or a"
                        + " folder with " + MODEL_FILE + ", " + ShardedSafetensors.INDEX + " or " + TORCH_FILE);
    }

    /** Of a run that has not come to its end only a checkpoint is there, which is less than somebody may expect. */
    private static List<String> ofRun(Path from, Path file) {
        Path checkpoint = file.getParent();
        return checkpoint != null && from.resolve(CHECKPOINTS).equals(checkpoint.getParent())
                ? List.of(from + " holds a run that has not come to its end: taken are the weights of "
                        + checkpoint.getFileName())
                : List.of();
    }

    /** A file says of itself what network it is for; it has to be what its tensors are for. */
    private static void check(TensorReader reader, NetworkSpec spec) throws DamagedFile {
        Map<String, List<Long>> wanted;
        try {
            wanted = spec.essentialShapes();
        } catch (IllegalArgumentException impossible) {
            throw impossible(reader, impossible);
        }
        List<Misfit> misfits = Misfit.between(reader.entries(), wanted, Head::isAround);
        if (!misfits.isEmpty()) {
            Misfit first = misfits.get(0);
            int more = misfits.size() - 1;
            throw new DamagedFile(
                    reader.file(),
                    (first.wanted() == null
                                    ? "has '" + first.name() + "', which has no place in the network that it is for"
                                    : "says that it is for '" + first.name() + "' " + first.wanted() + ", and has "
                                            + (first.found() == null ? "none" : first.found()))
                            + (more == 0 ? "" : "; " + Plural.of(more, "more does not fit", "more do not fit")));
        }
    }

    private static DamagedFile impossible(TensorReader reader, IllegalArgumentException why) {
        return new DamagedFile(reader.file(), "is for a network that cannot be: " + why.getMessage(), why);
    }

    private static OpenedWeights foreign(Renamed weights, OptionalInt heads) throws IOException {
        ForeignNetwork network = ForeignNetwork.of(weights, heads);
        List<String> notes = new ArrayList<>();
        notes.add(weights.file() + ": weights of " + weights.layout().title()
                + (weights.wrapper().isEmpty() ? "" : ", under '" + Shown.text(weights.wrapper()) + "'"));
        notes.addAll(weights.notes());
        network.assumed().forEach(assumed -> notes.add("assumed: " + assumed));
        try {
            NetworkSpec spec = ForeignSpec.of(network, weights.layout());
            notes.add(prepared(network.input(), spec.input()));
            return new OpenedWeights(weights, spec, notes);
        } catch (IllegalArgumentException impossible) {
            throw new UnfitWeights(weights.file(), "is for a network that cannot be: " + impossible.getMessage());
        }
    }

    /** How pictures are prepared, and who says so. */
    private static String prepared(ForeignNetwork.Input said, Input input) {
        Preprocessing preprocessing = said.preprocessing();
        String how = input.describe();
        if (preprocessing == null) {
            return "assumed: pictures are prepared as is usual here, " + how
                    + (said.mean().isEmpty() ? "" : " (mean and std are the weights' own)");
        }
        return "pictures are prepared as " + preprocessing.where() + " says: " + how
                + (preprocessing.side() == input.side()
                        ? ""
                        : "; it says squares of " + preprocessing.side() + " px, and the network's positions are for "
                                + input.side());
    }

    /** The file. */
    public Path file() {
        return tensors.file();
    }

    /** The tensors under our names. */
    public TensorReader tensors() {
        return tensors;
    }

    /** The network that the weights are for. */
    public NetworkSpec spec() {
        return spec;
    }

    /** Whether the file says by itself what network it is for. */
    public boolean areOurs() {
        return !(tensors instanceof Renamed);
    }

    /** What must be said of the weights: that their run is not at its end; of those that are not ours where they are from, what was assumed. */
    public List<String> notes() {
        return notes;
    }

    /** Whether the weights are a detector's of actions, with its head. */
    public boolean isDetector() {
        return spec.head() instanceof ActionHead;
    }

    /** Whether the weights are a classifier's, with its head. */
    public boolean isClassifier() {
        return spec.head() instanceof Head.Classes;
    }

    /**
     * The head of a classifier.
     *
     * @throws DamagedFile if the weights are of no classifier
     */
    public Head.Classes classes() throws DamagedFile {
        if (spec.head() instanceof Head.Classes classes) {
            return classes;
        }
        throw new DamagedFile(
                file(), "is no classifier: it does not say what classes it knows; 'maskfeat finetune' makes one of it");
    }

    /**
     * The head of pre-training.
     *
     * @throws DamagedFile if the weights have none
     */
    public Head.Prediction prediction() throws DamagedFile {
        if (spec.head() instanceof Head.Prediction prediction) {
            return prediction;
        }
        throw new DamagedFile(
                file(),
                (isClassifier() ? "holds a classifier, whose prediction head is gone" : "has no prediction head")
                        + "; weights of pre-training are wanted here");
    }

    /**
     * The classifier with these weights, ready for use (not for training), to be closed by the caller.
     *
     * @param device by name, as in {@link Devices#named}
     */
    public Classifier classifier(String device) throws IOException {
        classes();
        return (Classifier) loaded(() -> spec.build(0, Devices.named(device)));
    }

    /**
     * The network of pre-training with these weights, ready for use (not for training), to be closed by the caller.
     *
     * @param device by name, as in {@link Devices#named}
     * @throws WeightsMismatch if the file lacks a part of it, such as the prediction head
     */
    public MaskFeat maskFeat(String device) throws IOException {
        prediction();
        return (MaskFeat) loaded(() -> spec.build(0, Devices.named(device)));
    }

    /**
     * The whole network with these weights, whatever its head, ready for use (not for training), to be closed by the caller.
     *
     * @param device by name, as in {@link Devices#named}
     * @throws WeightsMismatch if the file lacks a part of it
     */
    public Network network(String device) throws IOException {
        return loaded(() -> spec.build(0, Devices.named(device)));
    }

    /**
     * The backbone alone with these weights, ready for use (not for training), to be closed by the caller. Mask token and
     * heads may be in the file or not.
     *
     * @param device by name, as in {@link Devices#named}
     */
    public Backbone backbone(String device) throws IOException {
        return loaded(() -> spec.buildBackbone(0, Devices.named(device)));
    }

    /**
     * The backbone with the norm behind it that its class token was trained with, ready for use (not for training), to be
     * closed by the caller.
     *
     * @param device by name, as in {@link Devices#named}
     * @throws DamagedFile if there is no such norm, or no class token
     */
    public ClassTokens classTokens(String device) throws IOException {
        boolean ofMean =
                spec.head() instanceof Head.Classes classes && classes.pooling() != Classifier.Pooling.CLASS_TOKEN;
        if (!spec.backbone().classToken()
                || ofMean
                || isDetector()
                || !tensors.entries().containsKey("norm.weight")) {
            throw new DamagedFile(
                    file(),
                    "has no class token that was trained with a norm behind it, as contrastive learning leaves it; take the"
                            + " mean of the patches");
        }
        return loaded(() -> spec.buildClassTokens(0, Devices.named(device)));
    }

    private <L extends Layer> L loaded(Supplier<L> built) throws IOException {
        L network;
        try {
            network = built.get();
        } catch (IllegalArgumentException impossible) {
            throw impossible(tensors, impossible);
        }
        try {
            TensorFile.load(tensors, network.parameters(), Head::isAround);
        } catch (Throwable failed) {
            network.close();
            throw failed;
        }
        network.train(false);
        return network;
    }

    /**
     * Puts these weights into another network, as far as they are for it. All are compared before any is changed.
     *
     * @param to what that network is
     * @return what became of each
     * @throws WeightsMismatch if a weight of the backbone is missing or has another shape
     */
    public Transfer into(Layer network, NetworkSpec to) throws IOException {
        return Transfer.into(network.parameters(), to, this);
    }

    /**
     * What tells the network with these weights from any other, whatever file they are in: 64 hex digits. All weights are
     * read.
     */
    public String identity() throws IOException {
        try (Checksummed bytes = new Checksummed(Channels.newChannel(OutputStream.nullOutputStream()))) {
            bytes.write(ByteBuffer.wrap(SpecFormat.write(spec).getBytes(StandardCharsets.UTF_8)));
            for (TensorEntry entry : tensors.entries().values()) {
                bytes.write(ByteBuffer.wrap(entry.toString().getBytes(StandardCharsets.UTF_8)));
                for (long done = 0; done < entry.size(); ) {
                    ByteBuffer part = ByteBuffer.allocate((int) Math.min(PIECE, entry.size() - done));
                    tensors.read(entry, done, part);
                    done += part.flip().remaining();
                    bytes.write(part);
                }
            }
            return bytes.fingerprint().sha256();
        }
    }

    /** Tensors of the file that no network of ours has a place for. */
    Set<String> unused() {
        return tensors instanceof Renamed renamed ? renamed.unused().keySet() : Set.of();
    }

    @Override
    public void close() throws IOException {
        tensors.close();
    }
}
