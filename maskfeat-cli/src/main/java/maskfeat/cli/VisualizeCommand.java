package maskfeat.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import maskfeat.data.GivenFiles;
import maskfeat.data.Item;
import maskfeat.disk.AtomicFile;
import maskfeat.foreign.UnfitWeights;
import maskfeat.infer.Inference;
import maskfeat.media.MediaSource;
import maskfeat.network.OpenedWeights;
import maskfeat.run.Drawing;
import maskfeat.run.FrozenTeachers;
import maskfeat.task.Reconstruction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code maskfeat visualize}. */
@Command(
        name = "visualize",
        description = "Draws what a pre-trained network predicts for hidden parts of images or clips: a picture "
                + "of each, and a film of each clip.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  maskfeat visualize runs/small-video film.mp4 --out pictures",
            "  maskfeat visualize runs/small-image rose.jpg tulip.jpg --out pictures --seed 1"
        })
final class VisualizeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            index = "0",
            paramLabel = "CHECKPOINT",
            description = "Run folder, checkpoint folder or model.safetensors.")
    private Path checkpoint = Path.of("");

    @Mixin
    private WeightsOptions loading = new WeightsOptions();

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "FILE",
            description = "Images, or videos, of which the middle clip is used; or folders or archives of them.")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = "--out",
            converter = PlaceConverter.OnDisk.class,
            required = true,
            paramLabel = "DIR",
            description = "Folder for the pictures.")
    private Path out = Path.of("");

    @Option(names = "--seed", paramLabel = "N", description = "Seed of the masks. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Mixin
    private DeviceOption device = new DeviceOption();

    @Override
    public Integer call() throws IOException {
        Console console = Console.of(spec);
        try (OpenedWeights weights = loading.open(checkpoint)) {
            console.sayNotes(weights);
            weights.prediction(); // refuses classifiers
            try (Inference network = Inference.of(weights, device.name())) {
                if (!network.canReconstruct()) {
                    throw new UnfitWeights(
                            weights.file(), "has no mask token and prediction head, so that it reconstructs nothing");
                }
                try (FrozenTeachers teachers = FrozenTeachers.again(weights, network.device())) {
                    AtomicFile.folder(out);
                    draw(network, teachers, console);
                }
            }
        }
        console.out().flush();
        console.next("finetune --from", checkpoint, loading.words(), "--data LABELLED");
        return Exit.OK;
    }

    private void draw(Inference network, FrozenTeachers teachers, Console console) throws IOException {
        Set<String> names = new HashSet<>();
        List<Item> items = new GivenFiles(files).items(network.input().clip());
        for (int number = 0; number < items.size(); number++) {
            Path file = items.get(number).file();
            String name = file.getFileName().toString();
            while (!names.add(name)) {
                name = number + 1 + "-" + name; // of files of one name, from several folders
            }
            List<Reconstruction> targets = network.reconstruct(MediaSource.of(file), seed, number, teachers.byTarget());
            Path sheet = out.resolve(name + ".maskfeat.png");
            new Drawing(List.of(new Drawing.Named(name, targets))).write(sheet);
            console.out().println(sheet);
            if (Files.exists(Drawing.film(sheet))) {
                console.out().println(Drawing.film(sheet));
            }
        }
    }
}
