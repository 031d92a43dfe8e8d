package maskfeat.cli;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import maskfeat.run.Recipes;
import maskfeat.run.Run;
import maskfeat.sample.SampleSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CommandsTest {
    @TempDir
    private Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        CommandLine line = Commands.line();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(args);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "pretrain --help",
                "finetune --help",
                "train --help",
                "evaluate --help",
                "report --help",
                "probe --help",
                "predict --help",
                "embed --help",
                "serve --help",
                "export --help",
                "bench --help",
                "bench sample --help",
                "bench step --help",
                "visualize --help",
                "data --help",
                "data scan --help"
            })
    void helpFitsEightyColumns(String args) {
        assertThat(run(args.split(" "))).isZero();
        assertThat(out.toString().lines()).allMatch(text -> text.length() <= 80).isNotEmpty();
    }

    /** Every command, as the next one is not in a list of names: no example breaks in the middle, no sentence early. */
    @Test
    void helpBreaksLinesOnlyAtTheEdge() {
        assertThat(everyCommand(Commands.line())).hasSizeGreaterThan(20).allSatisfy(command -> {
            String help = command.setUsageHelpWidth(80).getUsageMessage(CommandLine.Help.Ansi.OFF);
            assertThat(help.lines()).allMatch(text -> text.length() <= 80);
            assertThat(command.getCommandSpec().usageMessage().footer())
                    .filteredOn(text -> text.startsWith(" "))
                    .allSatisfy(example -> assertThat(help.lines()).contains(example.replace("%%", "%")));
        });
        assertThat(subcommand(subcommand(Commands.line(), "bench"), "ablation").getUsageMessage())
                .contains("the same command goes on,\nwhat is done is kept.");
        assertThat(Commands.flowing("Examples:", "  a b", "One,", "", "Half of", "a sentence.", "Another."))
                .containsExactly("Examples:", "  a b", "One,", "", "Half of a sentence.", "Another.");
    }

    @ParameterizedTest
    @CsvSource({"132,132", "20,55", "wide,80", "'',80"})
    void helpIsAsWideAsColumnsSays(String columns, int expected) {
        assertThat(Commands.helpWidth(Map.of("COLUMNS", columns))).isEqualTo(expected);
    }

    @Test
    void helpOfAProcessIsAsWideAsItsTerminal() throws Exception {
        for (String args : List.of("pretrain --help", "help pretrain")) {
            assertThat(widest("COLUMNS=120; export COLUMNS;", args)).isBetween(100, 120);
            assertThat(widest("COLUMNS=60; export COLUMNS;", args)).isLessThanOrEqualTo(60);
            assertThat(widest("unset COLUMNS;", args)).isBetween(61, 80);
        }
    }

    @Test
    void recipesAndFindingsAreAsWideAsTheTerminal() throws Exception {
        for (String args : List.of("recipes", "doctor")) {
            assertThat(widest("COLUMNS=80; export COLUMNS;", args)).isBetween(60, 80);
            assertThat(widest("unset COLUMNS;", args)).as("into a pipe").isGreaterThan(80);
        }
    }

    private int widest(String before, String args) throws Exception {
        MaskfeatProcess help = MaskfeatProcess.shell(folder, before, "", args.split(" "));
        assertThat(help.exitCode()).as(help.stderr()).isZero();
        return help.stdout().lines().mapToInt(String::length).max().orElse(0);
    }

    private static List<CommandLine> everyCommand(CommandLine line) {
        List<CommandLine> all = new ArrayList<>(List.of(line));
        line.getSubcommands().values().forEach(below -> all.addAll(everyCommand(below)));
        return all;
    }

    /** A command line is parsed with the options of its own command alone; nobody sees that the others have none. */
    @Test
    void whatIsShownDoesNotDependOnWhichCommandsWereRead() {
        String all = Commands.line().getUsageMessage();
        assertThat(Commands.lineFor("--help").getUsageMessage()).isEqualTo(all);
        for (String name : Commands.line().getSubcommands().keySet()) {
            String whole = subcommand(Commands.line(), name).getUsageMessage();
            assertThat(subcommand(Commands.lineFor(name, "x"), name).getUsageMessage())
                    .isEqualTo(whole);
            assertThat(subcommand(Commands.lineFor("help", name), name).getUsageMessage())
                    .isEqualTo(whole);
            assertThat(subcommand(Commands.lineFor("@words"), name).getUsageMessage())
                    .isEqualTo(whole);
            assertThat(Commands.lineFor(name).getUsageMessage()).isEqualTo(all);
        }
    }

    private static CommandLine subcommand(CommandLine line, String name) {
        return requireNonNull(line.getSubcommands().get(name));
    }

    /** What a command without memory says; by a stand-in for what it computes, which would take all there is. */
    private String outOfMemory(String command, Exception error) throws Exception {
        CommandLine root = Commands.line().setErr(new PrintWriter(err, true));
        CommandLine line = requireNonNull(root.getSubcommands().get(command));
        int code = root.getExecutionExceptionHandler().handleExecutionException(error, line, root.parseArgs("doctor"));
        assertThat(code).isEqualTo(6);
        return err.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"evaluate", "probe", "predict", "embed"})
    void outOfMemoryTheCommandsWithoutSettingsAreToldOfTheirOption(String command) throws Exception {
        assertThat(outOfMemory(command, new RuntimeException("CUDA out of memory")))
                .contains("Lower --batch", "MASKFEAT_JAVA_OPTS")
                .doesNotContain("train.", "loader.");
    }

    /** libtorch hands on what Java threw inside of it as an error of its own. */
    @Test
    void aFullHeapInsideOfLibtorchIsOne() throws Exception {
        assertThat(outOfMemory("pretrain", new RuntimeException("java.lang.OutOfMemoryError: Java heap space")))
                .contains("train.recompute=true");
    }

    @Test
    void outOfMemoryRunsAreToldOfSmallerMicroBatches() throws Exception {
        assertThat(outOfMemory("pretrain", new RuntimeException("CUDA out of memory")))
                .contains("train.batch", "train.accumulate", "steps stay as large")
                .doesNotContain("--batch");
    }

    @ParameterizedTest
    @ValueSource(strings = {"finetune", "train"})
    void outOfMemoryRunsThatMayMixAreToldThatMixingWillDiffer(String command) throws Exception {
        assertThat(outOfMemory(command, new RuntimeException("can't allocate memory")))
                .contains("train.batch", "task.mix without a group then mixes among fewer samples");
    }

    @Test
    void outOfMemoryCommandsThatComputeNothingLargeAreToldOfTheHeapAlone() throws Exception {
        assertThat(outOfMemory("data", new RuntimeException("out of memory")))
                .contains("MASKFEAT_JAVA_OPTS")
                .doesNotContain("train.", "--batch");
    }

    @Test
    void aFullHeapIsExplainedLikeAnyError() {
        CommandLine line = Commands.line();
        line.addSubcommand("fill", new FillsTheHeap()).setErr(new PrintWriter(err, true));
        assertThat(line.execute("fill")).isEqualTo(6);
        assertThat(err.toString()).startsWith("error: Java heap space").doesNotContain("\tat ");
    }

    @CommandLine.Command(name = "fill")
    private static final class FillsTheHeap implements Runnable {
        @Override
        public void run() {
            throw new OutOfMemoryError("Java heap space");
        }
    }

    @Test
    void listsTheRecipes() {
        assertThat(run("recipes")).isZero();
        assertThat(out.toString()).contains("in1k-vit-b-pt", "in1k-vit-l-pt", "sample-image");
    }

    @Test
    void whatConfigPrintsIsAConfigFile() throws IOException {
        assertThat(run("config", "in1k-vit-b-pt", "--set", "train.batch=64")).isZero();
        String yaml = out.toString();
        assertThat(yaml).contains("batch: 64").contains("# --set").contains("# recipe in1k-vit-b-pt");
        Path file = Files.writeString(folder.resolve("run.yaml"), yaml);
        out.getBuffer().setLength(0);
        assertThat(run("config", "tiny-image", "--config", file.toString(), "--json"))
                .isZero();
        JsonNode run = JsonMapper.shared().readTree(out.toString());
        assertThat(run.at("/train/batch").asInt()).isEqualTo(64);
        assertThat(run.at("/model/dim").asInt()).isEqualTo(768);
    }

    @Test
    void configExplainsEverySetting() {
        assertThat(run("config", "tiny-image", "--explain")).isZero();
        assertThat(out.toString()).contains("  # passes over the data (a whole number)\n  epochs: 6\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "train.bacth=64 | train.batch",
                "task.target.bin=6 | task.target.bins",
                "task.mask.ratio=1.5 | between 0 and 1",
                "data.side=100 data.short-side=114 | 96 and 104",
                "optim.warmup-epochs=1000 | does not fit",
                "task.target.cell=5 | 5",
                "train.batch=many | whole number",
                "TRAIN.BATCH_SIZE=64 | PySlowFast",
                "model.heads=5 | multiple of heads",
            })
    void aWrongSettingIsRefusedWithWhatWouldDo(String assignment, String hint) {
        List<String> args = new ArrayList<>(List.of("config", "sample-image"));
        for (String each : assignment.split(" ")) {
            args.addAll(List.of("--set", each));
        }
        assertThat(run(args.toArray(String[]::new))).isEqualTo(2);
        assertThat(err.toString()).startsWith("error: ").contains(hint).doesNotContain("Exception", "\tat ");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void aSettingThatWouldDoNothingIsRefused() throws IOException {
        assertThat(run("config", "--set", "report.pictures-every=0", "--set", "report.pictures=3"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("report.pictures would do nothing", "report.pictures-every is 0");
        assertThat(run("config", "--set", "report.pictures-every=0")).isZero();
        Path printed = Files.writeString(folder.resolve("run.yaml"), out.toString());
        assertThat(run("config", "--config", printed.toString())).isZero();
    }

    @Test
    void sidesThatTokensDoNotTileAreRefused() {
        assertThat(run("config", "k400-mvitv2-s-16x4-pt", "--set", "data.side=312"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("short-side 256", "side 312", "--set data.side=312");
        assertThat(run("config", "k400-mvitv2-s-16x4-pt", "--set", "data.side=312", "--set", "data.short-side=312"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("side 312", "16 px", "304 and 320");
    }

    @Test
    void blocksWhoseTokensAreSmallerThanACellCannotPredict() {
        assertThat(run("config", "k400-mvitv2-s-16x4-pt", "--set", "task.depths=[0,15]"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("cell").doesNotContain("unexpected");
        assertThat(run("config", "k400-mvitv2-s-16x4-pt", "--set", "task.depths=[2,15]"))
                .isZero();
    }

    @Test
    void masksThatDoNotKnowClipsAreRefused() {
        assertThat(run("config", "sample-video", "--set", "task.mask.kind=block"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("cube, tube, frame or random");
    }

    @Test
    void dropPathInASingleBlockIsRefused() {
        assertThat(run("config", "sample-image", "--set", "model.depth=1", "--set", "model.drop-path=0.1"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("would do nothing", "depth is 1");
    }

    @Test
    void settingsOfAnotherKindAreRefusedByName() {
        assertThat(run("config", "--set", "task.target.kind=pixels", "--set", "task.target.bins=6"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("task.target.bins is a setting of kind hog");
    }

    @Test
    void anUnknownRecipeNamesTheKnownOnes() {
        assertThat(run("pretrain", "in1k-vit-x-pt")).isEqualTo(2);
        assertThat(err.toString()).contains("in1k-vit-x-pt", "in1k-vit-b-pt", "sample-image");
    }

    @Test
    void aRecipeOfTheOtherCommandIsRefusedByItsCommand() {
        assertThat(run("pretrain", "tiny-image-ft")).isEqualTo(2);
        assertThat(err.toString())
                .contains(
                        "recipe tiny-image-ft is for 'finetune'",
                        "not for 'pretrain'; did you mean tiny-image? (recipes: ");
        assertThat(run("finetune", "tiny-image", "--from", "none")).isEqualTo(2);
        assertThat(err.toString()).contains("recipe tiny-image is for 'pretrain'", "in1k-vit-b-ft");
    }

    @Test
    void settingsAndFoldersOfTheOtherCommandAreRefused() throws IOException {
        Path fine = Files.createDirectories(folder.resolve("fine"));
        Path file = Files.writeString(
                fine.resolve("config.yaml"),
                TinyRuns.settingsOf("tiny-image-ft").yaml());
        assertThat(run("pretrain", "tiny-image", "--config", file.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("a run of finetune (task.kind), not of pretrain", "maskfeat train");
        assertThat(run("pretrain", "--resume", "--out", fine.toString())).isEqualTo(2);
        assertThat(err.toString())
                .contains(fine + " holds a run of finetune", "maskfeat finetune --resume --out " + fine);
    }

    @Test
    void missingDataIsAnInputErrorAndLeavesTheFolderForAnotherTry() throws IOException {
        Path runFolder = folder.resolve("run");
        String missing = folder.resolve("nowhere").toString();
        assertThat(run("pretrain", "tiny-image", "--data", missing, "--out", runFolder.toString()))
                .isEqualTo(3);
        assertThat(err.toString()).contains(missing, "no such folder or list file");
        assertThat(runFolder).doesNotExist();
    }

    @Test
    void aFolderWithoutImagesSaysWhatWasLookedFor() throws IOException {
        Files.writeString(folder.resolve("notes.txt"), "no pictures here");
        String data = folder.toString();
        assertThat(run("pretrain", "tiny-image", "--data", data, "--out", data + "-run"))
                .isEqualTo(3);
        assertThat(err.toString()).contains("holds no image", "found 1 file ending in txt");
    }

    // ---- finetune: what is refused, before there is a run folder -------------------------------------------------

    private static final String FINETUNE = "finetune";

    private Path sampleImages() throws IOException {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY.imagesOnly());
        return folder.resolve("set/images");
    }

    /** Weights of a network that never trained, as pre-training leaves them. */
    private Path weights(Run run) throws IOException {
        Path weights = Files.createDirectories(folder.resolve("weights"));
        TinyRuns.weights(weights.resolve("model.safetensors"), run);
        return weights;
    }

    private void assertRefused(int code, String[] said, String... args) {
        Path runFolder = folder.resolve("run");
        List<String> all = new ArrayList<>(List.of(FINETUNE));
        all.addAll(List.of(args));
        all.addAll(List.of("--out", runFolder.toString()));
        assertThat(run(all.toArray(String[]::new))).as(err.toString()).isEqualTo(code);
        assertThat(err.toString()).contains(said).doesNotContain("\tat ");
        assertThat(runFolder).doesNotExist();
    }

    @Test
    void fineTuningAsksWhatToBeginWith() throws IOException {
        String data = sampleImages().toString();
        assertRefused(2, new String[] {"--from CHECKPOINT", "--from none"}, "tiny-image-ft", "--data", data);
        assertRefused(
                2, new String[] {"name a RECIPE", "tiny-image-ft", "in1k-vit-b-ft"}, "--from", "none", "--data", data);
        assertRefused(
                2, new String[] {"tiny-imag-ft", "tiny-image-ft"}, "tiny-imag-ft", "--from", "none", "--data", data);
        assertThat(run(FINETUNE, "--resume")).isEqualTo(2);
        assertThat(err.toString()).contains("which run is to go on");
    }

    @Test
    void weightsMustBeThereAndForTheRecipe() throws IOException {
        String data = sampleImages().toString();
        assertRefused(
                3,
                new String[] {"holds no weights", folder.resolve("set").toString()},
                "--from",
                folder.resolve("set").toString(),
                "--data",
                data);
        String clips = weights(Recipes.named("tiny-video")).toString();
        assertRefused(
                2,
                new String[] {"tiny-image-ft is for images", "of videos"},
                "tiny-image-ft",
                "--from",
                clips,
                "--data",
                data);
    }

    @Test
    void weightsThatNoRecipeIsForAskForOne() throws IOException {
        Run other = TinyRuns.settingsOf("tiny-image", "model.dim=48").value();
        assertRefused(
                2,
                new String[] {"no recipe is for", "tiny-image-ft"},
                "--from",
                weights(other).toString(),
                "--data",
                sampleImages().toString());
    }

    @Test
    void dataToLearnFromNeedsLabelsAndClasses() throws IOException {
        Path images = sampleImages();
        Path picture =
                images.resolve("train").resolve(SampleSet.imageClasses().get(0)).resolve("0001.jpg");
        Path flat = Files.createDirectories(folder.resolve("flat"));
        Files.copy(picture, flat.resolve("cat.jpg"));
        assertRefused(3, new String[] {"no label"}, "tiny-image-ft", "--from", "none", "--data", flat.toString());
        Path one = folder.resolve("one");
        Files.copy(picture, Files.createDirectories(one.resolve("cats")).resolve("cat.jpg"));
        assertRefused(
                3,
                new String[] {"one class alone, 'cats'"},
                "tiny-image-ft",
                "--from",
                "none",
                "--data",
                one.toString());
    }

    @Test
    void dataToMeasureOnNeedsTheSameClasses() throws IOException {
        Path train = sampleImages().resolve("train");
        Path empty = Files.createDirectories(folder.resolve("empty"));
        String[] from = {"tiny-image-ft", "--from", "none", "--data", train.toString(), "--val"};
        assertRefused(3, new String[] {"holds no image", "empty"}, with(from, empty.toString()));
        Path picture = train.resolve(SampleSet.imageClasses().get(0)).resolve("0001.jpg");
        for (String name : List.of("unheard-of", SampleSet.imageClasses().get(0))) {
            Path other = Files.createDirectories(folder.resolve("other").resolve(name));
            Files.copy(picture, other.resolve("0.jpg"));
        }
        assertRefused(
                3,
                new String[] {"unheard-of", "does not know"},
                with(from, folder.resolve("other").toString()));
    }

    private static String[] with(String[] args, String... more) {
        List<String> all = new ArrayList<>(List.of(args));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "optim.warmup-epochs=0 optim.warmup-lr=1e-5 | optim.warmup-lr would do nothing",
                "data.labels.balanced=true task.loss.class-weights=balanced | task.loss.class-weights would do nothing",
                "task.mix.mixup=0 task.mix.cutmix-share=0.3 | task.mix.cutmix-share would do nothing",
                "report.pictures-every=0 report.pictures=3 | report.pictures would do nothing",
                "augment.repeat=3 | multiple of augment.repeat 3",
                "validate.views=2x1 | an image has one moment",
                "validate.views=1x2 | 1 or 3 crops",
                "validate.patience=-1 | must not be negative",
                "optim.ema=1 | below 1",
                "train.batch=128 | do not fill one step",
                "data.labels.hold-out=0.2 | hold nothing out",
            })
    void fineTuningRefusesSettingsThatDoNothingOrDoNotFit(String sets, String said) throws IOException {
        List<String> args = new ArrayList<>(List.of(
                "tiny-image-ft", "--from", "none", "--data", sampleImages().toString()));
        for (String set : sets.split(" ")) {
            args.addAll(List.of("--set", set));
        }
        int code = sets.startsWith("data.labels.hold-out") ? 3 : 2;
        assertRefused(code, new String[] {said}, args.toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "pretrain --epoch 3 | Unknown option: '--epoch'; did you mean --epochs? | maskfeat pretrain --help",
                "pretrain --dta d | Unknown option: '--dta'; did you mean --data? | maskfeat pretrain --help",
                "pretrain --minutes abc | error: --minutes: 'abc' is no number | maskfeat pretrain --help",
                "serve --queue 1.5 x | error: --queue: '1.5' is no whole number | maskfeat serve --help",
                "predict clip.mp4 | parameter: 'FILE'; 'clip.mp4' was taken as CHECKPOINT | maskfeat predict --help",
                "train tiny-image | tiny-image is a recipe, not a file of settings | 'maskfeat pretrain tiny-image'",
                "pretran | 'pretran' is no command; did you mean pretrain? | maskfeat --help",
                "data scna | 'scna' is no command; did you mean scan? | maskfeat data --help",
                "pretrain tiny-image train.epochs=3 | go with --set: --set train.epochs=3 | maskfeat pretrain --help",
                "pretrain train.epochs=3 | go with --set: --set train.epochs=3 | error",
                "pretrain epochs=3 | go with --set: --set train.epochs=3 | error",
                "pretrain kind=hog | kind is the end of several: | task.target.kind",
                "pretrain tiny-image epcohs=3 | such as --set train.epochs=3; epcohs is none | maskfeat pretrain --help",
                "pretrain --train.epochs=3 | ; settings go with --set: --set train.epochs=3 | maskfeat pretrain --help",
                "pretrain --train.epochs 3 | ; settings go with --set: --set train.epochs=VALUE | maskfeat pretrain --help",
                "pretrain --accumulate 3 | ; settings go with --set: --set train.accumulate=VALUE | maskfeat pretrain --help",
                "serve --prot 80 x | Unknown option: '--prot'; did you mean --port? | maskfeat serve --help",
                "pretrain --recipe small-video | the recipe stands without an option: maskfeat pretrain small-video | maskfeat pretrain --help",
                "finetune --recipe=small-video-ft | without an option: maskfeat finetune small-video-ft | maskfeat finetune --help",
                "recipes x | error: 'x' is one word more than is taken here | maskfeat recipes --help",
                "bench ablation --rows targt | there is no row or group 'targt' of images; did you mean target? | (groups: bound, target,",
                "finetune small-video --from none | is for 'pretrain', not for 'finetune'; did you mean small-video-ft? | (recipes: ",
                "finetune small-video-tf | there is no recipe 'small-video-tf'; did you mean small-video-ft? | (recipes: ",
                "pretrain tiny-image --batch 0 | error: train.batch 0 must be at least 1 | (--batch 0)",
                "pretrain tiny-imag | there is no recipe 'tiny-imag'; did you mean tiny-image? | (recipes: ",
                "pretrain nothing | small-image, sample-video, sample-image and 4 more ('maskfeat recipes' has all) | error",
                "pretrain --set report.lgo=1 | report has log-every, pictures-every, pictures, features-every, features | error",
                "predict | Missing required parameters | maskfeat predict --help",
                "pretrain tiny-image --minutes 0 | --minutes 0.0 must be from 0.01 | to 1000000",
                "pretrain tiny-image --minutes 5 --epochs 3 | --minutes 5 chooses train.epochs | (--epochs)",
                "pretrain tiny-image --minutes 5 --set train.epochs=3 | --minutes 5 chooses train.epochs | (--set)",
                "pretrain tiny-image --resume --minutes 5 | a resumed one keeps its train.epochs | error",
                "pretrain tiny-image --until 85 | error: train.until 85.0 must lie between 0 and 1 | (--until 85)",
                "pretrain tiny-image --until 85% | train.until: expected a number or null | (--until 85%)",
                "pretrain tiny-mocov3 --until 0.85 | which task.kind contrast does not have | null",
                "finetune tiny-image-ft --until 0.85 | error: --until is for pre-training | --set validate.patience=5",
                "pretrain tiny-image --val held | report.features-val would do nothing: report.features-every is 0 | (--val",
                "pretrain tiny-image --val held | ; add --set report.features-every=1 | error",
                "pretrain small-video --dta x | error: Unknown option: '--dta'; did you mean --data? | maskfeat pretrain --help",
                "pretrain tiny-image --batch atuo | got 'atuo'; did you mean auto? | (--batch atuo)",
                "pretrain tiny-image --until '' | train.until: expected a number or null, got nothing; write null | (--until '')",
                "pretrain tiny-image --set train.until= | train.until: expected a number or null, got nothing; write null | error",
                "pretrain tiny-image --epochs '' | train.epochs: expected a whole number, got nothing | (--epochs '')",
                "pretrain tiny-image --batch '' | train.batch: expected a whole number, or auto, got nothing | (--batch '')",
                "pretrain tiny-image --lr '' | optim.lr: expected a number, got nothing | (--lr '')",
                "pretrain tiny-image --seed '' | seed: expected a whole number, got nothing | (--seed '')",
                "pretrain tiny-image --minutes '' | error: --minutes: '' is no number | maskfeat pretrain --help",
                "pretrain tiny-image --data '' | error: --data: '' is no path: name a file or folder | maskfeat pretrain --help",
                "finetune tiny-image-ft --from '' | --from '' names no weights | 'none' for random ones",
                "predict '' a.mp4 | error: '' is no path: name a file or folder | maskfeat predict --help",
                "pretrain tiny-image --out s3://b/run | error: --out: 's3://b/run': what is written | maskfeat pretrain --help",
                "pretrain tiny-image --set '' | expected key=value, such as train.batch=64, got '' | (--set '')",
                "finetune --from none --task '' | --task '': there is no such task | detect",
                "'' | error: '' is no command; there are pretrain, finetune, | maskfeat --help",
                "data '' | error: '' is no command; there are scan, | maskfeat data --help",
                "recipes '' | error: '' is an empty word | maskfeat recipes --help",
                "help '' | error: '' is no command; there are pretrain, | maskfeat --help",
                "help predct | error: 'predct' is no command; did you mean predict? | maskfeat --help",
                "pretain --data d | error: 'pretain' is no command; did you mean pretrain? | maskfeat --help",
                "data x.mp4 | error: 'x.mp4' is no command; there are scan, | maskfeat data --help",
                "data scan --as pictures d | error: --as: 'pictures' must be auto, images or videos | maskfeat data scan --help",
            })
    void aSlipOfTheCommandLineGetsALineOrTwo(String words, String said, String helps) {
        String[] args = Stream.of(words.split(" "))
                .map(word -> word.equals("''") ? "" : word)
                .toArray(String[]::new);
        assertThat(run(args)).isEqualTo(2);
        assertThat(err.toString()).startsWith("error: ").contains(said, helps);
        assertThat(err.toString().lines().count()).isLessThanOrEqualTo(2);
    }

    @Test
    void aPathThatIsNoneIsRefusedWithTheLineOfTheFileThatNamesIt() throws IOException {
        Path list = Files.writeString(
                folder.resolve("list.txt"), "a.jpg\n\"with a space.jpg\"\nb.jpg nowhere://bucket/c.jpg\nd.jpg\n");
        assertThat(run("predict", "runs/x", "@" + list)).isEqualTo(2);
        assertThat(err.toString())
                .startsWith("error: 'nowhere://bucket/c.jpg': no provider of nowhere:")
                .contains(" (" + list + ":3)");
        Files.writeString(list, "a.jpg\n\"nowhere://bucket/with a space.jpg\"\n");
        assertThat(run("embed", "runs/x", "--out", "x.npy", "@" + list)).isEqualTo(2);
        assertThat(err.toString()).contains(" (" + list + ":2)");
    }

    /** One that fits stays, and so does one that somebody has set. */
    @Test
    void fewEpochsShortenTheWarmUpOfTheRecipe() throws IOException {
        assertThat(settingsOfFineTuning("small-video-ft", "--from", "none", "--epochs", "1"))
                .containsPattern("warmup-epochs: 1(.0)? +# recipe");
        assertThat(settingsOfFineTuning("sample-image-ft", "--from", "none", "--epochs", "3"))
                .containsPattern("warmup-epochs: 0.25 +# --epochs");
        assertThat(run(
                        "finetune",
                        "sample-image-ft",
                        "--from",
                        "none",
                        "--epochs",
                        "3",
                        "--set",
                        "optim.warmup-epochs=5"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("optim.warmup-epochs 5.0 does not fit into train.epochs 3");
    }

    @Test
    void theUsualSettingsAreOptionsToo() throws IOException {
        String[] usual = {"--epochs", "7", "--batch", "4", "--lr", "3e-4", "--seed", "5", "--set", "train.epochs=9"};
        assertThat(settingsOfFineTuning(with(new String[] {"tiny-image-ft", "--from", "none"}, usual)))
                .containsPattern("\n *epochs: 7 +# --epochs")
                .containsPattern("\n *batch: 4 +# --batch")
                .containsPattern("\n *lr: 3(.0)?[eE]-0?4 +# --lr|\n *lr: 0.0003 +# --lr")
                .containsPattern("(?m)^seed: 5 +# --seed");
    }

    @Test
    void aShareToEndAtIsAnOptionOfPreTraining() throws IOException {
        PretrainCommand command = new PretrainCommand();
        new CommandLine(command).parseArgs("tiny-image", "--until", "0.85");
        assertThat(command.newRun().yaml()).containsPattern("\n *until: 0.85 +# --until");
        assertThat(command.newRun().value().train())
                .isEqualTo(Recipes.BOOK
                        .settings("tiny-image")
                        .set("train.until=0.85")
                        .value()
                        .train());
    }

    /** Who waits sees how far it is, and a signal leaves nothing behind. */
    @Test
    void samplesAreGeneratedWithAWordAndLeaveNothingWhereTheyAreStopped() throws Exception {
        Path beside = Files.createDirectories(folder.resolve("beside"));
        MaskfeatProcess process = MaskfeatProcess.start(
                folder, "data", "sample", beside.resolve("samples").toString());
        for (int i = 0; i < 600 && !process.stderr().contains("generating the sample set, "); i++) {
            Thread.sleep(100);
        }
        process.terminate();
        assertThat(process.exitCode()).isEqualTo(143);
        assertThat(process.stderr()).containsPattern("generating the sample set, \\d+/\\d+");
        assertThat(beside).isEmptyDirectory();
    }

    @Test
    void dataToMeasureFeaturesOnAreAnOptionOfPreTraining() throws IOException {
        PretrainCommand command = new PretrainCommand();
        new CommandLine(command).parseArgs("sample-image", "--val", "held");
        assertThat(command.newRun().yaml())
                .containsPattern("\n *features-val: " + Path.of("held").toAbsolutePath() + " +# --val");
    }

    /** What is changed besides is said once, of a run that there will be. */
    @Test
    void whatAnOptionChangesBesidesIsNotSaidBeforeAnError() throws Exception {
        MaskfeatProcess refused =
                MaskfeatProcess.start(folder, "finetune", "sample-image-ft", "--epochs", "2", "--data", "nowhere");
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.stderr()).startsWith("error: what to begin with?").doesNotContain("warmup");
        MaskfeatProcess missing = MaskfeatProcess.start(
                folder, "finetune", "sample-image-ft", "--from", "none", "--epochs", "2", "--data", "nowhere");
        assertThat(missing.exitCode()).isEqualTo(3);
        assertThat(missing.stderr()).doesNotContain("warmup");
        MaskfeatProcess begun = MaskfeatProcess.start(folder, "config", "sample-image-ft", "--epochs", "2");
        assertThat(begun.exitCode()).isZero();
        assertThat(begun.stderr()).containsOnlyOnce("the share of --epochs 2 that it has in the recipe");
    }

    /** The settings that a fine-tuning would have. */
    private String settingsOfFineTuning(String... args) throws IOException {
        FinetuneCommand command = new FinetuneCommand();
        new CommandLine(command).parseArgs(args);
        return command.newRun().yaml();
    }

    @Test
    void whatToBeginWithMayStandInTheSettings() throws IOException {
        String begun = weights(Recipes.named("tiny-image")).toString();
        assertThat(settingsOfFineTuning("--set", "from=" + begun))
                .contains("from: " + begun)
                .contains("# recipe tiny-image-ft");
        Path file = Files.writeString(folder.resolve("mine.yaml"), "from: " + begun + "\ntrain: {epochs: 7}\n");
        assertThat(settingsOfFineTuning("--config", file.toString()))
                .contains("from: " + begun, "epochs: 7")
                .contains("# recipe tiny-image-ft");
        assertThat(settingsOfFineTuning("tiny-image-ft", "--config", file.toString(), "--set", "from=null"))
                .contains("from: null");
        Path repeated = Files.writeString(folder.resolve("repeated.yaml"), "from: null\n");
        assertRefused(2, new String[] {"what to begin with"}, "tiny-image-ft", "--config", repeated.toString());
    }

    @Test
    void fromScratchAllLayersLearnAtTheSameRateUnlessAskedOtherwise() throws IOException {
        assertThat(settingsOfFineTuning("tiny-image-ft", "--from", "none")).contains("layer-decay: 1.0");
        assertThat(settingsOfFineTuning("tiny-image-ft", "--set", "from=null")).contains("layer-decay: 1.0");
        assertThat(settingsOfFineTuning("tiny-image-ft", "--from", "none", "--set", "optim.layer-decay=0.75"))
                .contains("layer-decay: 0.75");
        String begun = weights(Recipes.named("tiny-image")).toString();
        assertThat(settingsOfFineTuning("--from", begun)).contains("layer-decay: 0.75");
    }

    // ---- finetune: what a resumed run may change -----------------------------------------------------------------

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--set validate.patience=3 | validate.patience was 0 and is 3",
                "--set validate.metric=loss | validate.metric was top1 and is loss",
                "--set optim.ema=0 | optim.ema was 0.9 and is 0",
                "--set data.labels.per-class=3 | data.labels.per-class was 0 and is 3",
                "--set task.mix=null | task.mix",
                "--set seed=1 | seed was 0 and is 1",
                "--from elsewhere | from was null",
                "--val elsewhere | data.labels.validation was null",
            })
    void aFineTuningThatGoesOnStaysTheSame(String change, String said) throws IOException {
        Path out = Files.createDirectories(folder.resolve("begun"));
        Files.writeString(
                out.resolve("config.yaml"), TinyRuns.settingsOf("tiny-image-ft").yaml());
        Files.writeString(out.resolve("DONE"), "8 steps");
        List<String> args = new ArrayList<>(List.of(FINETUNE, "--resume", "--out", out.toString()));
        args.addAll(List.of(change.split(" ")));
        assertThat(run(args.toArray(String[]::new))).as(err.toString()).isEqualTo(2);
        assertThat(err.toString()).contains(said, "must stay the same run").doesNotContain("\tat ");
        assertThat(out.resolve("DONE"))
                .as("a refused resume takes nothing back")
                .exists();
    }

    @Test
    void aFullFolderIsRefused() throws IOException {
        Files.writeString(folder.resolve("precious.txt"), "do not touch");
        assertThat(run("pretrain", "tiny-image", "--data", folder.toString(), "--out", folder.toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains(folder.toString(), "--out", "--resume");
        assertThat(folder.resolve("precious.txt")).hasContent("do not touch");
    }

    @Test
    void thereIsNothingToResumeInAnEmptyFolder() {
        assertThat(run("pretrain", "--resume", "--out", folder.toString())).isEqualTo(2);
        assertThat(err.toString()).contains(folder.toString());
    }

    @Test
    void aDeviceThatIsNotHereIsRefused() throws IOException {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY.imagesOnly());
        String data = folder.resolve("set/images/train").toString();
        String out = folder.resolve("run").toString();
        assertThat(run("pretrain", "tiny-image", "--data", data, "--out", out, "--set", "train.device=tpu"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("tpu", "cpu, cuda");
    }

    @Test
    void imagesWhereVideosAreWantedAreToldWhatReadsThem() throws IOException {
        Path picture = sampleImages().resolve("val/heart-dots/0000.jpg");
        Path some = Files.createDirectories(folder.resolve("some"));
        Files.copy(picture, some.resolve("rose.jpg")); // no numbers, which would be frames
        Files.copy(picture, some.resolve("tulip.jpg"));
        String images = some.toString();
        assertThat(run("pretrain", "tiny-video", "--data", images)).isEqualTo(3);
        assertThat(err.toString())
                .contains(
                        "found 2 files ending in jpg",
                        "it has 2 images; for images: 'maskfeat pretrain tiny-image --data");
        err.getBuffer().setLength(0);
        assertThat(run("pretrain", "k400-vit-b-16x4-pt", "--data", images)).isEqualTo(3);
        assertThat(err.toString()).contains("for images: 'maskfeat pretrain small-image --data ...'");
        err.getBuffer().setLength(0);
        String ofVideos = TinyRuns.weights(folder.resolve("w.safetensors"), Recipes.named("tiny-video"))
                .toString();
        String table = folder.resolve("f.npy").toString();
        assertThat(run("embed", ofVideos, images, "--out", table)).isEqualTo(3);
        assertThat(err.toString())
                .contains("it has 2 images, and the network reads videos")
                .doesNotContain("recipe");
    }

    @Test
    void visualizeTakesFoldersAsPredictDoes() throws IOException {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY.imagesOnly());
        String images = folder.resolve("set/images/val").toString();
        String network = weights(Recipes.named("tiny-image")).toString();
        String pictures = folder.resolve("pictures").toString();
        assertThat(run("visualize", network, images, "--out", pictures))
                .as(err.toString())
                .isZero();
        assertThat(out.toString().lines()).hasSize(20).doesNotHaveDuplicates();
    }

    @Test
    void scanNamesEveryFileThatCannotBeUsed() throws IOException {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY.imagesOnly());
        Path data = folder.resolve("set/images/val");
        Files.writeString(data.resolve("text.jpg"), "this is no picture");
        Files.createFile(data.resolve("empty.png"));
        assertThat(run("data", "scan", data.toString())).isEqualTo(4);
        List<String> lines = out.toString().lines().toList();
        assertThat(lines).anyMatch(line -> line.startsWith("empty") && line.contains("empty.png"));
        assertThat(lines).anyMatch(line -> line.startsWith("not an image") && line.contains("text.jpg"));
        assertThat(lines).anyMatch(line -> line.contains("22 files, 20 usable"));

        out.getBuffer().setLength(0);
        Path list = folder.resolve("good.txt");
        assertThat(run("data", "scan", "--json", "--write-list", list.toString(), data.toString()))
                .isEqualTo(4);
        assertThat(out.toString().lines())
                .hasSize(22)
                .allMatch(line -> JsonMapper.shared().readTree(line).has("verdict"));
        out.getBuffer().setLength(0);
        assertThat(run("data", "scan", list.toString())).isZero();
        assertThat(out.toString()).contains("20 files, 20 usable");
    }

    @Test
    void aListOfUsableFilesNamesTheirClasses() throws IOException {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY.imagesOnly());
        Path list = folder.resolve("good.txt");
        String data = folder.resolve("set/images/val").toString();
        assertThat(run("data", "scan", "--write-list", list.toString(), data)).isZero();
        assertThat(list).content().startsWith("path,label\n").contains("/heart-dots/0000.jpg\",\"heart-dots\"\n");
        out.getBuffer().setLength(0);
        assertThat(run("data", "scan", list.toString())).isZero();
        assertThat(out.toString()).contains("20 files, 20 usable", "10 classes");
    }

    @Test
    void aListOfFoldersThatAreNumbersKeepsTheNumbers() throws IOException {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY.imagesOnly());
        Path data = folder.resolve("numbers");
        Path from = folder.resolve("set/images/val/heart-dots/0000.jpg");
        for (String name : new String[] {"0", "2", "10"}) {
            Files.createDirectories(data.resolve(name));
            Files.copy(from, data.resolve(name).resolve("a.jpg"));
        }
        Path list = folder.resolve("good.txt");
        assertThat(run("data", "scan", "--write-list", list.toString(), data.toString()))
                .isZero();
        assertThat(list).content().contains("/2/a.jpg\" 2\n", "/10/a.jpg\" 10\n");
    }

    @Test
    void scanLooksAtVideosToo() throws IOException {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY.clipsOnly());
        Path data = folder.resolve("set/clips/val");
        Files.writeString(
                data.resolve("a text with quite a long name that takes up a good part of a line.mp4"), "text");
        Files.writeString(data.resolve("notes.md"), "passed over");
        assertThat(run("data", "scan", data.toString())).isEqualTo(4);
        assertThat(out.toString().lines()).allMatch(line -> line.length() <= 80);
        assertThat(out.toString())
                .contains("not a video    a text with quite a long name", "14 files, 12 usable", "1 passed over")
                .contains("12 videos, 0.00 hours", "frames a second", "codecs       h264");

        out.getBuffer().setLength(0);
        assertThat(run("data", "scan", "--json", "--as", "videos", data.toString()))
                .isEqualTo(4);
        List<JsonNode> rows =
                out.toString().lines().map(JsonMapper.shared()::readTree).toList();
        assertThat(rows).hasSize(14);
        assertThat(rows).anySatisfy(row -> {
            assertThat(row.path("kind").asString()).isEqualTo("video");
            assertThat(row.path("frames").asInt()).isEqualTo(16);
            assertThat(row.path("rate").asDouble()).isEqualTo(25);
            assertThat(row.path("codec").asString()).isEqualTo("h264");
        });
        Path index = folder.resolve("video-index");
        assertThat(run("data", "scan", "--keep-index", index.toString(), data.toString()))
                .isEqualTo(4);
        assertThat(index).isDirectoryContaining("glob:**.index");
        assertThat(index.toFile().list()).hasSize(12);
        assertThat(run("data", "scan", "--as", "films", data.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("'films' must be auto, images or videos");
    }

    @Test
    void doctorFindsNothingWrongWithTheFlagsOfTheTests() {
        assertThat(run("doctor", "--json")).isZero();
        JsonNode answer = JsonMapper.shared().readTree(out.toString());
        assertThat(answer.at("/facts/libtorch").asString()).startsWith("2.");
        assertThat(answer.at("/complaints").toString()).doesNotContain("JavaCPP collects", "BLAS is OpenBLAS");
    }

    @Test
    void weightsThatAreNoneAreAnInputError() throws IOException {
        Path file = Files.writeString(folder.resolve("model.safetensors"), "not weights at all");
        assertThat(run(
                        "visualize",
                        file.toString(),
                        "x.jpg",
                        "--out",
                        folder.resolve("p").toString()))
                .isEqualTo(3);
        assertThat(err.toString()).contains("model.safetensors");
        assertThat(run("visualize", folder.resolve("none").toString(), "x.jpg", "--out", "p"))
                .isEqualTo(3);
        assertThat(err.toString()).contains("there is no such file");
    }
}
