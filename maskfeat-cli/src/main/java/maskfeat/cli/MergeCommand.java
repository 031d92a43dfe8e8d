package maskfeat.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import maskfeat.data.DatasetException;
import maskfeat.data.Scan;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Plural;
import maskfeat.disk.Printable;
import maskfeat.eval.Prediction;
import maskfeat.infer.EmbeddingFile;
import maskfeat.shard.ShardResults;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code maskfeat merge}. */
@Command(
        name = "merge",
        description = "Makes of the results of all shards of 'embed', 'predict' or 'data scan' what one process would "
                + "have written. Exits with " + Exit.BAD_FILES
                + " if one of their files could not be used, as that would.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  maskfeat merge features.npy features.shard-*-of-3.jsonl",
            "  maskfeat merge scores scores/predictions.shard-*-of-2.jsonl"
        })
final class MergeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            index = "0",
            converter = PlaceConverter.OnDisk.class,
            paramLabel = "OUT",
            description =
                    "What to write. Of 'embed' a file whose name ends in .npy, .csv or .safetensors, of 'predict' "
                            + "a folder, which gets their pictures and films too, of 'data scan' a file of what --json prints.")
    private Path out = Path.of("");

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "SHARD",
            description = "The files that the commands wrote with --shard, all of them, in any order.")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = "--write-list",
            converter = PlaceConverter.OnDisk.class,
            paramLabel = "FILE",
            description = "Of 'data scan': also write a list file of usable files.")
    private @Nullable Path list;

    /** Of the findings of a scan. */
    private boolean mostlyImages;

    @Override
    public Integer call() throws IOException {
        ShardResults shards = ShardResults.of(files);
        String command = shards.job().command();
        if (list != null && !command.equals(DataCommand.ScanCommand.JOB)) {
            throw new IllegalArgumentException(
                    "--write-list would do nothing: the shards are of " + command + "; leave it away");
        }
        refuseToReplace(out);
        if (list != null) {
            refuseToReplace(list);
        }
        boolean all = switch (command) {
            case EmbedCommand.JOB -> features(shards);
            case PredictCommand.JOB -> predictions(shards);
            case PredictActions.JOB -> films(shards);
            case DataCommand.ScanCommand.JOB -> findings(shards);
            default ->
                throw new DamagedFile(
                        files.get(0), "holds results of '" + command + "', which this program does not merge");
        };
        spec.commandLine().getOut().flush();
        if (all) {
            next(command);
        }
        return all ? Exit.OK : Exit.BAD_FILES;
    }

    private void next(String command) {
        Console console = Console.of(spec);
        switch (command) {
            case EmbedCommand.JOB -> console.nextLine(NextSteps.ofFeatures(out));
            case PredictCommand.JOB ->
                console.nextLine("head -n 3 " + Launcher.word(out.resolve(PredictCommand.TABLE)));
            case PredictActions.JOB -> console.nextLine(Launcher.opening(out));
            default -> {
                if (list != null) {
                    console.next(NextSteps.pretraining(mostlyImages, list));
                }
            }
        }
    }

    private void refuseToReplace(Path target) throws IOException {
        for (Path file : files) {
            if (Files.exists(target) && Files.isSameFile(target, file)) {
                throw new IllegalArgumentException(
                        target + " is to be written and is one of the shards; name another file");
            }
        }
    }

    private boolean features(ShardResults shards) throws IOException {
        EmbeddingFile.Format format = EmbeddingFile.Format.of(out);
        List<@Nullable List<EmbeddingFile.Row>> made = shards.read(ShardRows::features);
        EmbeddingFile result = new EmbeddingFile();
        made.stream().filter(Objects::nonNull).forEach(result::add);
        refuseNothing(result.rows().isEmpty());
        result.write(out, format).forEach(spec.commandLine().getOut()::println);
        return sayWhole(
                made,
                Plural.of(result.rows().size(), "vector") + " of "
                        + result.rows().get(0).features().length + " numbers");
    }

    private boolean predictions(ShardResults shards) throws IOException {
        List<FilesBeside.Found> files = new ArrayList<>();
        List<@Nullable Prediction> made = shards.read((row, result) -> {
            files.add(FilesBeside.Found.of(row, result)); // of windows, a picture and a table of each video
            return ShardRows.prediction(row, result);
        });
        List<Prediction> predictions = new ArrayList<>();
        made.stream().filter(Objects::nonNull).forEach(predictions::add);
        AtomicFile.folder(out);
        for (FilesBeside.Found each : files) {
            each.into(out);
        }
        PredictCommand.write(out, predictions, shards.job().classes());
        spec.commandLine().getOut().println(out);
        return sayWhole(made, Plural.of(predictions.size(), "prediction"));
    }

    private boolean films(ShardResults shards) throws IOException {
        List<FilesBeside.@Nullable Found> made = shards.read(FilesBeside.Found::of);
        AtomicFile.folder(out);
        int count = 0;
        for (FilesBeside.@Nullable Found each : made) {
            if (each != null) {
                each.into(out);
                count++;
            }
        }
        spec.commandLine().getOut().println(out);
        return sayWhole(made, Plural.of(count, "film"));
    }

    private void refuseNothing(boolean nothing) throws DatasetException {
        if (nothing) {
            throw new DatasetException("none of the files could be read; " + out + " is not written");
        }
    }

    private boolean sayWhole(List<?> made, String what) {
        int bad = Collections.frequency(made, null);
        Console.of(spec)
                .say(what
                        + (bad == 0
                                ? ""
                                : "; " + Plural.of(bad, "file was", "files were") + " left out by the shards"));
        return bad == 0;
    }

    private boolean findings(ShardResults shards) throws IOException {
        List<ShardRows.Found> found = new ArrayList<>();
        for (ShardRows.@Nullable Found each : shards.read(ShardRows::finding)) {
            if (each == null) {
                throw new DatasetException("a shard has no finding of one of its files; do it again");
            }
            found.add(each);
        }
        List<Scan.Finding> findings =
                found.stream().map(ShardRows.Found::finding).toList();
        mostlyImages = ScanFiles.mostlyImages(findings);
        AtomicFile.writeText(out, text -> {
            for (Scan.Finding finding : findings) {
                text.append(Printable.lines(ScanFiles.json(finding))).append('\n'); // as it would be printed
            }
        });
        Map<String, Integer> counts = new TreeMap<>();
        findings.forEach(finding -> counts.merge(finding.verdict(), 1, Integer::sum));
        ScanSummary.print(
                spec.commandLine().getOut(), findings, counts, shards.job().classes());
        if (list != null) {
            List<ScanFiles.Listed> good = found.stream()
                    .filter(each -> each.finding().usable())
                    .map(each -> new ScanFiles.Listed(
                            each.absolute(), each.finding().item().label()))
                    .toList();
            ScanFiles.writeList(list, good, shards.job().classes());
        }
        return !ScanFiles.anyBad(findings);
    }
}
