package maskfeat.recipe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import maskfeat.augment.Normalize;
import maskfeat.augment.Resize;
import maskfeat.data.ClipSampler;
import maskfeat.disk.DamagedFile;
import maskfeat.feature.FeatureTarget;
import maskfeat.feature.HogTarget;
import maskfeat.mask.Grid;
import maskfeat.mask.MaskStrategy;
import maskfeat.model.Backbone;
import maskfeat.model.ClipSize;
import maskfeat.model.MaskFeat;
import maskfeat.network.Targets;
import maskfeat.nn.Init;
import maskfeat.nn.Layer;
import maskfeat.settings.Settings;
import maskfeat.torch.Devices;
import maskfeat.train.Checkpoint;
import maskfeat.train.Checkpoints;
import maskfeat.weights.ShardedSafetensors;
import maskfeat.weights.TensorReader;
import maskfeat.weights.WeightsMismatch;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;

/**
 * What must be known to use pre-trained weights: enough to build the network again and to feed it. Every
 * {@code model.safetensors} carries it, so that the file is usable by itself.
 *
 * @param clip which frames of a video the network reads
 * @param side of the square input in pixels
 * @param resize filter of the input
 * @param normalize of the input
 * @param model the backbone
 * @param depths blocks after which is predicted, ascending; none: after the last
 * @param mask that tokens were hidden by
 * @param target that was predicted
 */
