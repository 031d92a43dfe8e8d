package maskfeat.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import maskfeat.data.Scan;
import maskfeat.disk.PathText;
import maskfeat.disk.Plural;
import maskfeat.disk.Printable;
import maskfeat.feature.LabelMaps;
import maskfeat.network.LabelMapFiles;
import maskfeat.run.BoxScan;
import maskfeat.sample.SampleSet;
import maskfeat.shard.Job;
import maskfeat.shard.Shard;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code maskfeat data scan} and {@code maskfeat data sample}. */
@Command(
        name = "data",
        description = "Checks data, copies them for faster training, or generates a sample set.",
        subcommands = {DataCommand.ScanCommand.class, PrepareCommand.class, DataCommand.SampleCommand.class},
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "(scan | prepare | sample)",
        footer = {"", "Examples:", "  maskfeat data scan videos", "  maskfeat data prepare videos videos-256"})
final class DataCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut(), CommandLine.Help.Ansi.OFF);
    }

    /** {@code maskfeat data scan}. */
    @Command(
            name = "scan",
            description = "Reads every file and reports unusable ones with the reason. Exits with "
                    + Exit.BAD_FILES
                    + " if there are any.",
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Examples:",
                "  maskfeat data scan videos",
                "  maskfeat data scan photos.zip --as images --write-list good.txt"
            })
    static final class ScanCommand implements Callable<Integer> {
        /** What shards call it. */
        static final String JOB = "data scan";

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Parameters(
                paramLabel = "PATH",
                description =
                        "Folder or archives, read with all files in them, or list file; of images, videos or both. Or a"
                                + " file of boxes with actions.")
        private Path path = Path.of("");

        @Option(
                names = "--as",
                completionCandidates = Choices.ScanKinds.class,
                paramLabel = "KIND",
                converter = ScanKind.class,
                description = "How to read the files: auto (by content), images, or videos (an animated GIF is a "
                        + "video, a folder of numbered images one clip). Default: auto.")
        private Scan.As as = Scan.As.AUTO;

        @Option(
                names = "--deadline",
                paramLabel = "SECONDS",
                description = "Give up on a video after this time. Default: ${DEFAULT-VALUE}.")
        private int deadline = 600;

        @Option(
                names = "--maps",
                paramLabel = "FOLDER",
                description = "Also read the map of classes of each picture in this folder, as a run with"
                        + " task.target.maps.folder does. A picture without a usable one cannot be used.")
        private @Nullable Path maps;

        @Option(
                names = "--maps-classes",
                paramLabel = "N",
                description = "With --maps: how many classes there are (task.target.maps.classes). Default:"
                        + " ${DEFAULT-VALUE}.")
        private int mapClasses = LabelMaps.NONE.classes();

        @Mixin
        private BoxOptions boxes = new BoxOptions();

        @Option(names = "--all", description = "Also list usable and skipped files.")
        private boolean all;

        @Option(names = "--json", description = "Print only one JSON object per file.")
        private boolean json;

        @Option(
                names = "--write-list",
                converter = PlaceConverter.OnDisk.class,
                paramLabel = "FILE",
                description = "Write a list file of usable files.")
        private @Nullable Path list;

        @Option(
                names = "--keep-index",
                converter = PlaceConverter.OnDisk.class,
                paramLabel = "FOLDER",
                description = "Write the index of each video into this folder. Runs beside a folder named "
                        + "video-index use it with loader.keep-index=true.")
        private @Nullable Path index;

        @Mixin
        private ShardOption sharding = new ShardOption();

        @Option(
                names = "--out",
                converter = PlaceConverter.OnDisk.class,
                paramLabel = "FILE",
                description = "With --shard: the file that 'merge' is to write; that of the shard lies beside it.")
        private @Nullable Path whole;

        @Override
        public Integer call() throws IOException, InterruptedException {
            if (deadline < 1) {
                throw new IllegalArgumentException("--deadline " + deadline + " must be at least 1 second");
            }
            Optional<Shard> shard = sharding.shard();
            if (shard.isPresent() != (whole != null)) {
                throw new IllegalArgumentException(
                        shard.isPresent()
                                ? "--shard " + shard.get() + " needs --out, such as --out verdicts.jsonl: the shard is"
                                        + " written beside it"
                                : "--out is for --shard; leave it away, and keep what --json prints");
            }
            PrintWriter out = spec.commandLine().getOut();
            boolean alone = BoxScan.isOfBoxes(path);
            if (alone || boxes.isAsked()) {
                IdleOptions.refuse(
                        spec,
                        "annotations are looked at, and of videos their length and size alone",
                        List.of(
                                "--as",
                                "--deadline",
                                "--all",
                                "--maps",
                                "--maps-classes",
                                "--write-list",
                                "--keep-index",
                                "--shard",
                                "--out"));
                int code = new ScanBoxes(out, json).scan(alone ? null : path, boxes.forScan(alone ? path : null));
                if (code == Exit.OK) {
                    Console.of(spec)
                            .next(
                                    "finetune --task detect --from CHECKPOINT --data",
                                    alone ? "VIDEOS" : path,
                                    "--boxes",
                                    alone ? path : boxes.source());
                }
                return code;
            }
            if (boxes.hasRange()) {
                throw new IllegalArgumentException("--range is for --boxes; leave it away");
            }
            if (maps == null) {
                IdleOptions.refuse(spec, "it is about --maps, which is not given", List.of("--maps-classes"));
            }
            Scan scan = Scan.of(path, as, Duration.ofSeconds(deadline));
            if (maps != null) {
                LabelMapFiles files = new LabelMapFiles(new LabelMaps(maps, mapClasses, LabelMaps.Axes.PICTURE));
                files.requireFolder();
                scan.checkMaps(files::check);
            }
            scan.notices().forEach(notice -> Console.of(spec).say("warning: " + notice));
            if (index != null) {
                scan.keepIndexesIn(index, notice -> Console.of(spec).say("warning: " + notice));
            }
            if (shard.isPresent() && whole != null) {
                return shard(scan, whole, shard.get());
            }
            List<Scan.Finding> findings = new ArrayList<>();
            ScoringLine progress = ScoringLine.passingOnStderr("scanned", "files");
            int files = scan.items().size();
            progress.at(0, files);
            Map<String, Integer> counts = scan.run(Runtime.getRuntime().availableProcessors(), finding -> {
                findings.add(finding);
                boolean said = json || all || !finding.reason().isEmpty() && !finding.passedOver();
                if (said) {
                    progress.clear();
                    out.println(json ? ScanFiles.json(finding) : line(finding));
                    out.flush();
                }
                progress.at(findings.size(), files);
            });
            List<Scan.Finding> good =
                    findings.stream().filter(Scan.Finding::usable).toList();
            if (!json) {
                ScanSummary.print(out, findings, counts, scan.classes());
            }
            out.flush();
            if (list != null) {
                ScanFiles.writeList(
                        list,
                        good.stream()
                                .map(Scan.Finding::item)
                                .map(ScanFiles.Listed::of)
                                .toList(),
                        scan.classes());
            }
            boolean bad = ScanFiles.anyBad(findings);
            if (!good.isEmpty()) {
                next(findings, bad);
            }
            return bad ? Exit.BAD_FILES : Exit.OK;
        }

        private void next(List<Scan.Finding> findings, boolean bad) {
            Console console = Console.of(spec);
            if (bad && list == null) {
                console.next("data scan", path, "--write-list", "usable.txt");
            } else if (list == null && ScanFiles.slowToDecode(findings)) {
                console.next("data prepare", path, Path.of(nameOf(path) + "-prepared"));
            } else {
                console.next(NextSteps.pretraining(ScanFiles.mostlyImages(findings), list == null ? path : list));
            }
        }

        private static String nameOf(Path path) {
            Path name = path.toAbsolutePath().normalize().getFileName();
            return name == null ? "data" : PathText.of(name).replaceFirst("\\.(zip|tar|tgz|tar\\.gz|txt|csv)$", "");
        }

        /** Into a file for 'merge', and what cannot be used is named beside it. */
        private Integer shard(Scan scan, Path whole, Shard shard) throws IOException, InterruptedException {
            IdleOptions.refuse(
                    spec,
                    "a shard writes what it finds into a file for 'merge', which gives the rest",
                    List.of("--all", "--json", "--write-list"));
            Console console = Console.of(spec);
            Map<String, String> options = new TreeMap<>(Map.of(
                    "--as",
                    as.name().toLowerCase(Locale.ROOT),
                    "--deadline",
                    Integer.toString(deadline),
                    "--keep-index",
                    index == null ? "no" : "yes"));
            if (maps != null) {
                options.put("--maps", PathText.of(maps));
                options.put("--maps-classes", Integer.toString(mapClasses));
            }
            Job job = Job.of(JOB, "", options, scan.classes());
            boolean[] bad = {false};
            ShardOption.run(console, whole, shard, job, scan.items(), results -> {
                ScoringLine progress = ScoringLine.passingOnStderr("scanned", "files");
                int[] done = {0};
                scan.run(results.rest(), Runtime.getRuntime().availableProcessors(), finding -> {
                    try {
                        if (finding.usable()) {
                            results.add(finding.item(), ShardRows.finding(finding));
                        } else {
                            results.addForNow(finding.item(), ShardRows.finding(finding));
                        }
                    } catch (IOException failed) {
                        throw new UncheckedIOException(failed);
                    }
                    if (!finding.usable() && !finding.passedOver()) {
                        bad[0] = true;
                        console.say(finding.reason());
                    }
                    progress.at(++done[0], results.rest().size());
                });
            });
            return bad[0] ? Exit.BAD_FILES : Exit.OK;
        }

        private String line(Scan.Finding finding) {
            Path file = finding.item().file();
            String name = Files.isDirectory(path) && file.startsWith(path)
                    ? PathText.of(path.relativize(file))
                    : PathText.of(file);
            Scan.Facts facts = finding.facts();
            String text = finding.reason().isEmpty()
                    ? name + " " + facts.width() + "x" + facts.height()
                            + (facts.kind() == Scan.Kind.IMAGE
                                    ? ""
                                    : " " + Plural.of(facts.frames(), "frame") + " " + facts.codec())
                    : finding.reason().replace(file.toString(), name);
            return ScanSummary.wrapped(finding.verdict(), Printable.text(text));
        }
    }

    /** {@code maskfeat data sample}. */
    @Command(
            name = "sample",
            description = "Writes the generated sample set: labelled images and clips of textured shapes.",
            mixinStandardHelpOptions = true,
            footer = {"", "Examples:", "  maskfeat data sample sample-set", "  maskfeat data sample sample-set --tiny"})
    static final class SampleCommand implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Parameters(
                paramLabel = "DIR",
                converter = PlaceConverter.OnDisk.class,
                description = "Folder to create; must not exist yet.")
        private Path folder = Path.of("");

        @Option(names = "--tiny", description = "A few small images and clips, for tests.")
        private boolean tiny;

        @Override
        public Integer call() throws IOException {
            if (Files.exists(folder)) {
                throw new IllegalArgumentException(folder + " exists already; give the name of a folder to make");
            }
            SampleSet.write(folder, tiny ? SampleSet.Size.TINY : SampleSet.Size.DEFAULT);
            spec.commandLine().getOut().println(folder);
            spec.commandLine().getOut().flush();
            Console.of(spec)
                    .next("pretrain", tiny ? "tiny-image" : "sample-image", "--data", folder.resolve("images/train"));
            return Exit.OK;
        }
    }
}
