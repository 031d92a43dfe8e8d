package maskfeat.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.Callable;
import maskfeat.disk.AtomicFile;
import maskfeat.report.ComparisonReport;
import maskfeat.report.Scorecard;
import maskfeat.run.FinishedRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code maskfeat report}. */
@Command(
        name = "report",
        description = "Compares runs on one page: figures, curves, the settings that differ.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  maskfeat report runs/small-video runs/small-video-2",
            "  maskfeat report runs/probe-* --out probes.html",
            "",
            "Runs whose settings differ by the seed alone are taken together, with mean and standard deviation;",
            "those called NAME-seed1, NAME-seed2, ... also where they began with different weights."
        })
final class ReportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            arity = "1..*",
            paramLabel = "RUN",
            description =
                    "Folders of pretrain, finetune, probe or evaluate --out. One that cannot be read is named and left "
                            + "out; the exit code is then " + Exit.BAD_FILES + ".")
    private List<Path> folders = new ArrayList<>();

    @Option(
            names = "--out",
            converter = PlaceConverter.OnDisk.class,
            paramLabel = "FILE",
            description = "The page to write. Default: ${DEFAULT-VALUE}.")
    private Path out = Path.of("comparison.html");

    @Override
    public Integer call() throws Exception {
        if (Files.isDirectory(out)) {
            throw new IllegalArgumentException(
                    "--out " + out + " is a folder; name the page, such as " + out.resolve("comparison.html"));
        }
        Console console = Console.of(spec);
        List<FinishedRun> runs = new ArrayList<>();
        List<IOException> unreadable = new ArrayList<>();
        for (Path folder : new LinkedHashSet<>(
                folders.stream().map(each -> each.toAbsolutePath().normalize()).toList())) {
            try {
                runs.add(FinishedRun.read(folder));
            } catch (IOException failure) {
                unreadable.add(failure);
            }
        }
        if (runs.isEmpty()) {
            throw unreadable.get(0);
        }
        for (IOException left : unreadable) {
            console.say("warning: left out of the comparison: " + left.getMessage());
        }
        ComparisonReport report = new ComparisonReport(FinishedRun.summaries(runs));
        Path folder = out.toAbsolutePath().getParent();
        if (folder != null) {
            AtomicFile.folder(folder);
        }
        report.write(out);
        spec.commandLine().getOut().print(report.text(Scorecard.COLUMNS));
        spec.commandLine().getOut().flush();
        console.say("report: " + out);
        console.nextLine(Launcher.opening(out));
        return unreadable.isEmpty() ? Exit.OK : Exit.BAD_FILES;
    }
}
