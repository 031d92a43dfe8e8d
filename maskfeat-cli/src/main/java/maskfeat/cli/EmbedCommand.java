package maskfeat.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import maskfeat.data.DatasetException;
import maskfeat.data.GivenFiles;
import maskfeat.data.Item;
import maskfeat.data.Windows;
import maskfeat.disk.PathText;
import maskfeat.infer.EmbeddingFile;
import maskfeat.infer.FileViews;
import maskfeat.infer.Inference;
import maskfeat.infer.Results;
import maskfeat.infer.ViewSource;
import maskfeat.network.OpenedWeights;
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
            "Features are means over the patch tokens after a block, and over the views.",
            "NAME.npy is a float32 table that numpy.load reads; NAME.names.csv beside it says which",
            "file each row is of. NAME.safetensors holds 'features', and the files in its metadata."
        })
final class EmbedCommand implements Callable<Integer>, MemoryAdvice {
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
        looking.check();
        compute.use();
        EmbeddingFile result = new EmbeddingFile();
        Console console = Console.of(spec);
        try (OpenedWeights weights = loading.open(checkpoint)) {
            console.sayNotes(weights);
            try (Inference network = compute.over(Inference.of(weights, compute.device()), Console.of(spec))) {
                embed(network, result);
            }
        }
        if (result.rows().isEmpty()) {
            throw new DatasetException("none of the files could be read; " + out + " is not written");
        }
        result.write(out, format).forEach(console.out()::println);
        console.say(result.rows().size() + " vectors of " + result.rows().get(0).features().length + " numbers"
                + (bad == 0 ? "" : "; " + bad + (bad == 1 ? " file was" : " files were") + " left out, as said above"));
        return bad == 0 ? Exit.OK : Exit.BAD_FILES;
    }

    private void embed(Inference network, EmbeddingFile result) throws IOException, InterruptedException {
        List<Integer> blocks = Blocks.parse(block, network.depth());
        if (blocks.size() > 1) {
            throw new IllegalArgumentException(
                    "--block " + block + " names several; features of one alone can be written into a file");
        }
        List<Item> items = new GivenFiles(files).items(network.input().clip());
        ScoringLine progress = ScoringLine.onStderr("files");
        Optional<Windows.Sliding> sliding = looking.sliding(network.input().clip());
        if (sliding.isPresent()) {
            for (int i = 0; i < items.size(); i++) {
                slide(network, blocks, items.get(i).file(), sliding.get(), result);
                progress.at(i + 1, items.size());
            }
            return;
        }
        ViewSource source = new FileViews(network.input().clip());
        network.features(items, source, blocks, compute.batching(looking.views()), () -> false, new Results<>() {
            @Override
            public void take(Item item, float[][] features) {
                result.add(PathText.of(item.file()), features[0]);
                progress.at(result.rows().size() + bad, items.size());
            }

            @Override
            public void unreadable(Item item, IOException why) {
                leaveOut(item.file(), why);
            }
        });
    }

    /** Adds the windows of a video that can be read to its end; of another, none. */
    private void slide(
            Inference network, List<Integer> blocks, Path file, Windows.Sliding sliding, EmbeddingFile result) {
        ScoringLine progress = ScoringLine.passingOnStderr("windows of " + file.getFileName());
        try (Windows open = Windows.open(file, network.input().clip(), sliding)) {
            int[] seen = {0};
            result.add(
                    PathText.of(file),
                    network.features(open, blocks, compute.batch(), window -> progress.at(++seen[0], open.count())));
        } catch (IOException why) {
            leaveOut(file, why);
        } finally {
            progress.clear();
        }
    }

    private void leaveOut(Path file, IOException why) {
        bad++;
        Console.of(spec).sayUnreadable("left out: ", file, why);
    }
}
