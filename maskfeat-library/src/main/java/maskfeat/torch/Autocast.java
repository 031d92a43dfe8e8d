package maskfeat.torch;

import java.util.function.Supplier;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** libtorch's autocast of one thread. */
final class Autocast {
    static {
        Natives.ready();
    }

    private Autocast() {}

    /** Computes in bfloat16 on a kind of device, on this thread. */
    static <T> T bfloat16(DeviceType device, Supplier<T> body) {
        boolean before = torch.is_autocast_enabled(device);
        boolean cached = torch.is_autocast_cache_enabled();
        ScalarType type = torch.get_autocast_dtype(device);
        torch.set_autocast_dtype(device, ScalarType.BFloat16);
        // A cache would hold weights as they were before the optimizer's last step.
        torch.set_autocast_cache_enabled(false);
        torch.set_autocast_enabled(device, true);
        try {
            return body.get();
        } finally {
            torch.set_autocast_enabled(device, before);
            torch.set_autocast_cache_enabled(cached);
            torch.set_autocast_dtype(device, type);
        }
    }

    /** Whether this thread computes in bfloat16 on the processor. */
    static boolean isOnProcessor() {
        return torch.is_autocast_enabled(DeviceType.CPU);
    }

    /** Computes in float32 within {@link #bfloat16} on the processor. */
    static <T> T float32Within(Supplier<T> body) {
        torch.set_autocast_enabled(DeviceType.CPU, false);
        try {
            return body.get();
        } finally {
            torch.set_autocast_enabled(DeviceType.CPU, true);
        }
    }
}
