package maskfeat.foreign;

import java.util.List;
import maskfeat.weights.MadeUpTensors;

/** Small networks that can be teachers, under the names of their programs. */
public final class FrozenNetworks {
    /** Narrow, but as deep as ResNet-50. */
    public static final BottleneckResNet RESNET = new BottleneckResNet(
            8,
            List.of(
                    new BottleneckResNet.Stage(3, 4, 16),
                    new BottleneckResNet.Stage(4, 8, 32),
                    new BottleneckResNet.Stage(6, 16, 64),
                    new BottleneckResNet.Stage(3, 32, 128)),
            7);

    /** Without a classifier. */
    public static final BottleneckResNet BACKBONE = new BottleneckResNet(RESNET.stem(), RESNET.stages(), 0);

    /** Narrow, with few tokens. */
    public static final DalleEncoder DALLE = new DalleEncoder(8, 4, 2, 32);

    private FrozenNetworks() {}

    /** A network's own tensors. */
    public static MadeUpTensors of(FrozenNetwork network) {
        return with(new MadeUpTensors(), network, "");
    }

    /** As torchvision saves a ResNet: with counts of the norms. */
    public static MadeUpTensors torchvision() {
        return counted(of(RESNET), "");
    }

    /** The file of DINO's ResNet: the same names without the classifier. */
    public static MadeUpTensors dino() {
        return counted(of(BACKBONE), "");
    }

    /** DINO's checkpoint of training: two networks with heads. */
    public static MadeUpTensors dinoCheckpoint() {
        MadeUpTensors tensors = new MadeUpTensors();
        for (String network : List.of("student.module.", "teacher.module.")) {
            counted(with(tensors, BACKBONE, network + "backbone."), network + "backbone.")
                    .with(network + "head.mlp.0.weight", 16, 128)
                    .with(network + "head.last_layer.weight_g", 24, 1);
        }
        return tensors;
    }

    /** MoCo v2's, as its {@code state_dict} is. */
    public static MadeUpTensors mocoV2() {
        MadeUpTensors tensors = new MadeUpTensors().with("module.queue", 16, 24).with("module.queue_ptr", 1);
        for (String network : List.of("module.encoder_q.", "module.encoder_k.")) {
            counted(with(tensors, BACKBONE, network), network)
                    .with(network + "fc.0.weight", 128, 128)
                    .with(network + "fc.0.bias", 128)
                    .with(network + "fc.2.weight", 16, 128)
                    .with(network + "fc.2.bias", 16);
        }
        return tensors;
    }

    /** MoCo v3's, as its {@code state_dict} is. */
    public static MadeUpTensors mocoV3() {
        MadeUpTensors tensors = new MadeUpTensors();
        for (String network : List.of("module.base_encoder.", "module.momentum_encoder.")) {
            counted(with(tensors, BACKBONE, network), network)
                    .with(network + "fc.0.weight", 64, 128)
                    .with(network + "fc.1.running_mean", 64)
                    .with(network + "fc.1.num_batches_tracked");
        }
        return tensors.with("module.predictor.0.weight", 64, 16);
    }

    /** FLAVA's codebook. */
    public static MadeUpTensors flava(String prefix) {
        MadeUpTensors tensors = new MadeUpTensors();
        DALLE.shapes()
                .forEach((name, shape) -> tensors.with(
                        prefix
                                + name.replaceFirst("(group_\\d)\\.", "$1.group.")
                                        .replace("res_path.", "res_path.path.")
                                        .replaceFirst("\\.w$", ".weight")
                                        .replaceFirst("\\.b$", ".bias"),
                        shape));
        return tensors;
    }

    private static MadeUpTensors with(MadeUpTensors tensors, FrozenNetwork network, String prefix) {
        network.shapes().forEach((name, shape) -> tensors.with(prefix + name, shape));
        return tensors;
    }

    private static MadeUpTensors counted(MadeUpTensors tensors, String prefix) {
        for (String name : List.copyOf(tensors.entries().keySet())) {
            if (name.startsWith(prefix) && name.endsWith(".running_mean") && !name.contains(".fc.")) {
                tensors.with(name.replace("running_mean", "num_batches_tracked"));
            }
        }
        return tensors;
    }
}
