package maskfeat.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.global.torch;

/**
 * What the loaded natives are.
 *
 * @param libtorch version
 * @param blas what computes matrix products: MKL, OpenBLAS, or another
 * @param cpuCapability vector instructions that the kernels use, e.g. AVX2
 * @param threads of the kernels
 * @param cudaDevices that can be used
 * @param javacpp version
 * @param platform the natives are for
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
     * Loads them and looks.
     *
     * @throws UnsatisfiedLinkError if they cannot be loaded
     */
    public static Natives load() {
        torch.get_num_threads(); // loads everything
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

    /** One line for the start of a log. */
    public String summary() {
        return "libtorch " + libtorch + ", " + blas + ", " + cpuCapability + ", " + threads
                + (threads == 1 ? " thread" : " threads");
    }

    private static String version(String artifact) {
        try {
            return Loader.getVersion("org.bytedeco", artifact);
        } catch (IOException unknown) {
            return "unknown";
        }
    }

    /** By the libraries in this process where the system tells; else by what was asked for. */
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
                return asked();
            }
        }
        return asked();
    }

    private static String asked() {
        return System.getProperty("org.bytedeco.openblas.load", "OpenBLAS") + " (asked for)";
    }
}
