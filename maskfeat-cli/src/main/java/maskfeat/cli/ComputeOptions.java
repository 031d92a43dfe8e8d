package maskfeat.cli;

import maskfeat.torch.Threads;
import picocli.CommandLine.Option;

/** Where and in what portions a command that trains no network computes. */
final class ComputeOptions {
    @Option(names = "--device", description = "cpu, cuda, cuda:N or auto. Default: ${DEFAULT-VALUE}.")
    String device = "auto";

    @Option(
            names = "--batch",
            paramLabel = "N",
            description = "Views that are computed together. Default: ${DEFAULT-VALUE}.")
    int batch = 16;

    @Option(names = "--threads", paramLabel = "N", description = "Threads that compute. Default: all cores.")
    private int threads;

    /** Refuses what is no portion. */
    void check() {
        if (batch < 1 || threads < 0) {
            throw new IllegalArgumentException(
                    "--batch " + batch + " must be at least 1, --threads " + threads + " must not be negative");
        }
    }

    void useThreads() {
        Threads.use(threads);
    }
}
