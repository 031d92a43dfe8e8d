package maskfeat.torch;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Java arrays to tensors and back, each with exactly one copy. */
public final class Arrays {
    static {
        Natives.ready();
    }

    private Arrays() {}

    /** A float tensor on the CPU with these values, row-major. */
    public static Tensor tensor(float[] values, long... shape) {
        Tensor tensor = empty(ScalarType.Float, shape);
        int count = checked(tensor, values.length);
        if (count > 0) { // a tensor of nothing has no memory
            new FloatPointer(tensor.data_ptr()).put(values, 0, count);
        }
        return tensor;
    }

    /** A copy of the numbers, on the CPU, in double precision. */
    public static Tensor tensor(double[] values, long... shape) {
        Tensor tensor = empty(ScalarType.Double, shape);
        new DoublePointer(tensor.data_ptr()).put(values, 0, values.length);
        return tensor;
    }

    /** A long tensor on the CPU with these values, row-major. */
    public static Tensor tensor(long[] values, long... shape) {
        Tensor tensor = empty(ScalarType.Long, shape);
        int count = checked(tensor, values.length);
        if (count > 0) { // a tensor of nothing has no memory
            new LongPointer(tensor.data_ptr()).put(values, 0, count);
        }
        return tensor;
    }

    /** A tensor of unsigned bytes on the CPU with these values, row-major. */
    public static Tensor tensor(byte[] values, long... shape) {
        Tensor tensor = empty(ScalarType.Byte, shape);
        new BytePointer(tensor.data_ptr()).put(values, 0, checked(tensor, values.length));
        return tensor;
    }

    /** A boolean tensor on the CPU with these values, row-major. */
    public static Tensor tensor(boolean[] values, long... shape) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) (values[i] ? 1 : 0);
        }
        Tensor tensor = empty(ScalarType.Bool, shape);
        new BytePointer(tensor.data_ptr()).put(bytes, 0, checked(tensor, bytes.length));
        return tensor;
    }

    /** A float tensor that has a shape and no memory: it cannot be computed with. */
    public static Tensor shapeOnly(long... shape) {
        TensorOptions options = new TensorOptions(ScalarType.Float).device(new DeviceOptional(new Device("meta")));
        return torch.empty(shape, options, null);
    }

    /** An uninitialised tensor on the CPU. */
    public static Tensor empty(ScalarType type, long... shape) {
        return torch.empty(shape, new TensorOptions(type), null);
    }

    /** A float tensor of zeros on the same device as {@code like}. */
    public static Tensor zeros(Tensor like, long... shape) {
        return torch.zeros(shape, options(ScalarType.Float, like.device()));
    }

    /** The options of a tensor of a type on a device. */
    public static TensorOptions options(ScalarType type, Device device) {
        return new TensorOptions(type).device(new DeviceOptional(device));
    }

    /** The values, row-major, converted to float; waits for the device. */
    public static float[] floats(Tensor tensor) {
        Tensor cpu = tensor.detach().to(new Device("cpu"), ScalarType.Float).contiguous();
        float[] values = new float[Math.toIntExact(cpu.numel())];
        new FloatPointer(cpu.data_ptr()).get(values);
        return values;
    }

    /** All numbers of a tensor of double precision on the CPU, row by row. */
    public static double[] doubles(Tensor tensor) {
        double[] values = new double[Math.toIntExact(tensor.numel())];
        new DoublePointer(tensor.contiguous().data_ptr()).get(values, 0, values.length);
        return values;
    }

    /** The values of a tensor of whole numbers, row-major; waits for the device. */
    public static long[] longs(Tensor tensor) {
        Tensor cpu = tensor.detach().to(new Device("cpu"), ScalarType.Long).contiguous();
        long[] values = new long[Math.toIntExact(cpu.numel())];
        new LongPointer(cpu.data_ptr()).get(values);
        return values;
    }

    private static int checked(Tensor tensor, int length) {
        if (tensor.numel() != length) {
            throw new IllegalArgumentException(
                    length + " values do not fill a tensor of " + java.util.Arrays.toString(tensor.shape()));
        }
        return length;
    }
}
