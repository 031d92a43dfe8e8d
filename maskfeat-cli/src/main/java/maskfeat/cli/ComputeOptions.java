package maskfeat.cli;

import maskfeat.data.Views;
import maskfeat.infer.Batching;
import maskfeat.infer.Inference;
import maskfeat.torch.Bfloat16;
import maskfeat.torch.Precision;
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

    @Option(
            names = "--precision",
            completionCandidates = Choices.Precisions.class,
            paramLabel = "NUMBERS",
            description =
                    "In which numbers the backbone multiplies: float32, bfloat16, or auto, which is bfloat16 where the "
                            + "device is built for it. Default: ${DEFAULT-VALUE}.")
    private String precision = "float32";

    /** Checks them, and has the threads used. */
    void use() {
        Precision.named(precision);
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

    /** The network, computing as was asked for. */
    Inference over(Inference network, Console console) {
        Bfloat16 here = Bfloat16.of(network.device());
        if (network.in(Precision.named(precision)).precision() == Precision.BFLOAT16 && !here.pays()) {
            console.say("warning: --precision is bfloat16, and " + here.reason() + ": slower than float32");
        }
        return network;
    }

    /** Number of computing threads; 0 for all cores. */
    int threads() {
        return threads;
    }

    int batch() {
        return batch;
    }

    Batching batching(Views views) {
        return Batching.of(views, batch);
    }
}
