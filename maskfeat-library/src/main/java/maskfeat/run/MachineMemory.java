package maskfeat.run;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Memory of this machine and of this process, in bytes. Where the system does not tell, numbers are NaN.
 *
 * @param total of the machine, or of the container that the process is in
 * @param free that this process could have beside what it has; of a container that others are in too, it may be less
 * @param used by this process now
 * @param peak most that it has used so far
 */
record MachineMemory(double total, double free, double used, double peak) {
    private static final Path PROCESS = Path.of("/proc/self/status");
    private static final Path MACHINE = Path.of("/proc/meminfo");
    private static final double GIB = 1 << 30;

    /** Tells what there is. */
    interface Source {
        MachineMemory now() throws IOException;
    }

    static MachineMemory now() throws IOException {
        double total = ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? system.getTotalMemorySize()
                : Double.NaN;
        double used = line(PROCESS, "VmRSS:");
        return new MachineMemory(
                total, Math.min(line(MACHINE, "MemAvailable:"), total - used), used, line(PROCESS, "VmHWM:"));
    }

    private static double line(Path file, String name) throws IOException {
        if (!Files.isReadable(file)) {
            return Double.NaN;
        }
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(name))
                    .mapToDouble(line -> 1024 * Double.parseDouble(line.replaceAll("[^0-9]", "")))
                    .findFirst()
                    .orElse(Double.NaN);
        }
    }

    /** Bytes for people, such as "1.9 GiB". */
    static String text(double bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", bytes / GIB);
    }
}
