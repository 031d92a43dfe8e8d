package maskfeat.cli;

import maskfeat.data.Views;
import maskfeat.infer.Batching;
import maskfeat.torch.Threads;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where, and how many views at once, a command computes that trains no network. */
final class ComputeOptions {
    @Mixin
    private DeviceOption device = new DeviceOption();

    @Option(
            names = "--batch",
            paramLabel = "N",
            description = "Number of views computed together. Default: ${DEFAULT-VALUE}.")
    private int batch = 16;

    @Option(names = "--threads", paramLabel = "N", description = "Number of computing threads. Default: all cores.")
    private int threads;

    /** Checks the numbers, and has them used. */
    void use() {
        if (batch < 1 || threads < 0) {
            throw new IllegalArgumentException(
                    "--batch " + batch + " must be at least 1, --threads " + threads + " must not be negative");
        }
        Threads.use(threads);
    }

    /** The device, by name. */
    String device() {
        return device.name();
    }

    int batch() {
        return batch;
    }

    Batching batching(Views views) {
        return Batching.of(views, batch);
    }
}
