package maskfeat.torch;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch;

public final class Autocast {
    static {
        Natives.ready();
    }

    private Autocast() {}

    public static boolean attention, bias, depthwise, depthwiseAll, widenNorm, widenSoftmax;

    public static <T> T in(Device device, Supplier<T> body) {
        torch.DeviceType type = device.type();
        boolean before = torch.is_autocast_enabled(type);
        boolean cache = torch.is_autocast_cache_enabled();
        torch.set_autocast_dtype(type, torch.ScalarType.BFloat16);
        torch.set_autocast_cache_enabled(false);
        torch.set_autocast_enabled(type, true);
        try {
            return body.get();
        } finally {
            torch.set_autocast_enabled(type, before);
            torch.set_autocast_cache_enabled(cache);
        }
    }

    static boolean on() {
        return torch.is_autocast_enabled(torch.DeviceType.CPU);
    }

    static <T> T off(Supplier<T> body) {
        torch.set_autocast_enabled(torch.DeviceType.CPU, false);
        try {
            return body.get();
        } finally {
            torch.set_autocast_enabled(torch.DeviceType.CPU, true);
        }
    }
}
