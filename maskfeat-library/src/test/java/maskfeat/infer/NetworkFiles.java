package maskfeat.infer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import maskfeat.augment.Normalize;
import maskfeat.augment.Resize;
import maskfeat.data.StillImage;
import maskfeat.data.StridedClip;
import maskfeat.disk.AtomicFile;
import maskfeat.feature.HogTarget;
import maskfeat.mask.BlockMask;
import maskfeat.mask.CubeMask;
import maskfeat.model.Classifier;
import maskfeat.model.Mvit;
import maskfeat.model.Vit;
import maskfeat.network.ActionHead;
import maskfeat.network.Head;
import maskfeat.network.Input;
import maskfeat.network.NetworkSpec;
import maskfeat.nn.Layer;
import maskfeat.torch.RandomTensors;
import maskfeat.weights.TensorFile;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;

/** Files of small networks that have learned nothing, but say something else of each image. */
public final class NetworkFiles {
    static final int SIDE = 64;
    public static final List<String> CLASSES = List.of("one", "two", "three");

    private static final Input IMAGES =
            new Input(StillImage.defaults(), SIDE, 72, Resize.Filter.BICUBIC, Normalize.IMAGENET);
    private static final Input CLIPS =
            new Input(new StridedClip(8, 1), SIDE, 73, Resize.Filter.BILINEAR, Normalize.KINETICS);
    private static final Vit.Config VIT = new Vit.Config(16, 1, 16, 2, 2, 4, 0.5);
    private static final Mvit.Config MVIT = new Mvit.Config(10, 1, List.of(1, 1, 1, 2), 8, false, false, true, 4, 0.5);

    private NetworkFiles() {}

    private static Head classes() {
        return new Head.Classes(Classifier.Pooling.MEAN, 0.5, CLASSES);
    }

    public static NetworkSpec imageClassifier() {
        return new NetworkSpec(IMAGES, VIT, classes());
    }

    public static NetworkSpec clipClassifier() {
        return new NetworkSpec(CLIPS, MVIT, classes());
    }

    public static NetworkSpec clipDetector() {
        return new NetworkSpec(CLIPS, MVIT, new ActionHead(0.5, CLASSES, List.of(1, 2, 3)));
    }

    public static NetworkSpec imagePretraining() {
        return new NetworkSpec(
                IMAGES, VIT, new Head.Prediction(List.of(), BlockMask.of(0.4), HogTarget.Config.paper()));
    }

    static NetworkSpec clipPretraining() {
        return new NetworkSpec(CLIPS, MVIT, new Head.Prediction(List.of(), CubeMask.of(0.4), HogTarget.Config.paper()));
    }

    public static Path write(Path file, NetworkSpec spec, long seed) throws IOException {
        return write(file, spec, seed, "");
    }

    /** Without the weights whose names begin like this. */
    static Path write(Path file, NetworkSpec spec, long seed, String without) throws IOException {
        try (Layer network = spec.build(seed, new Device("cpu"))) {
            Map<String, Tensor> parameters = network.parameters();
            RandomTensors.addNoise(parameters, 0.2, seed);
            if (!without.isEmpty()) {
                parameters.keySet().removeIf(name -> name.startsWith(without));
            }
            AtomicFile.write(file, TensorFile.content(spec.metadata(), parameters));
        }
        return file;
    }
}
