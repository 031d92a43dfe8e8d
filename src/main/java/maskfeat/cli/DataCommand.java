package maskfeat.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import maskfeat.data.ImageDataset;
import maskfeat.data.SampleSet;
import maskfeat.data.Scan;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code maskfeat data scan} and {@code maskfeat data sample}. */
@Command(
        name = "data",
        description = "Looks at data, or makes some.",
        subcommands = {DataCommand.ScanCommand.class, DataCommand.SampleCommand.class},
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "(scan | sample)")
final class DataCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /** {@code maskfeat data scan}. */
    @Command(
            name = "scan",
            description = "Reads every file and says what cannot be used and why. Exits with "
                    + Exit.BAD_FILES
                    + " if that is any.",
            mixinStandardHelpOptions = true)
    static final class ScanCommand implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Parameters(paramLabel = "PATH", description = "Folder, every file of which is read, or list file.")
        private Path path = Path.of("");

        @Option(names = "--all", description = "Name the good files too.")
        private boolean all;

        @Option(names = "--json", description = "One JSON object a file, and nothing else.")
        private boolean json;

        @Option(names = "--write-list", paramLabel = "FILE", description = "Write a list file of the usable ones.")
        private @Nullable Path list;

        @Override
        public Integer call() throws IOException, InterruptedException {
            PrintWriter out = spec.commandLine().getOut();
            ImageDataset dataset = ImageDataset.openEveryFile(path);
            List<Scan.Finding> good = new ArrayList<>();
            Map<String, Integer> counts = Scan.of(dataset, Runtime.getRuntime().availableProcessors(), finding -> {
                if (finding.usable()) {
                    good.add(finding);
                }
                print(out, finding);
            });
            if (!json) {
                summarise(out, dataset, counts, good);
            }
            out.flush();
            if (list != null) {
                writeList(list, good);
            }
            return good.size() == dataset.size() ? Exit.OK : Exit.BAD_FILES;
        }

        private void print(PrintWriter out, Scan.Finding finding) {
            if (json) {
                Map<String, Object> row = new LinkedHashMap<>();
                row.put("file", finding.item().file().toString());
                row.put("verdict", finding.verdict());
                row.put("width", finding.width());
                row.put("height", finding.height());
                row.put("reason", finding.reason());
                out.println(JsonMapper.shared().writeValueAsString(row));
            } else if (!finding.reason().isEmpty()) {
                out.printf("%-14s %s%n", finding.verdict(), finding.reason());
            } else if (all) {
                out.printf(
                        "%-14s %s %dx%d%n",
                        finding.verdict(), finding.item().file(), finding.width(), finding.height());
            }
            out.flush();
        }

        private static void summarise(
                PrintWriter out, ImageDataset dataset, Map<String, Integer> counts, List<Scan.Finding> good) {
            out.printf("%d files, %d usable%n", dataset.size(), good.size());
            counts.forEach((verdict, count) -> out.printf("  %6d %s%n", count, verdict));
            if (!dataset.classes().isEmpty()) {
                out.printf("%d classes%n", dataset.classes().size());
            }
            if (!good.isEmpty()) {
                int[] shortSides = good.stream()
                        .mapToInt(finding -> Math.min(finding.width(), finding.height()))
                        .sorted()
                        .toArray();
                out.printf(
                        "short side: smallest %d px, median %d px, largest %d px%n",
                        shortSides[0], shortSides[shortSides.length / 2], shortSides[shortSides.length - 1]);
            }
        }

        private static void writeList(Path list, List<Scan.Finding> good) throws IOException {
            List<String> lines = new ArrayList<>();
            for (Scan.Finding finding : good) {
                String path = finding.item().file().toAbsolutePath().toString().replace("\"", "\"\"");
                String label =
                        finding.item().label() < 0 ? "" : " " + finding.item().label();
                lines.add('"' + path + '"' + label);
            }
            Files.write(list, lines);
        }
    }

    /** {@code maskfeat data sample}. */
    @Command(
            name = "sample",
            description = "Writes the generated sample set: labelled images and clips of textured shapes.",
            mixinStandardHelpOptions = true)
    static final class SampleCommand implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Parameters(paramLabel = "DIR", description = "Folder to make; must not exist yet.")
        private Path folder = Path.of("");

        @Option(names = "--tiny", description = "A few small ones, for tests.")
        private boolean tiny;

        @Override
        public Integer call() throws IOException {
            if (Files.exists(folder)) {
                throw new IllegalArgumentException(folder + " exists already; give the name of a folder to make");
            }
            SampleSet.write(folder, tiny ? SampleSet.Size.TINY : SampleSet.Size.DEFAULT);
            spec.commandLine().getOut().println(folder);
            return Exit.OK;
        }
    }
}
