package maskfeat.recipe;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import maskfeat.augment.Normalize;
import maskfeat.augment.Resize;
import maskfeat.data.ClipSampler;
import maskfeat.data.StillImage;
import maskfeat.data.TimedClip;
import maskfeat.disk.DamagedFile;
import maskfeat.feature.HogTarget;
import maskfeat.mask.BlockMask;
import maskfeat.mask.CubeMask;
import maskfeat.model.Backbone;
import maskfeat.model.Classifier;
import maskfeat.model.Mvit;
import maskfeat.model.Vit;
import maskfeat.network.Input;
import maskfeat.nn.Layer;
import maskfeat.weights.Layout;
import maskfeat.weights.NetworkShape;
import maskfeat.weights.Renamed;
import maskfeat.weights.TensorEntry;
import maskfeat.weights.TensorFile;
import maskfeat.weights.TensorReader;
import maskfeat.weights.UnfitWeights;
import maskfeat.weights.Weights;
import maskfeat.weights.WeightsMismatch;
import org.jspecify.annotations.Nullable;

/**
 * An open file of weights, under our names, with what must be known to use them: our own files say it, those of PySlowFast,
 * OpenMMLab, timm and transformers show it by their tensors and what stands beside them.
 *
 * <pre>
 * try (KnownWeights weights = KnownWeights.open(Path.of("k400_MVIT_S_MaskFeat_PT_epoch_00300.pyth"))) {
 *     weights.notes().forEach(System.err::println);
 *     MaskFeat network = weights.pretraining().load(weights.file(), "cpu");
 * }
 * </pre>
 */
public final class KnownWeights implements AutoCloseable {
    /** Around a backbone. */
    private static final Pattern OTHER_PARTS = Pattern.compile("mask_token|(pred_head|norm|head)\\..*");

    private static final int USUAL_STRIDE = 4; // frames at 30 a second, of 16x4 clips
    private static final int USUAL_RATE = 30;

    private final TensorReader tensors;
    private final @Nullable Blueprint pretraining;
    private final @Nullable ClassifierBlueprint classifier;
    private final List<String> notes;

    private KnownWeights(
            TensorReader tensors,
            @Nullable Blueprint pretraining,
            @Nullable ClassifierBlueprint classifier,
            List<String> notes) {
        this.tensors = tensors;
        this.pretraining = pretraining;
        this.classifier = classifier;
        this.notes = List.copyOf(notes);
    }

    /**
     * Opens a file and finds out what network it is for.
     *
     * @throws DamagedFile if it is not whole, or no file of weights
     * @throws UnfitWeights if no network of ours computes what the weights are for, or it cannot be told
     */
    public static KnownWeights open(Path file) throws IOException {
        return open(file, OptionalInt.empty());
    }

    /** As {@link #open(Path)}, with the number of heads of attention in the first stage where nothing else tells it. */
    public static KnownWeights open(Path file, OptionalInt heads) throws IOException {
        TensorReader reader = Weights.open(file);
        try {
            boolean ours = reader.metadata().containsKey(ClassifierBlueprint.KEY)
                    || reader.metadata().containsKey(Blueprint.KEY);
            if (ours && heads.isPresent()) {
                throw new IllegalArgumentException(
                        file + " says itself how many heads of attention its network has; leave them away");
            }
            if (reader.metadata().containsKey(ClassifierBlueprint.KEY)) {
                ClassifierBlueprint found = ClassifierBlueprint.of(reader);
                check(reader, found.model(), found.model().depth());
                size(reader, "head.projection.weight", 0, found.classes().size());
                return new KnownWeights(reader, null, found, List.of());
            }
            if (reader.metadata().containsKey(Blueprint.KEY)) {
                Blueprint found = Blueprint.of(reader);
                check(reader, found.model(), found.blocks());
                return new KnownWeights(reader, found, null, List.of());
            }
            return foreign(Layout.read(reader), heads);
        } catch (Throwable failed) {
            reader.close();
            throw failed;
        }
    }

    /** What a file says of itself must not decide how much memory is taken: it has to be the size of what it holds. */
    private static void check(TensorReader reader, Backbone.Config model, int blocks) throws DamagedFile {
        int dim = model instanceof Vit.Config vit ? vit.dim() : ((Mvit.Config) model).dim();
        size(reader, "patch_embed.proj.weight", 0, dim);
        int found = 0;
        while (reader.entries().containsKey("blocks." + found + ".norm1.weight")) {
            found++;
        }
        if (found != blocks) {
            throw new DamagedFile(reader.file(), "says that it has " + blocks + " blocks, and has " + found);
        }
    }

    private static void size(TensorReader reader, String name, int dimension, long wanted) throws DamagedFile {
        TensorEntry entry = reader.entries().get(name);
        if (entry == null || entry.shape().size() <= dimension || entry.shape().get(dimension) != wanted) {
            throw new DamagedFile(
                    reader.file(),
                    "says that it is for '" + name + "' of " + wanted + ", and has "
                            + (entry == null ? "none" : entry.shape()));
        }
    }

    private static KnownWeights foreign(Renamed weights, OptionalInt heads) throws IOException {
        NetworkShape shape = NetworkShape.of(weights, heads);
        List<String> notes = new ArrayList<>();
        notes.add(weights.file() + ": weights of " + weights.layout().title());
        notes.addAll(weights.notes());
        shape.assumed().forEach(assumed -> notes.add("assumed: " + assumed));
        try {
            Backbone.Config model = model(shape.trunk());
            if (shape.output() instanceof NetworkShape.Classes classes) {
                return new KnownWeights(weights, null, classifier(shape, model, classes), notes);
            }
            return new KnownWeights(weights, pretraining(shape, model), null, notes);
        } catch (IllegalArgumentException impossible) {
            throw new UnfitWeights(weights.file(), "is for a network that cannot be: " + impossible.getMessage());
        }
    }

