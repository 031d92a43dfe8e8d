package maskfeat.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import maskfeat.augment.Augment;
import maskfeat.data.MaskedClip;
import maskfeat.data.Seeds;
import maskfeat.data.Seeds.Purpose;
import maskfeat.data.StillImage;
import maskfeat.data.VideoDataset;
import maskfeat.media.Frames;
import maskfeat.media.ImageReader;
import maskfeat.model.MaskFeat;
import maskfeat.network.Targets;
import maskfeat.recipe.Blueprint;
import maskfeat.task.Embedding;
import maskfeat.task.MaskedPrediction;
import maskfeat.task.Reconstruction;
import maskfeat.torch.Devices;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code maskfeat visualize}. */
@Command(
        name = "visualize",
        description = "Draws what a pre-trained network predicts for hidden parts of given images or clips: a picture "
                + "of each, and of a clip a film as well.",
        mixinStandardHelpOptions = true)
final class VisualizeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            index = "0",
            paramLabel = "CHECKPOINT",
            description = "Run folder, checkpoint folder or model.safetensors.")
    private Path checkpoint = Path.of("");

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "FILE",
            description = "Images or videos to look at, of which the middle clip.")
    private List<Path> files = new ArrayList<>();

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Folder for the pictures.")
    private Path out = Path.of("");

    @Option(names = "--seed", description = "Of the masks. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--device", description = "cpu, cuda, cuda:N or auto. Default: ${DEFAULT-VALUE}.")
    private String device = "auto";

    @Override
    public Integer call() throws IOException {
        Path weights = Blueprint.weights(checkpoint);
        ForeignWeights.announce(weights, spec.commandLine().getErr());
        Blueprint blueprint = Blueprint.read(weights);
        Files.createDirectories(out);
        try (MaskFeat model = blueprint.load(weights, device)) {
            Targets targets = blueprint.targets();
            MaskedPrediction task = new MaskedPrediction(model, blueprint.normalize(), targets, Devices.named(device));
            int number = 0;
            Set<String> names = new HashSet<>();
            for (Path file : files) {
                List<MaskedClip> one = List.of(clip(blueprint, targets, file, number++));
                String name = file.getFileName().toString();
                while (!names.add(name)) {
                    name = number + "-" + name; // of files of one name, from several folders
                }
                Path sheet = out.resolve(name + ".maskfeat.png");
                new Drawing(List.of(new Drawing.Named(
                                name, Reconstruction.of(task, one).get(0))))
                        .write(sheet);
                spec.commandLine().getOut().println(sheet);
                if (Files.exists(Drawing.film(sheet))) {
                    spec.commandLine().getOut().println(Drawing.film(sheet));
                }
            }
        }
        spec.commandLine().getOut().flush();
        return Exit.OK;
    }

    private MaskedClip clip(Blueprint blueprint, Targets targets, Path file, int number) throws IOException {
        Seeds seeds = new Seeds(seed);
        Augment crop = Embedding.centerCrop(blueprint.side(), blueprint.resize());
        Frames whole = blueprint.clip() instanceof StillImage
                ? new ImageReader().read(file)
                : VideoDataset.clip(file, blueprint.clip(), 0, 1);
        Frames frames = crop.apply(whole, seeds.of(Purpose.AUGMENT, 0, number)).frames();
        boolean[] hidden = blueprint.mask().draw(targets.maskGrid(), seeds.of(Purpose.MASK, 0, number));
        return new MaskedClip(frames, hidden, targets.of(frames, hidden));
    }
}
