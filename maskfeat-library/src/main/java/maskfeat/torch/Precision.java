package maskfeat.torch;

import java.util.Locale;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Device;

/**
 * In which numbers a network multiplies: matrix products, attention and convolutions. Weights, norms, sums of residual branches,
 * losses and optimizers are float32 in every one. A setting, so that it loads no natives.
 */
public enum Precision {
    /** 24 bits of every number. */
    FLOAT32,
    /** What is multiplied is rounded to 8 bits, and added up in float32: libtorch's autocast. */
    BFLOAT16,
    /** Bfloat16 where the device is built for it, and float32 elsewhere. */
    AUTO;

    /**
     * That of a name, such as {@code bfloat16}.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Precision named(String name) {
        for (Precision precision : values()) {
            if (precision.toString().equals(name)) {
                return precision;
            }
        }
        throw new IllegalArgumentException("precision '" + name + "' is none of float32, bfloat16, auto");
    }

    /** This one on a device: float32 or bfloat16. */
    public Precision on(Device device) {
        return this != AUTO ? this : Bfloat16.of(device).pays() ? BFLOAT16 : FLOAT32;
    }

    /** Bytes of a number that is multiplied; not of {@link #AUTO}. */
    public int bytes() {
        return switch (this) {
            case FLOAT32 -> Float.BYTES;
            case BFLOAT16 -> Short.BYTES;
            case AUTO -> throw new IllegalStateException("which precision was never decided");
        };
    }

    /**
     * Computes in this precision, on this thread. Must not be {@link #AUTO}. What is differentiated afterwards is in the
     * precision in which it was computed; gradients of float32 weights are float32.
     *
     * @param device of the tensors
     */
    public <T> T compute(Device device, Supplier<T> body) {
        return switch (this) {
            case FLOAT32 -> body.get();
            case BFLOAT16 -> Autocast.bfloat16(device.type(), body);
            case AUTO -> throw new IllegalStateException("which precision was never decided");
        };
    }

    /** As a setting or an option says it, such as {@code bfloat16}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
