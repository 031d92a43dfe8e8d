package maskfeat.teacher;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import maskfeat.augment.Normalize;
import maskfeat.disk.Shown;
import maskfeat.foreign.BottleneckResNet;
import maskfeat.foreign.DalleEncoder;
import maskfeat.foreign.FrozenNetwork;
import maskfeat.foreign.FrozenWeights;
import maskfeat.foreign.Layout;
import maskfeat.foreign.Told;
import maskfeat.network.NetworkSpec;
import maskfeat.network.OpenedWeights;
import maskfeat.weights.TensorReader;
import maskfeat.weights.Weights;
import org.bytedeco.pytorch.Device;

/**
 * Opens files of weights as teachers. Which network it is, the file tells: ResNets of bottlenecks as torchvision, timm, DINO and
 * MoCo name them, DALL-E's encoder (pickled whole, or FLAVA's codebook), and every transformer of images that {@link
 * OpenedWeights} reads, our own run folders among them.
 *
 * <pre>
 * try (Teacher teacher = Teachers.open(Path.of("dino_vitbase16_pretrain.pth"), Devices.named("cpu"))) {
 *     Tensor cells = teacher.cells(frames); // [B, 768, h, w]
 * }
 * </pre>
 */
public final class Teachers {
    private Teachers() {}

    /**
     * Opens a teacher.
     *
     * @param from run folder, checkpoint folder, or file
     * @throws java.nio.file.NoSuchFileException if there is nothing there
     * @throws maskfeat.disk.DamagedFile if the file is not whole, or refused
     * @throws maskfeat.foreign.UnfitWeights if it is of no network that is read, naming the tensor that shows it
     * @throws IllegalArgumentException if the network reads clips instead of pictures
     */
    public static Teacher open(Path from, Device device) throws IOException {
        return open(from, Told.NOTHING, device);
    }

    /**
     * As {@link #open(Path, Device)}, with what the file does not tell: the number of attention heads, and which of several
     * networks. Where that is not told, the one that is called a teacher is taken, or the one that its program goes on with
     * (MoCo's {@code encoder_q} or {@code base_encoder}).
     */
    public static Teacher open(Path from, Told told, Device device) throws IOException {
        Path file = OpenedWeights.find(from);
        Told which;
        try (TensorReader reader = Weights.open(file, told.network())) {
            Optional<FrozenWeights> frozen = FrozenWeights.in(reader, told);
            if (frozen.isPresent()) {
                return frozen(frozen.get(), device);
            }
            which = choosing(reader, told);
        }
        try (OpenedWeights weights = OpenedWeights.open(file, which)) {
            return VitTeacher.fits(weights.spec())
                    ? VitTeacher.open(weights, device)
                    : BackboneTeacher.open(weights, device);
        }
    }

    /**
     * Says what {@link #open(Path, Told, Device)} would give. No network is built, and no weights are computed with.
     *
     * @throws IOException as there
     * @throws IllegalArgumentException as there
     */
    public static TeacherFacts facts(Path from, Told told) throws IOException {
        Path file = OpenedWeights.find(from);
        Told which;
        try (TensorReader reader = Weights.open(file, told.network())) {
            Optional<FrozenWeights> frozen = FrozenWeights.in(reader, told);
            if (frozen.isPresent()) {
                FrozenNetwork network = frozen.get().network();
                boolean tokenizer = network instanceof DalleEncoder;
                return new TeacherFacts(
                        network.dim(),
                        network.cellSide(),
                        network.classes(),
                        tokenizer,
                        tokenizer ? DalleTeacher.INPUT : Normalize.IMAGENET);
            }
            which = choosing(reader, told);
        }
        try (OpenedWeights weights = OpenedWeights.open(file, which)) {
            TokenTeacher.check(weights);
            NetworkSpec spec = weights.spec();
            return new TeacherFacts(
                    spec.backbone().embedDim(),
                    TokenTeacher.cellSide(spec),
                    TokenTeacher.classes(spec),
                    false,
                    spec.input().normalize());
        }
    }

    /** Of several networks the one that is taken where none is told. */
    private static Told choosing(TensorReader reader, Told told) {
        return new Told(told.heads(), told.network().or(() -> FrozenWeights.preferred(Layout.networks(reader))));
    }

    private static Teacher frozen(FrozenWeights weights, Device device) throws IOException {
        List<String> notes = new ArrayList<>();
        notes.add(weights.file() + ": weights of " + weights.title()
                + (weights.wrapper().isEmpty() ? "" : ", under '" + Shown.text(weights.wrapper()) + "'"));
        if (weights.networks().size() > 1) {
            notes.add("the file has several networks, " + Shown.text(String.join(", ", weights.networks()))
                    + "; --network NAME takes another");
        }
        // An if of types: a switch over patterns is of a later Java.
        if (weights.network() instanceof BottleneckResNet resNet) {
            return new ResNetTeacher(weights, resNet, notes, device);
        }
        return new DalleTeacher(weights, (DalleEncoder) weights.network(), notes, device);
    }
}
