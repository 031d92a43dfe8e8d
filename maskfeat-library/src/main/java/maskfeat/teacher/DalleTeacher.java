package maskfeat.teacher;

import static maskfeat.foreign.DalleEncoder.block;

import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;
import maskfeat.augment.Normalize;
import maskfeat.foreign.DalleEncoder;
import maskfeat.foreign.FrozenWeights;
import maskfeat.torch.Ops;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The frozen encoder of DALL-E (Ramesh et al. 2021, appendix A.2), whose tokens BEiT predicts. Its cells are the logits of the
 * tokens. It computes in float32 on every device; its own program uses half precision on GPUs, which gives other tokens in a
 * small share of the cells.
 */
final class DalleTeacher implements Teacher {
    /** {@code 0.8 x + 0.1} of brightness between 0 and 1: its own program keeps logits of pixels from the ends. */
    static final Normalize INPUT = new Normalize(List.of(-0.125f, -0.125f, -0.125f), List.of(1.25f, 1.25f, 1.25f));

    private final DalleEncoder network;
    private final Frozen weights;
    private final List<String> notes;

    DalleTeacher(FrozenWeights file, DalleEncoder network, List<String> notes, Device device) throws IOException {
        this.network = network;
        this.notes = notes;
        weights = Frozen.read(file, device);
    }

    @Override
    public Normalize normalize() {
        return INPUT;
    }

    @Override
    public Tensor cells(Tensor frames) {
        return Frozen.compute(() -> {
            Tensor x = input(frames);
            for (int g = 1; g <= network.groups(); g++) {
                x = group(x, g);
            }
            return convolve(x.relu(), "blocks.output.conv", 1);
        });
    }

    /** [B, 3, H, W] to [B, hidden, H, W]. */
    Tensor input(Tensor frames) {
        return convolve(frames, "blocks.input", 7);
    }

    /** All blocks of a group, counted from 1, and the pooling behind it, which the last has not. */
    Tensor group(Tensor x, int group) {
        for (int b = 1; b <= network.blocks(); b++) {
            String block = block(group, b);
            Tensor shortcut = network.projects(group, b) ? convolve(x, block + "id_path", 1) : x;
            Tensor y = x;
            for (int c = 1; c <= DalleEncoder.CONVOLUTIONS; c++) {
                y = convolve(y.relu(), block + "res_path.conv_" + c, DalleEncoder.kernel(c));
            }
            x = shortcut.add(y.mul_(new Scalar(network.postGain())));
        }
        return group < network.groups() ? Ops.maxPool2x2(x) : x;
    }

    private Tensor convolve(Tensor x, String name, int kernel) {
        return Ops.conv2d(x, weights.get(name + ".w"), weights.get(name + ".b"), 1, (kernel - 1) / 2);
    }

    @Override
    public boolean isTokenizer() {
        return true;
    }

    @Override
    public int dim() {
        return network.dim();
    }

    @Override
    public int cellSide() {
        return network.cellSide();
    }

    @Override
    public OptionalInt classes() {
        return OptionalInt.empty();
    }

    @Override
    public Tensor scores(Tensor frames) {
        throw new IllegalStateException(description() + " has no classifier");
    }

    @Override
    public String description() {
        return network.describe();
    }

    @Override
    public List<String> notes() {
        return notes;
    }

    @Override
    public void close() {
        weights.close();
    }
}
