package maskfeat.torch;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * libtorch's random generator on the CPU. Drop path and dropout draw from it whatever the device of the network, and
 * checkpoints keep its state.
 */
public final class Generators {
    static {
        Natives.ready();
    }

    private Generators() {}

    /** Seeds the default generators of all devices. */
    public static void seed(long seed) {
        torch.manual_seed(seed);
    }

    /** A generator of its own with this seed, on the CPU. */
    public static Generator seeded(long seed) {
        return torch.createCPUGenerator(seed);
    }

    /** Normal numbers with mean 0, drawn from this generator. */
    public static Tensor normal(Generator generator, double std, long... shape) {
        return torch.normal(0, std, shape, new GeneratorOptional(generator), new TensorOptions(ScalarType.Float));
    }

    /** Numbers uniform between -bound and bound, drawn from this generator. */
    public static Tensor uniform(Generator generator, double bound, long... shape) {
        return Arrays.empty(ScalarType.Float, shape).uniform_(-bound, bound, new GeneratorOptional(generator));
    }

    /**
     * Random dropout factors: 0 with probability {@code rate}, otherwise {@code 1 / (1 - rate)}.
     *
     * <p>Drawn on the CPU and copied, because checkpoints do not keep the generators of other devices: a resumed run
     * would drop other values than an uninterrupted one.
     *
     * @return [shape], on the device of {@code like}
     */
    public static Tensor dropped(double rate, Tensor like, long... shape) {
        double keep = 1 - rate;
        return Arrays.empty(ScalarType.Float, shape)
                .uniform_()
                .add_(new Scalar(keep))
                .floor_()
                .div_(new Scalar(keep))
                .to(like.device(), ScalarType.Float);
    }

    /** The state of the default CPU generator. */
    public static byte[] state() {
        try (PointerScope scope = new PointerScope()) {
            Tensor state = torch.getDefaultCPUGenerator().get_state();
            byte[] bytes = new byte[Math.toIntExact(state.numel())];
            new BytePointer(state.data_ptr()).get(bytes);
            return bytes;
        }
    }

    /** Puts the default CPU generator into a state that {@link #state} returned. */
    public static void restore(byte[] state) {
        try (PointerScope scope = new PointerScope()) {
            Tensor tensor = Arrays.empty(ScalarType.Byte, state.length);
            new BytePointer(tensor.data_ptr()).put(state, 0, state.length);
            torch.getDefaultCPUGenerator().set_state(tensor);
        }
    }
}