public record Blueprint(
        ClipSampler clip,
        int side,
        Resize.Filter resize,
        Normalize normalize,
        Backbone.Config model,
        List<Integer> depths,
        MaskStrategy mask,
        FeatureTarget.Config target) {
    /** Of the metadata of our files. */
    static final String KEY = "maskfeat";

    private static final String MODEL_FILE = "model.safetensors";
    private static final String TORCH_FILE = "pytorch_model.bin"; // in folders of transformers

    /** What a run's weights are for. */
    public static Blueprint of(Run run) {
        Run.Data data = run.data();
        return new Blueprint(
                data.clip(),
                data.side(),
                data.resize(),
                data.normalize(),
                run.model(),
                run.depths(),
                run.mask(),
                run.target());
    }

    /** What goes into the file beside the weights. */
    public Map<String, String> metadata() {
        return Map.of("format", "pt", KEY, Settings.toJson(Blueprint.class, this));
    }

    /**
     * Finds the weights in a run folder, a checkpoint folder, a folder of transformers, or the file itself.
     *
     * @throws IOException if there are none, saying what was looked for
     */
    public static Path weights(Path from) throws IOException {
        if (Files.isRegularFile(from)) {
            return from;
        }
        for (String name : List.of(MODEL_FILE, ShardedSafetensors.INDEX, TORCH_FILE)) {
            Path file = from.resolve(name);
            if (Files.isRegularFile(file)) {
                return file;
            }
        }
        Path checkpoints = from.resolve("checkpoints");
        if (Files.isDirectory(checkpoints)) {
            Checkpoint latest = Checkpoints.latestIn(checkpoints, notice -> {}).orElse(null);
            if (latest != null) {
                return latest.file(MODEL_FILE);
            }
        }
        if (!Files.exists(from)) {
            throw new NoSuchFileException(from.toString());
        }
        throw new IOException(
                from + " holds no weights; expected a run folder, a checkpoint folder, a file of weights or a"
                        + " folder with " + MODEL_FILE + ", " + ShardedSafetensors.INDEX + " or " + TORCH_FILE);
    }

    /**
     * Finds out what network a file of weights is for: ours, or as {@link KnownWeights} knows them.
     *
     * @throws DamagedFile if it is no whole file of weights, or one of a classifier
     */
    public static Blueprint read(Path weights) throws IOException {
        try (KnownWeights known = KnownWeights.open(weights)) {
            return known.pretraining();
        }
    }

    /** What our own file says of itself. */
    static Blueprint of(TensorReader ours) throws DamagedFile {
        return of(ours, KEY, Blueprint.class);
    }

    static <B> B of(TensorReader ours, String key, Class<B> type) throws DamagedFile {
        try {
            return Settings.fromJson(
                    type, ours.file().toString(), ours.metadata().getOrDefault(key, ""));
        } catch (IllegalArgumentException bad) {
            throw new DamagedFile(ours.file(), "does not say what network it is for: " + bad.getMessage(), bad);
        }
    }

    /** Size of the clips that the network reads. */
    public ClipSize size() {
        return ClipSize.square(clip.frames(), side);
    }

    /**
     * What is predicted, and on which grids.
     *
     * @throws IllegalArgumentException if clips do not divide into tokens, tokens not into cells, or a depth is none
     */
    public Targets targets() {
        List<Targets.Depth> predicted = new ArrayList<>();
        int before = -1;
        for (int block : depths.isEmpty() ? List.of(model.depth() - 1) : depths) {
            if (block <= before || block >= model.depth()) {
                throw new IllegalArgumentException("depths " + depths + " must be blocks from 0 to "
                        + (model.depth() - 1) + ", each once, ascending");
            }
            before = block;
            Grid grid = model.grid(size(), block);
            int patch = model.patch(block);
            if (grid.h() * patch != side) { // a network may read such clips, but its tokens do not tile them
                throw new IllegalArgumentException("side " + side + " does not divide into the tokens of " + patch
                        + " px that come out of block " + block + "; the nearest that do are " + side / patch * patch
                        + " and " + (side / patch + 1) * patch);
            }
            predicted.add(new Targets.Depth(block, grid, target.build(normalize, patch)));
        }
        if (target instanceof HogTarget.Config hog && hog.gaussianWindow() > 0 && side % hog.gaussianWindow() != 0) {
            throw new IllegalArgumentException("target.gaussian-window " + hog.gaussianWindow()
                    + " px does not tile a side of " + side + " px; take one that divides it, or 0 for none");
        }
        return new Targets(model.embedGrid(size()), predicted);
    }

    /** The network with its first values. */
    public MaskFeat buildModel(long seed, Device device) {
        Targets targets = targets();
        // Without a scope, the handles that values were drawn into hold the weights until they are collected.
        try (PointerScope scope = new PointerScope();
                Init init = new Init(seed)) {
            Backbone backbone = model.build(size(), targets.last().block() + 1, init);
            MaskFeat built = new MaskFeat(backbone, targets.heads(), init);
            built.to(device);
            return built;
        }
    }

    /**
     * The network with the weights of a file, ready for use (not for training).
     *
     * @param device by name, as in {@link Devices#named}
     * @throws WeightsMismatch if the file lacks a part of it, such as the prediction head
     */
    public MaskFeat load(Path weights, String device) throws IOException {
        Device place = Devices.named(device);
        return load(weights, built(weights, () -> buildModel(0, place)));
    }

    /**
     * The backbone alone with the weights of a file, ready for use (not for training). Mask token and prediction head may
     * be in the file or not.
     *
     * @param device by name, as in {@link Devices#named}
     */
    public Backbone loadBackbone(Path weights, String device) throws IOException {
        Device place = Devices.named(device);
        return load(weights, built(weights, () -> buildBackbone(0, place)));
    }

    /** The backbone alone with its first values, the same as in {@link #buildModel}. */
    Backbone buildBackbone(long seed, Device device) {
        try (PointerScope scope = new PointerScope();
                Init init = new Init(seed)) {
            Backbone backbone = model.build(size(), blocks(), init);
            backbone.to(device);
            return backbone;
        }
    }

    /** How many blocks the network has: those after the last that predicts are left out. */
    int blocks() {
        return depths.isEmpty() ? model.depth() : depths.get(depths.size() - 1) + 1;
    }

    /** What cannot be built, a file of weights must not ask for. */
    static <L> L built(Path weights, Supplier<L> network) throws DamagedFile {
        try {
            return network.get();
        } catch (IllegalArgumentException impossible) {
            throw new DamagedFile(weights, "is for a network that cannot be: " + impossible.getMessage(), impossible);
        }
    }

    private static <L extends Layer> L load(Path weights, L network) throws IOException {
        try (KnownWeights known = KnownWeights.open(weights)) {
            known.into(network);
        } catch (Throwable failed) {
            network.close();
            throw failed;
        }
        network.train(false);
        return network;
    }
}
