package maskfeat.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import maskfeat.data.DatasetException;
import maskfeat.data.GivenFiles;
import maskfeat.data.Item;
import maskfeat.data.Windows;
import maskfeat.disk.PathText;
import maskfeat.disk.Plural;
import maskfeat.infer.EmbeddingFile;
import maskfeat.infer.FileViews;
import maskfeat.infer.Inference;
import maskfeat.infer.Results;
import maskfeat.infer.ViewSource;
import maskfeat.network.OpenedWeights;
import maskfeat.shard.Job;
import maskfeat.shard.Shard;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code maskfeat embed}. */
@Command(
        name = "embed",
        description = "Writes the features of images or videos, one vector each, for search, clustering or other "
                + "programs. Exits with " + Exit.BAD_FILES
                + " if a file cannot be read, after writing those of the others.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  maskfeat embed runs/videos clips --out features.npy",
            "  maskfeat embed runs/videos film.mp4 --windows 2 --out film.csv",
            "",
            "Features are means over the patch tokens after a block, and over the views.",
            "NAME.npy is a float32 table that numpy.load reads; NAME.names.csv beside it says which",
            "file each row is of. NAME.safetensors holds 'features', and the files in its metadata."
        })
final class EmbedCommand implements Callable<Integer>, MemoryAdvice {
    /** What shards call it. */
    static final String JOB = "embed";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            index = "0",
            paramLabel = "CHECKPOINT",
            description = "Run folder, checkpoint folder or model.safetensors, of pre-training or of fine-tuning.")
    private Path checkpoint = Path.of("");

    @Mixin
    private WeightsOptions loading = new WeightsOptions();

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "FILE",
            description = "Images or videos, depending on the network, or folders or archives of them.")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = "--out",
            converter = PlaceConverter.OnDisk.class,
            required = true,
            paramLabel = "FILE",
            description = "File to write; its name must end in .npy, .csv or .safetensors.")
    private Path out = Path.of("");

    @Mixin
    private WindowOptions looking = new WindowOptions();

    @Option(
            names = "--block",
            paramLabel = "N",
            description = "Block after which to take features, counted from 0. Default: the last.")
    private @Nullable String block;

    @Mixin
    private ShardOption sharding = new ShardOption();

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    private int bad;

    @Override
    public String lessMemory() {
        return SMALLER_BATCH;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        EmbeddingFile.Format format = EmbeddingFile.Format.of(out);
        Path folder = out.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            throw new IllegalArgumentException("--out " + out + ": there is no folder " + folder + "; make it first");
        }
        Optional<Shard> shard = sharding.shard();
        looking.check();
        compute.use();
        EmbeddingFile result = new EmbeddingFile();
        Console console = Console.of(spec);
        try (OpenedWeights weights = loading.open(checkpoint)) {
            console.sayNotes(weights);
            try (Inference network = compute.over(Inference.of(weights, compute.device()), Console.of(spec))) {
                List<Integer> blocks = blocks(network);
                List<Item> items = new GivenFiles(files).items(network.input().clip());
                if (shard.isPresent()) {
                    Job job = Job.of(JOB, weights.identity(), options(network, blocks), List.of());
                    ShardOption.run(
                            console,
                            out,
                            shard.get(),
                            job,
                            items,
                            results -> embed(network, blocks, results.rest(), new Vectors() {
                                @Override
                                public void take(Item item, List<EmbeddingFile.Row> rows) throws IOException {
                                    results.add(item, ShardRows.features(rows));
                                }

                                @Override
                                public void unreadable(Item item, IOException why) throws IOException {
                                    results.unreadable(item, why);
                                }
                            }));
                    return bad == 0 ? Exit.OK : Exit.BAD_FILES;
                }
                embed(network, blocks, items, (item, rows) -> result.add(rows));
            }
        }
        if (result.rows().isEmpty()) {
            throw new DatasetException("none of the files could be read; " + out + " is not written");
        }
        result.write(out, format).forEach(console.out()::println);
        console.say(Plural.of(result.rows().size(), "vector") + " of "
                + result.rows().get(0).features().length + " numbers"
                + (bad == 0 ? "" : "; " + Plural.of(bad, "file was", "files were") + " left out, as said above"));
        if (bad == 0) {
            console.nextLine(NextSteps.ofFeatures(out));
        }
        return bad == 0 ? Exit.OK : Exit.BAD_FILES;
    }

    private Map<String, String> options(Inference network, List<Integer> blocks) {
        Map<String, String> options = new HashMap<>(looking.said());
        options.put("--block", blocks.get(0).toString());
        options.put("--precision", network.precision().toString());
        return options;
    }

    /** Takes what comes out of files. */
    @FunctionalInterface
    private interface Vectors {
        /** @param rows one, or one a window */
        void take(Item item, List<EmbeddingFile.Row> rows) throws IOException;

        /** An item that is left out, which has been said. */
        default void unreadable(Item item, IOException why) throws IOException {}
    }

    private List<Integer> blocks(Inference network) {
        List<Integer> blocks = Blocks.parse(block, network.depth());
        if (blocks.size() > 1) {
            throw new IllegalArgumentException(
                    "--block " + block + " names several; features of one alone can be written into a file");
        }
        return blocks;
    }

    private void embed(Inference network, List<Integer> blocks, List<Item> items, Vectors vectors)
            throws IOException, InterruptedException {
        ScoringLine progress = ScoringLine.onStderr("files");
        Optional<Windows.Sliding> sliding = looking.sliding(network.input().clip());
        if (sliding.isPresent()) {
            for (int i = 0; i < items.size(); i++) {
                slide(network, blocks, items.get(i), sliding.get(), vectors);
                progress.at(i + 1, items.size());
            }
            return;
        }
        ViewSource source = new FileViews(network.input().clip());
        network.features(items, source, blocks, compute.batching(looking.views()), () -> false, new Results<>() {
            private int done;

            @Override
            public void take(Item item, float[][] features) throws IOException {
                vectors.take(item, List.of(EmbeddingFile.Row.of(PathText.of(item.file()), features[0])));
                progress.at(++done + bad, items.size());
            }

            @Override
            public void unreadable(Item item, IOException why) throws IOException {
                leaveOut(item, why, vectors);
            }
        });
    }

    /** Gives the windows of a video that can be read to its end; of another, none. */
    private void slide(Inference network, List<Integer> blocks, Item item, Windows.Sliding sliding, Vectors vectors)
            throws IOException {
        Path file = item.file();
        ScoringLine progress = ScoringLine.passingOnStderr("windows of " + file.getFileName());
        List<EmbeddingFile.Row> rows = new ArrayList<>();
        try (Windows open = Windows.open(file, network.input().clip(), sliding)) {
            int[] seen = {0};
            network.features(open, blocks, compute.batch(), window -> progress.at(++seen[0], open.count()))
                    .forEach(window -> rows.add(EmbeddingFile.Row.of(PathText.of(file), window)));
        } catch (IOException why) {
            leaveOut(item, why, vectors);
            return;
        } finally {
            progress.clear();
        }
        vectors.take(item, rows);
    }

    private void leaveOut(Item item, IOException why, Vectors vectors) throws IOException {
        bad++;
        Console.of(spec).sayUnreadable("left out: ", item.file(), why);
        vectors.unreadable(item, why);
    }
}
