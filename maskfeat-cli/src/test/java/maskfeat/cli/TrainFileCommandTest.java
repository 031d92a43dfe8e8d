package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import maskfeat.cli.TinyRuns.Ran;
import maskfeat.report.MetricsFile;
import maskfeat.run.FinishedRun;
import maskfeat.run.RunJob;
import maskfeat.run.RunResult;
import maskfeat.train.RunFolder;
import maskfeat.train.Trainer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Runs from a file, and runs that were begun elsewhere. */
class TrainFileCommandTest {
    @TempDir
    private static Path folder = Path.of("");

    private static Path images = Path.of("");

    @BeforeAll
    static void makeData() throws Exception {
        images = TinyRuns.images(folder.resolve("set"));
    }

    private static Path file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    private static Ran train(Path file, Path out, String... more) {
        List<Object> args = new ArrayList<>(List.of("train", file, "--out", out));
        args.addAll(List.of(more));
        return TinyRuns.run(args.toArray());
    }

    @Test
    void aFewSettingsComeOverTheirBase() throws Exception {
        Path out = folder.resolve("few");
        Path file = file("few.yaml", "base: tiny-image\ntrain:\n  epochs: 2\n  batch: 4\n");
        Ran ran = train(file, out, "--data", images.resolve("train").toString(), "--set", "train.batch=8");
        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(ran.out().strip()).isEqualTo(out.resolve("model.safetensors").toString());
        assertThat(RunResult.read(out.resolve("result.json")).facts())
                .containsEntry("recipe", "tiny-image")
                .containsEntry("epochs", "2");
        assertThat(out.resolve("config.yaml"))
                .content()
                .contains("# few.yaml:3", "# --set", "# --data", "# recipe tiny-image")
                .containsPattern("batch: 8 +# --set")
                .doesNotContain("base:");
    }

    @Test
    void whatConfigPrintsIsARun() throws Exception {
        Ran config = TinyRuns.run("config", "tiny-image-ft", "--set", "train.epochs=1");
        Path out = folder.resolve("complete");
        Ran ran = train(file("complete.yaml", config.out()), out, "--data", images.toString());
        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(FinishedRun.read(out).kind()).isEqualTo("finetune");
        assertThat(out.resolve("predictions.csv")).exists();
    }

    @Test
    void whatConfigPrintsForMachinesIsARunToo() throws Exception {
        Ran config = TinyRuns.run(
                "config", "tiny-image", "--set", "train.epochs=1", "--set", "optim.warmup-epochs=0", "--json");
        Path out = folder.resolve("json");
        Ran ran = train(
                file("complete.json", config.out()),
                out,
                "--data",
                images.resolve("train").toString());
        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(out.resolve("DONE")).exists();
    }

    @Test
    void theFolderIsCalledAsTheFileIs() {
        TrainFileCommand command = new TrainFileCommand();
        for (String file : List.of("a/photos.v2.yaml", "photos.v2.yml", "photos.v2.json", "photos.v2")) {
            new CommandLine(command).parseArgs(file);
            assertThat(command.runName()).isEqualTo("photos.v2");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'base: tiny-image\ntrain: {bacth: 4}' | train.bacth | train.batch | here.yaml:2",
                "'base: tiny-imag' | there is no recipe 'tiny-imag' | tiny-image | maskfeat recipes",
                "'base: tiny-image\nversion: 12' | version 12 | up to version 11 | newer",
                "'train: {epochs: 2}' | is missing | here.yaml | seed",
                "'base: [' | here.yaml | cannot be read | YAML",
                "'' | here.yaml | map | here",
                "'base: tiny-image\ntrain: {batch: many}' | train.batch | whole number | here.yaml:2",
            })
    void aWrongFileIsRefusedWithWhatWouldDo(String content, String said, String more, String where) throws IOException {
        Path out = folder.resolve("refused");
        Ran ran = train(file("here.yaml", content), out);
        assertThat(ran.code()).as(ran.err()).isEqualTo(Exit.USAGE);
        assertThat(ran.err()).startsWith("error: ").contains(said, more, where).doesNotContain("\tat ");
        assertThat(ran.out()).isEmpty();
        assertThat(out).doesNotExist();
    }

    @Test
    void aFileThatIsNotThereOrNotNamedIsRefused() {
        Ran missing = train(folder.resolve("nowhere.yaml"), folder.resolve("refused"));
        assertThat(missing.code()).isEqualTo(Exit.USAGE);
        assertThat(missing.err()).contains("nowhere.yaml: there is no such file");
        Ran none = TinyRuns.run("train");
        assertThat(none.code()).isEqualTo(Exit.USAGE);
        assertThat(none.err()).contains("which run?", "maskfeat config");
        Ran resume = TinyRuns.run("train", "--resume");
        assertThat(resume.code()).isEqualTo(Exit.USAGE);
        assertThat(resume.err()).contains("which run is to go on?", "--out DIR");
    }

    @Test
    void aFileOfTheFirstVersionIsReadAsItWasMeant() throws Exception {
        Path out = folder.resolve("old");
        String old = "version: 1\nbase: tiny-image\nmask: {ratio: 0.5}\ndata: {min-area: 0.4}\n";
        Ran ran = train(
                file("old.yaml", old),
                out,
                "--data",
                images.resolve("train").toString(),
                "--set",
                "train.epochs=1",
                "--set",
                "optim.warmup-epochs=0");
        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(FinishedRun.read(out).settings())
                .containsEntry("task.mask.ratio", "0.5")
                .containsEntry("augment.crop.min-area", "0.4");
    }

    @Test
    void aRunBegunByAProgramIsContinuedByTheCommand() throws Exception {
        Path straight = folder.resolve("straight");
        String[] plain = {"train.epochs=3", "report.pictures-every=0"};
        assertThat(TinyRuns.train(straight, images.resolve("train"), TinyRuns.settingsOf("tiny-image", plain), null))
                .isEqualTo(Trainer.Ending.DONE);
        for (String command : List.of("pretrain", "train")) {
            Path out = folder.resolve("begun-" + command);
            RunJob job = RunJob.begin(
                    out,
                    TinyRuns.settingsOf("tiny-image", plain)
                            .set("data.path=" + images.resolve("train"))
                            .value());
            int[] steps = {0};
            try (RunFolder run = job.folder()) {
                RunJob.Watch watch = new RunJob.Watch(List.of(), () -> ++steps[0] >= 5, (done, of) -> {}, "");
                assertThat(job.run(run, watch).ending()).isEqualTo(Trainer.Ending.STOPPED);
            }
            assertThat(out.resolve("DONE")).doesNotExist();
            Ran ran = TinyRuns.run(command, "--resume", "--out", out);
            assertThat(ran.code()).as(ran.err()).isZero();
            assertThat(out.resolve("model.safetensors")).hasSameBinaryContentAs(straight.resolve("model.safetensors"));
            assertThat(losses(out)).isEqualTo(losses(straight));
            assertThat(RunResult.read(out.resolve("result.json")).figures())
                    .isEqualTo(RunResult.read(straight.resolve("result.json")).figures());
            assertThat(out.resolve("report.html")).content().contains("complete");
        }
    }

    private static List<Map.Entry<Long, Double>> losses(Path run) {
        return MetricsFile.read(run.resolve("metrics.jsonl")).entrySet().stream()
                .map(row -> Map.entry(row.getKey(), row.getValue().getOrDefault("train/loss", Double.NaN)))
                .toList();
    }
}
