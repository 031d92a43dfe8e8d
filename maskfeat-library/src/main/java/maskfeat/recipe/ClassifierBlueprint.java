package maskfeat.recipe;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import maskfeat.augment.Normalize;
import maskfeat.augment.Resize;
import maskfeat.augment.ViewCrop;
import maskfeat.data.ClipSampler;
import maskfeat.data.Seeds;
import maskfeat.disk.DamagedFile;
import maskfeat.model.Backbone;
import maskfeat.model.Classifier;
import maskfeat.model.ClipSize;
import maskfeat.nn.Init;
import maskfeat.settings.Settings;
import maskfeat.task.Classification;
import maskfeat.torch.Devices;
import maskfeat.weights.TensorReader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import tools.jackson.databind.json.JsonMapper;

/**
 * What must be known to use a fine-tuned classifier: enough to build it again, to feed it and to name what it says. Every
 * {@code model.safetensors} of fine-tuning carries it.
 *
 * @param input what it reads
 * @param model the backbone
 * @param head how classes are read off it
 * @param classes names by number
 */
public record ClassifierBlueprint(Input input, Backbone.Config model, Classifier.Head head, List<String> classes) {
    /** Of the metadata of our files. */
    static final String KEY = "maskfeat-classifier";

    /**
     * What a network reads.
     *
     * @param clip which frames of a video
     * @param side of the square in pixels
     * @param shortSide that pictures are resized to before the square is cut out of the middle
     * @param resize filter
     * @param normalize of the colours
     */
    public record Input(ClipSampler clip, int side, int shortSide, Resize.Filter resize, Normalize normalize) {
        /** Size of the clips. */
        public ClipSize size() {
            return ClipSize.square(clip.frames(), side);
        }

        /** The rule by which views are cut out. Of three, each reaches from edge to edge of the shorter side. */
        public ViewCrop crop(int views) {
            return new ViewCrop(views == 1 ? shortSide : side, side, views, resize);
        }

        /** For other programs: {@code preprocessing}, this record as JSON with the keys of the settings. */
        public Map<String, String> description() {
            return Map.of("preprocessing", Settings.toJson(Input.class, this));
        }
    }

    public ClassifierBlueprint {
        classes = List.copyOf(classes);
        if (classes.size() < 2) {
            throw new IllegalArgumentException("a classifier needs at least 2 classes, and there are " + classes);
        }
    }

    /** What goes into the file beside the weights. */
    public Map<String, String> metadata() {
        return Map.of("format", "pt", KEY, Settings.toJson(ClassifierBlueprint.class, this));
    }

    /** For other programs: what {@link Input#description} has, and {@code labels}, the classes' names as a JSON array. */
    public Map<String, String> description() {
        Map<String, String> description = new HashMap<>(input.description());
        description.put("labels", JsonMapper.shared().writeValueAsString(classes));
        return Map.copyOf(description);
    }

    /** Whether a file of weights is a classifier's, ours or as {@link KnownWeights} knows them. */
    public static boolean isIn(Path weights) throws IOException {
        try (KnownWeights known = KnownWeights.open(weights)) {
            return known.isClassifier();
        }
    }

    /**
     * Finds out what classifier a file of weights is for: ours, or as {@link KnownWeights} knows them.
     *
     * @throws DamagedFile if it is no whole file of weights, or has none of a classifier
     */
    public static ClassifierBlueprint read(Path weights) throws IOException {
        try (KnownWeights known = KnownWeights.open(weights)) {
            return known.classifier();
        }
    }

    /** What our own file says of itself. */
    static ClassifierBlueprint of(TensorReader ours) throws DamagedFile {
        return Blueprint.of(ours, KEY, ClassifierBlueprint.class);
    }

    /** The network with its first values. */
    public Classifier buildModel(long seed, Device device) {
        try (PointerScope scope = new PointerScope();
                Init init = new Init(seed)) {
            Classifier built = new Classifier(model.build(input.size(), init), head, classes.size(), init);
            built.to(device);
            return built;
        }
    }

    /**
     * The network with the weights of a file, ready for use (not for training).
     *
     * @param device by name, as in {@link Devices#named}
     */
    public Classifier load(Path weights, String device) throws IOException {
        Device place = Devices.named(device);
        Classifier built = Blueprint.built(weights, () -> buildModel(0, place));
        try (KnownWeights known = KnownWeights.open(weights)) {
            known.into(built);
        } catch (Throwable failed) {
            built.close();
            throw failed;
        }
        built.train(false);
        return built;
    }

    /** What gives scores with a network that {@link #load} returned for the same device. */
    public Classification scorer(Classifier loaded, String device) {
        return new Classification(
                loaded,
                classes.size(),
                input.normalize(),
                Classification.Objective.plain(),
                new Seeds(0),
                Devices.named(device));
    }
}
