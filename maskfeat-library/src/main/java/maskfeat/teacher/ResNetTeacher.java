package maskfeat.teacher;

import static maskfeat.foreign.BottleneckResNet.block;

import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;
import maskfeat.augment.Normalize;
import maskfeat.foreign.BottleneckResNet;
import maskfeat.foreign.FrozenWeights;
import maskfeat.torch.Ops;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A frozen ResNet of bottlenecks. Its cells are the output of the last stage, behind the last ReLU and before pooling; scores of
 * classes are those of its classifier as a 1 x 1 convolution, as pooling by the mean and a linear layer commute.
 */
final class ResNetTeacher implements Teacher {
    private final BottleneckResNet network;
    private final Frozen weights;
    private final List<String> notes;

    ResNetTeacher(FrozenWeights file, BottleneckResNet network, List<String> notes, Device device) throws IOException {
        this.network = network;
        this.notes = notes;
        weights = Frozen.read(file, device);
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            fold("conv1.weight", "bn1");
            for (int s = 0; s < BottleneckResNet.STAGES; s++) {
                for (int b = 0; b < network.stages().get(s).blocks(); b++) {
                    for (int c = 1; c <= 3; c++) {
                        fold(block(s, b) + "conv" + c + ".weight", block(s, b) + "bn" + c);
                    }
                    if (network.projects(s, b)) {
                        fold(block(s, b) + "downsample.0.weight", block(s, b) + "downsample.1");
                    }
                }
            }
        } catch (Throwable failed) {
            weights.close();
            throw failed;
        }
    }

    /**
     * Multiplies a norm with running statistics into the convolution before it, in float64 and rounded once. Its shift becomes the
     * bias, under the norm's name.
     */
    private void fold(String convolution, String norm) {
        Tensor scale = wide(norm + ".running_var")
                .add(new Scalar(BottleneckResNet.NORM_EPSILON))
                .rsqrt()
                .mul(wide(norm + ".weight"));
        Tensor shift = wide(norm + ".bias").sub(wide(norm + ".running_mean").mul(scale));
        Tensor kernels = wide(convolution).mul(scale.reshape(-1, 1, 1, 1));
        weights.put(convolution, kernels.to(ScalarType.Float));
        weights.put(norm + ".bias", shift.to(ScalarType.Float));
        for (String used : List.of(".weight", ".running_mean", ".running_var")) {
            weights.remove(norm + used);
        }
    }

    private Tensor wide(String name) {
        return weights.get(name).to(ScalarType.Double);
    }

    @Override
    public Normalize normalize() {
        return Normalize.IMAGENET;
    }

    @Override
    public Tensor cells(Tensor frames) {
        return Frozen.compute(() -> {
            Tensor x = stem(frames);
            for (int s = 0; s < BottleneckResNet.STAGES; s++) {
                x = stage(x, s);
            }
            return x;
        });
    }

    /** [B, 3, H, W] to [B, stem, H / 4, W / 4], rounded up. */
    Tensor stem(Tensor frames) {
        return Ops.maxPool3x3(convolve(frames, "conv1.weight", "bn1", 2, 3).relu(), 2);
    }

    /** All bottlenecks of a stage, counted from 0. */
    Tensor stage(Tensor x, int stage) {
        for (int b = 0; b < network.stages().get(stage).blocks(); b++) {
            int stride = b == 0 ? BottleneckResNet.stride(stage) : 1;
            String block = block(stage, b);
            Tensor shortcut = network.projects(stage, b)
                    ? convolve(x, block + "downsample.0.weight", block + "downsample.1", stride, 0)
                    : x;
            Tensor y = convolve(x, block + "conv1.weight", block + "bn1", 1, 0).relu_();
            y = convolve(y, block + "conv2.weight", block + "bn2", stride, 1).relu_();
            y = convolve(y, block + "conv3.weight", block + "bn3", 1, 0);
            x = y.add_(shortcut).relu_();
        }
        return x;
    }

    /** Convolution and the norm behind it. */
    private Tensor convolve(Tensor x, String kernels, String norm, long stride, long padding) {
        return Ops.conv2d(x, weights.get(kernels), weights.get(norm + ".bias"), stride, padding);
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
        return network.classes();
    }

    @Override
    public Tensor scores(Tensor frames) {
        if (classes().isEmpty()) {
            throw new IllegalStateException(description() + " has no classifier");
        }
        return Frozen.compute(() -> {
            Tensor kernels = weights.get("fc.weight").unsqueeze(2).unsqueeze(3);
            return Ops.conv2d(cells(frames), kernels, weights.get("fc.bias"), 1);
        });
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
