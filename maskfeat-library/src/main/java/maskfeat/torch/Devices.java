package maskfeat.torch;

import java.util.Locale;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch;

/** Where tensors live. */
public final class Devices {
    static {
        Natives.ready();
    }

    private Devices() {}

    /**
     * A device by name: {@code cpu}, {@code cuda}, {@code cuda:1}, or {@code auto} for the first GPU where there is
     * one.
     *
     * @throws IllegalArgumentException if the name is not one of these, or the machine has no such device
     */
    public static Device named(String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        if (wanted.equals("auto")) {
            return new Device(cudaCount() > 0 ? "cuda:0" : "cpu");
        }
        if (wanted.equals("cpu")) {
            return new Device("cpu");
        }
        if (!wanted.matches("cuda(:[0-9]{1,3})?")) {
            throw new IllegalArgumentException("device '" + name + "' is none of auto, cpu, cuda, cuda:N");
        }
        int index = wanted.equals("cuda") ? 0 : Integer.parseInt(wanted.substring("cuda:".length()));
        if (index >= cudaCount()) {
            throw new IllegalArgumentException("device '" + name + "' is not here: "
                    + (cudaCount() == 0
                            ? "no CUDA device, or natives without CUDA (build with -Pgpu); use device cpu"
                            : "there are " + cudaCount() + " CUDA devices, counted from 0"));
        }
        return new Device("cuda:" + index);
    }

    /** The name of a device, as {@link #named} takes it. */
    public static String name(Device device) {
        return device.str().getString();
    }

    /** Returns when all that was asked of a device is done; at once for a CPU, which computes when it is asked. */
    public static void waitFor(Device device) {
        if (device.is_cuda()) {
            torch.cuda_synchronize(device.index());
        }
    }

    /** Number of CUDA devices that the loaded natives can use. */
    public static long cudaCount() {
        return torch.cuda_is_available() ? torch.getNumGPUs() : 0;
    }
}
