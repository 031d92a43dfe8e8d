package maskfeat.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import maskfeat.disk.Doing;
import maskfeat.disk.NativeCache;
import maskfeat.disk.Plural;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.global.torch;

/**
 * The native libraries that are loaded, and what they can use.
 *
 * @param libtorch version
 * @param blas library that computes matrix products: MKL, OpenBLAS or another
 * @param cpuCapability vector instructions that the kernels use, e.g. AVX2
 * @param threads number of threads that the kernels use
 * @param cudaDevices number of usable CUDA devices
 * @param javacpp version
 * @param platform that the natives were built for
 * @param explicitCollections whether JavaCPP calls the garbage collector by itself when memory seems short
 */
public record Natives(
        String libtorch,
        String blas,
        String cpuCapability,
        int threads,
        long cudaDevices,
        String javacpp,
        String platform,
        boolean explicitCollections) {
    /**
     * Loads the natives and describes them.
     *
     * @throws UnsatisfiedLinkError if they cannot be loaded
     */
    public static Natives load() {
        ready();
        return new Natives(
                version("pytorch"),
                loadedBlas(),
                torch.get_cpu_capability().getString(),
                torch.get_num_threads(),
                Devices.cudaCount(),
                version("javacpp"),
                Loader.getPlatform(),
                Pointer.maxPhysicalBytes() > 0);
    }

    /**
     * Loads libtorch, if it is not loaded yet. To be called before the first use of its classes, because that unpacks it, and
     * several processes may do so at once: in the static block of every class that may be the first.
     *
     * @throws UnsatisfiedLinkError if it cannot be loaded, saying why
     */
    public static void ready() {
        Loaded.once();
    }

    private static final class Loaded {
        static {
            String blas = System.getProperty("org.bytedeco.openblas.load", "openblas");
            try (Doing doing = Doing.begin("loading libtorch")) {
                NativeCache.here().load("pytorch-" + version("pytorch") + "-" + blas, torch::get_num_threads);
            }
        }

        static void once() {}
    }

    /** One line for the start of a log. */
    public String summary() {
        return "libtorch " + libtorch + ", " + blas + ", " + cpuCapability + ", " + Plural.of(threads, "thread");
    }

    private static String version(String artifact) {
        try {
            return Loader.getVersion("org.bytedeco", artifact);
        } catch (IOException unknown) {
            return "unknown";
        }
    }

    /** Reads the libraries mapped into this process, where the system lists them; otherwise the requested one. */
    private static String loadedBlas() {
        Path maps = Path.of("/proc/self/maps");
        if (Files.isReadable(maps)) {
            try (Stream<String> lines = Files.lines(maps)) {
                List<String> libraries =
                        lines.filter(line -> line.contains(".so")).toList();
                if (libraries.stream().anyMatch(line -> line.contains("mkl_rt") || line.contains("mkl_core"))) {
                    return "MKL";
                }
                if (libraries.stream().anyMatch(line -> line.contains("openblas"))) {
                    return "OpenBLAS";
                }
            } catch (IOException unreadable) {
                return requestedBlas();
            }
        }
        return requestedBlas();
    }

    private static String requestedBlas() {
        return System.getProperty("org.bytedeco.openblas.load", "OpenBLAS") + " (requested)";
    }
}
