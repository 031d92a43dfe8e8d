package maskfeat.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code maskfeat bench}. */
@Command(
        name = "bench",
        description = "Measures the benefit of pre-training, what it depends on, and what a step costs.",
        mixinStandardHelpOptions = true,
        subcommands = {BenchSample.class, BenchAblation.class, BenchStep.class},
        footer = {"", "Examples:", "  maskfeat bench sample", "  maskfeat bench step small-video"})
final class BenchCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut(), CommandLine.Help.Ansi.OFF);
    }
}
