package maskfeat.recipe;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import maskfeat.disk.DamagedFile;
import maskfeat.model.Backbone;
import maskfeat.model.Classifier;
import maskfeat.nn.Layer;
import maskfeat.task.Embedding;
import maskfeat.torch.Devices;
import org.bytedeco.pytorch.Device;

/**
 * A backbone that gives features and is not trained: of a checkpoint of pre-training, or of a classifier.
 *
 * <pre>
 * try (FrozenNetwork network = FrozenNetwork.open(Path.of("runs/videos"), "auto")) {
 *     float[] features = network.embedding().of(frames);
 * }
 * </pre>
 */
public final class FrozenNetwork implements AutoCloseable {
    private final Layer whole;
    private final Backbone backbone;
    private final ClassifierBlueprint.Input input;
    private final Path weights;
    private final Device device;

    private FrozenNetwork(
            Layer whole, Backbone backbone, ClassifierBlueprint.Input input, Path weights, Device device) {
        whole.train(false);
        this.whole = whole;
        this.backbone = backbone;
        this.input = input;
        this.weights = weights;
        this.device = device;
    }

    /**
     * The network with its weights.
     *
     * @param from run folder, checkpoint folder or file of weights
     * @param device by name, as in {@link Devices#named}
     * @throws DamagedFile if the file is no such weights
     * @throws IOException if there are none, saying what was looked for
     */
    public static FrozenNetwork open(Path from, String device) throws IOException {
        Path weights = Blueprint.weights(from);
        if (ClassifierBlueprint.isIn(weights)) {
            ClassifierBlueprint blueprint = ClassifierBlueprint.read(weights);
            return of(blueprint, blueprint.load(weights, device), weights, device);
        }
        Blueprint blueprint = Blueprint.read(weights);
        return of(blueprint, blueprint.loadBackbone(weights, device), weights, device);
    }

    /**
     * The same network with first values, as if it had never been trained: what its features must be better than.
     *
     * @param from run folder, checkpoint folder or file, of which the weights are not read
     * @param seed of the first values
     * @param device by name, as in {@link Devices#named}
     */
    public static FrozenNetwork untrained(Path from, long seed, String device) throws IOException {
        Path weights = Blueprint.weights(from);
        if (ClassifierBlueprint.isIn(weights)) {
            ClassifierBlueprint blueprint = ClassifierBlueprint.read(weights);
            return of(blueprint, blueprint.buildModel(seed, Devices.named(device)), weights, device);
        }
        Blueprint blueprint = Blueprint.read(weights);
        return of(blueprint, blueprint.buildBackbone(seed, Devices.named(device)), weights, device);
    }

    private static FrozenNetwork of(ClassifierBlueprint blueprint, Classifier model, Path weights, String device) {
        return new FrozenNetwork(model, model.backbone(), blueprint.input(), weights, Devices.named(device));
    }

    private static FrozenNetwork of(Blueprint blueprint, Backbone backbone, Path weights, String device) {
        return new FrozenNetwork(backbone, backbone, input(blueprint), weights, Devices.named(device));
    }

    /** What a pre-trained backbone reads where it gives features. */
    static ClassifierBlueprint.Input input(Blueprint blueprint) {
        return new ClassifierBlueprint.Input(
                blueprint.clip(),
                blueprint.side(),
                Embedding.shortSide(blueprint.side()),
                blueprint.resize(),
                blueprint.normalize());
    }

    /** What it reads. */
    public ClassifierBlueprint.Input input() {
        return input;
    }

    public Backbone backbone() {
        return backbone;
    }

    /** The file that says what network it is. */
    public Path weights() {
        return weights;
    }

    /** What it runs on. */
    public Device device() {
        return device;
    }

    /** Features of single images and clips. */
    public Embedding embedding() {
        return new Embedding(backbone, input.crop(1), input.normalize(), device);
    }

    /**
     * Checks blocks that features are asked of.
     *
     * @param blocks counted from 0
     * @throws IllegalArgumentException unless there is at least one and they are ascending and in the network
     */
    void check(List<Integer> blocks) {
        int before = -1;
        for (int block : blocks) {
            if (block <= before || block >= backbone.depth()) {
                throw new IllegalArgumentException(
                        "blocks " + blocks + " must be from 0 to " + (backbone.depth() - 1) + ", each once, ascending");
            }
            before = block;
        }
        if (blocks.isEmpty()) {
            throw new IllegalArgumentException(
                    "features of no block: give one from 0 to " + (backbone.depth() - 1) + " at least");
        }
    }

    @Override
    public void close() {
        whole.close();
    }
}