    private static Backbone.Config model(NetworkShape.Trunk trunk) {
        if (trunk instanceof NetworkShape.VitTrunk vit) {
            return new Vit.Config(vit.patch(), vit.cubeFrames(), vit.dim(), vit.depth(), vit.heads(), 0);
        }
        NetworkShape.MvitTrunk mvit = (NetworkShape.MvitTrunk) trunk;
        return new Mvit.Config(
                mvit.dim(),
                mvit.heads(),
                mvit.stages(),
                mvit.kvStride(),
                mvit.poolLastStage(),
                mvit.widenInAttention(),
                mvit.classToken(),
                0);
    }

    private static ClipSampler clip(NetworkShape.Input input) {
        return input.frames() == 1
                ? new StillImage()
                : new TimedClip(
                        input.frames(), input.strideFrames() == 0 ? USUAL_STRIDE : input.strideFrames(), USUAL_RATE);
    }

    private static Resize.Filter resize(NetworkShape.Input input) {
        return input.frames() == 1 ? Resize.Filter.BICUBIC : Resize.Filter.BILINEAR;
    }

    private static Normalize normalize(NetworkShape.Input input) {
        if (input.mean().isEmpty()) {
            return input.frames() == 1 ? Normalize.IMAGENET : Normalize.KINETICS;
        }
        return new Normalize(floats(input.mean()), floats(input.std()));
    }

    private static List<Float> floats(List<Double> numbers) {
        return numbers.stream().map(Double::floatValue).toList();
    }

    private static Blueprint pretraining(NetworkShape shape, Backbone.Config model) {
        NetworkShape.Input input = shape.input();
        boolean atEnd = !(shape.output() instanceof NetworkShape.Predictions predictions)
                || predictions.depths().equals(List.of(model.depth() - 1));
        return new Blueprint(
                clip(input),
                input.side(),
                resize(input),
                normalize(input),
                model,
                atEnd ? List.of() : ((NetworkShape.Predictions) shape.output()).depths(),
                input.frames() == 1 ? BlockMask.of(0.4) : CubeMask.of(0.4),
                HogTarget.Config.paper());
    }

    private static ClassifierBlueprint classifier(
            NetworkShape shape, Backbone.Config model, NetworkShape.Classes classes) {
        NetworkShape.Input input = shape.input();
        Classifier.Pooling pooling = switch (classes.pooling()) {
            case MEAN -> Classifier.Pooling.MEAN;
            case CLASS_TOKEN -> Classifier.Pooling.CLASS_TOKEN;
            case NORM_MEAN -> Classifier.Pooling.NORM_MEAN;
        };
        return new ClassifierBlueprint(
                new ClassifierBlueprint.Input(
                        clip(input), input.side(), Math.round(input.side() * 8f / 7), resize(input), normalize(input)),
                model,
                new Classifier.Head(pooling, 0),
                classes.names().isEmpty()
                        ? IntStream.range(0, classes.count())
                                .mapToObj(Integer::toString)
                                .toList()
                        : classes.names());
    }

    /** The file. */
    public Path file() {
        return tensors.file();
    }

    /** The tensors under our names. */
    public TensorReader tensors() {
        return tensors;
    }

    /** Whether the weights are a classifier's, with its head. */
    public boolean isClassifier() {
        return classifier != null;
    }

    /** What must be known to use the weights of a backbone. */
    public Blueprint pretraining() throws DamagedFile {
        if (pretraining == null) {
            throw new DamagedFile(
                    file(),
                    "holds a classifier, whose prediction head is gone; weights of pre-training " + "are wanted here");
        }
        return pretraining;
    }

    /** What must be known to use the weights of a classifier. */
    public ClassifierBlueprint classifier() throws DamagedFile {
        if (classifier == null) {
            throw new DamagedFile(
                    file(),
                    "is no classifier: it does not say what classes it knows; 'maskfeat finetune' makes one of it");
        }
        return classifier;
    }

    /** Heads of attention in the first stage. */
    public int heads() {
        return model() instanceof Vit.Config vit ? vit.heads() : ((Mvit.Config) model()).heads();
    }

    /** Whether the file says by itself what network it is for. */
    public boolean areOurs() {
        return !(tensors instanceof Renamed);
    }

    /** What must be said of weights that are not ours: where they are from, what was assumed. */
    public List<String> notes() {
        return notes;
    }

    /** What the network reads. */
    ClassifierBlueprint.Input input() {
        if (classifier != null) {
            return classifier.input();
        }
        Blueprint of = blueprint();
        return new ClassifierBlueprint.Input(
                of.clip(), of.side(), Input.usualShortSide(of.side()), of.resize(), of.normalize());
    }

    /** The backbone. */
    Backbone.Config model() {
        return classifier != null ? classifier.model() : blueprint().model();
    }

    private Blueprint blueprint() {
        return Objects.requireNonNull(pretraining); // or it is a classifier's
    }

    /**
     * Puts the weights into a network. What it has no place for must be the rest of another network around the same
     * backbone.
     *
     * @throws WeightsMismatch if a weight is missing, misshaped, or of nothing that is known
     */
    void into(Layer network) throws IOException {
        TensorFile.load(
                tensors, network.parameters(), name -> OTHER_PARTS.matcher(name).matches());
    }

    /** Tensors of the file that no network of ours has a place for. */
    List<String> unused() {
        return tensors instanceof Renamed renamed ? List.copyOf(renamed.unused().keySet()) : List.of();
    }

    @Override
    public void close() throws IOException {
        tensors.close();
    }
}
