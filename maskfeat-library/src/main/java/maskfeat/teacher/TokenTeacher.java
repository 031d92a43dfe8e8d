package maskfeat.teacher;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import maskfeat.augment.Normalize;
import maskfeat.model.Features;
import maskfeat.network.Head;
import maskfeat.network.NetworkSpec;
import maskfeat.network.OpenedWeights;
import maskfeat.nn.Init;
import maskfeat.nn.Layer;
import maskfeat.nn.LayerNorm;
import maskfeat.nn.Linear;
import maskfeat.torch.Ops;
import maskfeat.weights.TensorFile;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A frozen transformer of images. Its cells are the patch tokens behind the network's last norm. A network without one, as
 * MaskFeat's pre-training leaves it, gives its tokens normalised over their numbers, without weights: a few large ones would
 * decide the direction of all otherwise.
 */
abstract class TokenTeacher implements Teacher {
    private static final String NORM = "norm.weight";

    private final NetworkSpec spec;
    private final List<String> notes;
    private final Top top;
    private final Layer encoder;
    private final int dim;

    /** What stands on the tokens: the last norm, and the classifier. */
    private static final class Top extends Layer {
        private final @Nullable LayerNorm norm;
        private final @Nullable Linear classifier;
        private final double epsilon;

        Top(int dim, boolean normed, double epsilon, int classes, Init init) {
            this.epsilon = epsilon;
            norm = normed ? add("norm", new LayerNorm(dim, 0, epsilon, init)) : null;
            classifier = classes > 0 ? add("head.projection", new Linear(dim, classes, 0, init)) : null;
        }

        Tensor norm(Tensor tokens) {
            return norm == null ? Ops.standardised(tokens, epsilon) : norm.forward(tokens);
        }
    }

    /**
     * @param encoder closed with this
     * @param dim width of its tokens
     */
    TokenTeacher(OpenedWeights weights, Layer encoder, int dim, Device device) throws IOException {
        this.spec = weights.spec();
        this.notes = weights.notes();
        this.encoder = encoder;
        boolean normed = weights.tensors().entries().containsKey(NORM);
        Head.@Nullable Classes head = spec.head() instanceof Head.Classes classes ? classes : null;
        double epsilon = head == null ? LayerNorm.EPS : head.normEpsilon();
        int classes = head == null ? 0 : head.names().size();
        this.dim = dim;
        top = NetworkSpec.on(device, 0, init -> new Top(dim, normed, epsilon, classes, init));
        try {
            TensorFile.load(weights.tensors(), top.parameters(), name -> true);
        } catch (Throwable failed) {
            top.close();
            throw failed;
        }
    }

    /** Refuses what reads no single pictures. */
    static void check(OpenedWeights weights) {
        if (!weights.spec().input().ofImages()) {
            throw new IllegalArgumentException(weights.file() + " is of a network that reads clips of "
                    + weights.spec().size().frames()
                    + " frames; a teacher reads single pictures: take a network of images");
        }
    }

    /** The tokens before the last norm. */
    abstract Features encode(Tensor frames);

    NetworkSpec spec() {
        return spec;
    }

    @Override
    public Normalize normalize() {
        return spec.input().normalize();
    }

    @Override
    public Tensor cells(Tensor frames) {
        return Frozen.compute(() -> {
            Features features = encode(frames);
            return onGrid(top.norm(features.patches()), features);
        });
    }

    /** [B, N, C] to [B, C, h, w]. */
    private static Tensor onGrid(Tensor tokens, Features features) {
        return tokens.transpose(1, 2)
                .reshape(
                        tokens.size(0),
                        tokens.size(2),
                        features.grid().h(),
                        features.grid().w());
    }

    @Override
    public int dim() {
        return dim;
    }

    @Override
    public int cellSide() {
        return cellSide(spec);
    }

    static int cellSide(NetworkSpec spec) {
        return spec.backbone().patch(spec.blocks() - 1);
    }

    @Override
    public OptionalInt classes() {
        return classes(spec);
    }

    static OptionalInt classes(NetworkSpec spec) {
        return spec.head() instanceof Head.Classes classes
                ? OptionalInt.of(classes.names().size())
                : OptionalInt.empty();
    }

    @Override
    public Tensor scores(Tensor frames) {
        @Nullable Linear classifier = top.classifier;
        if (classifier == null) {
            throw new IllegalStateException(description() + " has no classifier");
        }
        return Frozen.compute(() -> {
            Features features = encode(frames);
            return onGrid(classifier.forward(top.norm(features.patches())), features);
        });
    }

    @Override
    public String description() {
        return spec.backbone().describe() + ", "
                + String.format(Locale.ROOT, "%,d", encoder.parameterCount() + top.parameterCount()) + " parameters"
                + (top.norm == null ? "; its tokens are normalised without weights" : "");
    }

    @Override
    public List<String> notes() {
        return notes;
    }

    @Override
    public void close() {
        encoder.close();
        top.close();
    }
}
