package maskfeat.cli;

import picocli.CommandLine.Option;

/** Where a command computes. */
final class DeviceOption {
    @Option(
            names = "--device",
            completionCandidates = Choices.Devices.class,
            paramLabel = "DEVICE",
            description = "cpu, cuda, cuda:N or auto. Default: ${DEFAULT-VALUE}.")
    private String device = "auto";

    /** As {@code Devices.named} takes it. */
    String name() {
        return device;
    }
}
