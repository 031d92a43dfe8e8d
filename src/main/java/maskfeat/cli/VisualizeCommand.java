package maskfeat.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import javax.imageio.ImageIO;
import maskfeat.augment.Augment;
import maskfeat.data.Item;
import maskfeat.data.Sample;
import maskfeat.data.Seeds;
import maskfeat.data.Seeds.Purpose;
import maskfeat.media.Frames;
import maskfeat.media.ImageReader;
import maskfeat.model.MaskFeat;
import maskfeat.recipe.Blueprint;
import maskfeat.report.PictureSample;
import maskfeat.report.PictureSheet;
import maskfeat.task.Embedding;
import maskfeat.task.MaskedPrediction;
import maskfeat.task.Reconstruction;
import maskfeat.task.Targets;
import maskfeat.torch.Devices;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code maskfeat visualize}. */
@Command(
        name = "visualize",
        description = "Draws what a pre-trained network predicts for hidden parts of given images.",
        mixinStandardHelpOptions = true)
final class VisualizeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            index = "0",
            paramLabel = "CHECKPOINT",
            description = "Run folder, checkpoint folder or model.safetensors.")
    private Path checkpoint = Path.of("");

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "IMAGE", description = "Images to look at.")
    private List<Path> images = new ArrayList<>();

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Folder for the pictures.")
    private Path out = Path.of("");

    @Option(names = "--seed", description = "Of the masks. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--device", description = "cpu, cuda, cuda:N or auto. Default: ${DEFAULT-VALUE}.")
    private String device = "auto";

    @Override
    public Integer call() throws IOException {
        Path weights = Blueprint.weights(checkpoint);
        Blueprint blueprint = Blueprint.read(weights);
        Files.createDirectories(out);
        try (MaskFeat model = blueprint.load(weights, device)) {
            Targets targets = blueprint.targets();
            MaskedPrediction task = new MaskedPrediction(model, blueprint.normalize(), targets, Devices.named(device));
            int number = 0;
            for (Path image : images) {
                Reconstruction drawn = Reconstruction.of(task, List.of(sample(blueprint, targets, image, number++)))
                        .get(0);
                Path file = out.resolve(image.getFileName() + ".maskfeat.png");
                PictureSample row = new PictureSample(
                        image.getFileName().toString(),
                        drawn.sample().frames(),
                        drawn.grid(),
                        drawn.sample().hidden(),
                        drawn.target().get(0),
                        drawn.prediction().get(0),
                        drawn.loss());
                ImageIO.write(PictureSheet.draw(row), "png", file.toFile());
                spec.commandLine().getOut().println(file);
            }
        }
        spec.commandLine().getOut().flush();
        return Exit.OK;
    }

    private Sample sample(Blueprint blueprint, Targets targets, Path image, int number) throws IOException {
        Seeds seeds = new Seeds(seed);
        Augment crop = Embedding.centerCrop(blueprint.side(), blueprint.resize());
        Frames frames = crop.apply(new ImageReader().read(image), seeds.of(Purpose.AUGMENT, 0, number));
        boolean[] hidden = blueprint.mask().draw(targets.maskGrid(), seeds.of(Purpose.MASK, 0, number));
        return new Sample(number, frames, hidden, targets.of(frames, hidden), Item.UNLABELLED);
    }
}
