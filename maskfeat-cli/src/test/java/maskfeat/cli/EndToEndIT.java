package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import maskfeat.network.OpenedWeights;
import maskfeat.sample.SampleSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs from the command line to what they leave behind, and the exit codes that schedulers go by. */
class EndToEndIT {
    @TempDir
    private static Path folder = Path.of("");

    private static Path data = Path.of("");

    @BeforeAll
    static void makeData() throws Exception {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY.imagesOnly());
        data = folder.resolve("set/images/train");
    }

    private static List<String> words(Path images, Path out, String... sets) {
        List<String> words = new ArrayList<>(List.of("pretrain", "tiny-image", "--data", images.toString()));
        words.addAll(List.of("--out", out.toString()));
        List.of(sets).forEach(set -> words.addAll(List.of("--set", set)));
        return words;
    }

    /** In this process, as what is no run from beginning to end takes longer to start than to do. */
    private static TinyRuns.Ran pretrain(Path images, Path out, String... sets) {
        return TinyRuns.run(words(images, out, sets).toArray());
    }

    @Test
    void leavesAReportAndWeightsThatCanBeLookedAt() throws Exception {
        Path out = folder.resolve("run");
        MaskfeatProcess run = MaskfeatProcess.run(folder, words(data, out).toArray(String[]::new));
        assertThat(run.exitCode()).as(run.stderr()).isZero();
        assertThat(run.stdout().strip())
                .isEqualTo(out.resolve("model.safetensors").toString());
        assertThat(run.stderr())
                .doesNotContain("\r", "\u001b")
                .contains("baseline", "lr ", "report: ", "next: maskfeat finetune --from ");
        assertThat(out.resolve("report.html")).content().contains("uPlot", "data:image/png;base64,");
        assertThat(out.resolve("pictures")).isDirectoryContaining("glob:**step-*.png");
        assertThat(out).isDirectoryContaining("glob:**events.out.tfevents.*");

        Path picture = Files.list(data.resolve(SampleSet.imageClasses().get(0)))
                .findFirst()
                .orElseThrow();
        Path pictures = folder.resolve("pictures");
        TinyRuns.Ran look = TinyRuns.run("visualize", out, picture, "--out", pictures);
        assertThat(look.code()).as(look.err()).isZero();
        assertThat(ImageIO.read(Path.of(look.out().strip()).toFile()).getWidth())
                .isGreaterThan(400);

        // The same folder again is refused, and a resume of what is done has nothing to do and says so by exit 0.
        byte[] weights = Files.readAllBytes(out.resolve("model.safetensors"));
        assertThat(pretrain(data, out).code()).isEqualTo(Exit.USAGE);
        TinyRuns.Ran again = TinyRuns.run("pretrain", "--resume", "--out", out);
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(Files.readAllBytes(out.resolve("model.safetensors"))).isEqualTo(weights);
    }

    @Test
    void aVideoRunLeavesFilmstripsAndFilms() throws Exception {
        SampleSet.write(folder.resolve("clips-set"), SampleSet.Size.TINY.clipsOnly());
        Path clips = folder.resolve("clips-set/clips/train");
        Path out = folder.resolve("clips-run");
        MaskfeatProcess run = MaskfeatProcess.run(
                folder, "pretrain", "tiny-video", "--data", clips.toString(), "--out", out.toString());
        assertThat(run.exitCode()).as(run.stderr()).isZero();
        assertThat(run.stderr()).contains("24 clips in 12 classes", "2x4x4 tokens of 8 px");
        assertThat(out.resolve("report.html")).content().contains("data:video/mp4;base64,");
        assertThat(out.resolve("pictures")).isDirectoryContaining("glob:**step-*.png");
        assertThat(out.resolve("pictures")).isDirectoryContaining("glob:**step-*.mp4");

        // Files of one name from two folders do not overwrite each other.
        Path one = clips.resolve(SampleSet.clipClasses().get(0)).resolve("0000.mp4");
        Path other = clips.resolve(SampleSet.clipClasses().get(1)).resolve("0000.mp4");
        Path pictures = folder.resolve("clip-pictures");
        TinyRuns.Ran look = TinyRuns.run("visualize", out, one, other, "--out", pictures);
        assertThat(look.code()).as(look.err()).isZero();
        assertThat(look.out().lines())
                .hasSize(4)
                .doesNotHaveDuplicates()
                .allSatisfy(file -> assertThat(Path.of(file)).isNotEmptyFile());

        // Images where clips are wanted. (Numbered ones would be the frames of a clip.)
        Path photos = Files.createDirectory(folder.resolve("photos"));
        Files.copy(data.resolve(SampleSet.imageClasses().get(0)).resolve("0001.jpg"), photos.resolve("cat.jpg"));
        TinyRuns.Ran wrong = TinyRuns.run("pretrain", "tiny-video", "--data", photos, "--out", folder.resolve("no"));
        assertThat(wrong.code()).isEqualTo(Exit.INPUT);
        assertThat(wrong.err()).contains("images").doesNotContain("\tat ");
        assertThat(folder.resolve("no")).doesNotExist();
    }

    @Test
    void weightsOfPreTrainingBecomeAClassifier() throws Exception {
        Path pretrained = folder.resolve("pretrained");
        assertThat(pretrain(data, pretrained, "train.epochs=1").code()).isZero();
        Path out = folder.resolve("classifier");
        MaskfeatProcess run = MaskfeatProcess.run(
                folder,
                "finetune",
                "--from",
                pretrained.toString(),
                "--data",
                folder.resolve("set/images").toString(),
                "--out",
                out.toString(),
                "--set",
                "train.epochs=2");
        assertThat(run.exitCode()).as(run.stderr()).isZero();
        assertThat(run.stdout().strip())
                .isEqualTo(out.resolve("model.safetensors").toString());
        assertThat(run.stderr())
                .contains("60 images in 10 classes", "measured on 20 images", "weights loaded", "val top1");
        assertThat(out.resolve("config.yaml")).content().contains("recipe tiny-image-ft", pretrained.toString());
        assertThat(out.resolve("weights.json")).content().contains("blocks.0.attn", "head.projection.weight");
        assertThat(out.resolve("metrics.jsonl")).content().contains("val/top1", "train/top1");
        assertThat(out.resolve("DONE")).exists();
        assertThat(out.resolve("best.safetensors")).hasSameBinaryContentAs(out.resolve("model.safetensors"));
        try (OpenedWeights written = OpenedWeights.open(out.resolve("model.safetensors"))) {
            assertThat(written.classes().names())
                    .isEqualTo(SampleSet.imageClasses().stream().sorted().toList());
        }

        // With a checkpoint there, what it began with is needed no more; nor is the data of the run where it was.
        Files.move(pretrained, folder.resolve("moved-weights"));
        byte[] weights = Files.readAllBytes(out.resolve("model.safetensors"));
        Files.delete(out.resolve("model.safetensors"));
        Files.delete(out.resolve("best.safetensors"));
        TinyRuns.Ran again = TinyRuns.run("finetune", "--resume", "--out", out);
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(Files.readAllBytes(out.resolve("model.safetensors"))).isEqualTo(weights);

        // Without one they are, and a run that has lost it does not begin anew.
        try (Stream<Path> checkpoints = Files.list(out.resolve("checkpoints"))) {
            for (Path checkpoint : checkpoints.toList()) {
                Files.move(checkpoint, folder.resolve("moved-" + checkpoint.getFileName()));
            }
        }
        TinyRuns.Ran lost = TinyRuns.run("finetune", "--resume", "--out", out);
        assertThat(lost.code()).as(lost.err()).isEqualTo(Exit.INPUT);
        assertThat(lost.err()).contains("has no checkpoint, and this run has saved some");
        for (String trace : List.of("SAVED", "model.safetensors", "best.safetensors")) { // as if it never had one
            Files.deleteIfExists(out.resolve(trace));
        }
        TinyRuns.Ran first = TinyRuns.run("finetune", "--resume", "--out", out);
        assertThat(first.code()).as(first.err()).isEqualTo(Exit.INPUT);
        assertThat(first.err()).contains(pretrained + ": there is no such file").doesNotContain("\tat ");
    }

    @Test
    void aResumeWithOtherSettingsIsRefusedByName() throws Exception {
        Path out = folder.resolve("changed");
        assertThat(pretrain(data, out, "train.epochs=1").code()).isZero();
        TinyRuns.Ran other = TinyRuns.run("pretrain", "--resume", "--out", out, "--set", "optim.lr=0.1");
        assertThat(other.code()).isEqualTo(Exit.USAGE);
        assertThat(other.err()).contains("optim.lr was 0.002 and is 0.1").doesNotContain("\tat ");
    }

    @Test
    void tooManyBadFilesStopTheRun() throws Exception {
        Path bad = folder.resolve("bad");
        SampleSet.write(bad, SampleSet.Size.TINY.imagesOnly());
        Path images = bad.resolve("images/val");
        for (int i = 0; i < 4; i++) {
            Files.writeString(images.resolve(SampleSet.imageClasses().get(0)).resolve("bad-" + i + ".jpg"), "no");
        }
        TinyRuns.Ran run = pretrain(images, folder.resolve("stopped"), "data.max-bad-share=0.1");
        assertThat(run.code()).as(run.err()).isEqualTo(Exit.BAD_FILES);
        assertThat(run.err()).contains("data.max-bad-share", "bad-");
        assertThat(Files.readAllLines(folder.resolve("stopped/bad-files.jsonl")))
                .hasSizeGreaterThanOrEqualTo(3);
    }

    @Test
    void aRunThatDivergesSaysFromWhichStepOn() throws Exception {
        Path out = folder.resolve("diverged");
        TinyRuns.Ran run = pretrain(data, out, "optim.lr=1e30", "train.epochs=30", "optim.warmup-epochs=0");
        assertThat(run.code()).as(run.err()).isEqualTo(Exit.DIVERGED);
        assertThat(run.err()).contains("not finite", "learning rate", "nonfinite");
        assertThat(out.resolve("nonfinite")).isNotEmptyDirectory();
        assertThat(run.err()).doesNotContain("\tat ");
        assertThat(out.resolve("train.log")).content().contains("TrainingDiverged", "\tat "); // where, for us
        assertThat(out.resolve("checkpoints")).isNotEmptyDirectory();
    }
}
