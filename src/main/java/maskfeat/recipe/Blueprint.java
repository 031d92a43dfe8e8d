package maskfeat.recipe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import maskfeat.augment.Normalize;
import maskfeat.mask.Grid;
import maskfeat.mask.MaskStrategy;
import maskfeat.model.Backbone;
import maskfeat.model.MaskFeat;
import maskfeat.nn.Init;
import maskfeat.target.FeatureTarget;
import maskfeat.task.Embedding;
import maskfeat.torch.Devices;
import maskfeat.train.Checkpoint;
import maskfeat.train.Checkpoints;
import maskfeat.weights.DamagedFile;
import maskfeat.weights.Safetensors;
import maskfeat.weights.TensorFile;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;

/**
 * What must be known to use pre-trained weights: enough to build the network again and to feed it. Every
 * {@code model.safetensors} carries it, so that the file is usable by itself.
 *
 * @param side of the square input in pixels
 * @param normalize of the input
 * @param model the backbone
 * @param mask that tokens were hidden by
 * @param target that was predicted
 */
public record Blueprint(
        int side, Normalize normalize, Backbone.Config model, MaskStrategy mask, FeatureTarget.Config target) {
    private static final String KEY = "maskfeat";
    private static final String MODEL_FILE = "model.safetensors";

    /** What a run's weights are for. */
    public static Blueprint of(Run run) {
        return new Blueprint(run.data().side(), run.data().normalize(), run.model(), run.mask(), run.target());
    }

    /** What goes into the file beside the weights. */
    public Map<String, String> metadata() {
        return Map.of("format", "pt", KEY, Settings.toJson(Blueprint.class, this));
    }

    /**
     * Finds the weights in a run folder, a checkpoint folder, or the file itself.
     *
     * @throws IOException if there are none, saying what was looked for
     */
    public static Path weights(Path from) throws IOException {
        if (Files.isRegularFile(from)) {
            return from;
        }
        Path file = from.resolve(MODEL_FILE);
        if (Files.isRegularFile(file)) {
            return file;
        }
        Path checkpoints = from.resolve("checkpoints");
        if (Files.isDirectory(checkpoints)) {
            Checkpoint latest = Checkpoints.latestIn(checkpoints, notice -> {}).orElse(null);
            if (latest != null) {
                return latest.file(MODEL_FILE);
            }
        }
        throw new IOException(
                from + " holds no weights; expected a run folder, a checkpoint folder or a file " + MODEL_FILE);
    }

    /**
     * Reads the blueprint of a file of weights.
     *
     * @throws DamagedFile if the file has none or it makes no sense
     */
    public static Blueprint read(Path weights) throws IOException {
        try (Safetensors.Reader reader = Safetensors.open(weights)) {
            String json = reader.metadata().get(KEY);
            if (json == null) {
                throw new DamagedFile(weights, "does not say what network it is for (no metadata '" + KEY + "')");
            }
            try {
                return Settings.fromJson(Blueprint.class, weights.toString(), json);
            } catch (IllegalArgumentException bad) {
                throw new DamagedFile(weights, "does not say what network it is for: " + bad.getMessage(), bad);
            }
        }
    }

    /** The grid of tokens that masks are drawn on. */
    public Grid grid() {
        return model.grid(side);
    }

    /** What is predicted. */
    public FeatureTarget buildTarget() {
        return target.build(normalize, model.patch());
    }

    /** The network with its first values. */
    public MaskFeat buildModel(long seed, Device device) {
        // Without a scope, the handles that values were drawn into hold the weights until they are collected.
        try (PointerScope scope = new PointerScope();
                Init init = new Init(seed)) {
            MaskFeat built = new MaskFeat(model.build(side, init), buildTarget().dim(), init);
            built.to(device);
            return built;
        }
    }

    /** Features of whole images from a network that {@link #load} returned for the same device. */
    public Embedding embedding(MaskFeat loaded, String device) {
        return new Embedding(loaded.backbone(), side, normalize, Devices.named(device));
    }

    /**
     * The network with the weights of a file, ready for use (not for training).
     *
     * @param device by name, as in {@link Devices#named}
     */
    public MaskFeat load(Path weights, String device) throws IOException {
        MaskFeat model = buildModel(0, Devices.named(device));
        try {
            TensorFile.load(weights, model.parameters());
        } catch (Throwable failed) {
            model.close();
            throw failed;
        }
        model.train(false);
        return model;
    }
}
