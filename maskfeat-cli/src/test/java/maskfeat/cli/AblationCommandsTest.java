package maskfeat.cli;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import maskfeat.ablation.Ablation;
import maskfeat.ablation.Figures;
import maskfeat.ablation.Measure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AblationCommandsTest {
    private static List<String> supervised(Map<String, List<String>> sets) {
        Ablation ablation = Ablation.ofImages();
        AblationCommands commands = new AblationCommands(
                ablation,
                Path.of("out"),
                new AblationCommands.BaseRecipes("tiny-image", null, "tiny-image-ft"),
                null,
                null,
                2,
                1,
                sets);
        return commands.of(ablation.row("supervised"), 0).values().iterator().next();
    }

    @Test
    void aTrainingWithoutValidationLeavesAGap(@TempDir Path out) throws Exception {
        Path result = out.resolve("hog/labels-2/finetune-seed0/result.json");
        Files.createDirectories(requireNonNull(result.getParent()));
        Files.writeString(
                result, "{\"version\":1,\"facts\":{},\"figures\":{\"train/loss\":2.3},\"blocks\":[],\"classes\":[]}");
        Ablation ablation = Ablation.ofImages();
        AblationCommands commands = new AblationCommands(
                ablation,
                out,
                new AblationCommands.BaseRecipes("tiny-image", null, "tiny-image-ft"),
                null,
                null,
                2,
                1,
                Map.of());
        assertThat(commands.figures(ablation.row("hog"), 1).of(Measure.FINETUNED))
                .isEmpty();
    }

    private static void pretraining(Path out, int seed, String figures) throws IOException {
        Path folder = out.resolve("hog/pretrain-seed" + seed);
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("metrics.jsonl"), "");
        Files.writeString(
                folder.resolve("result.json"),
                "{\"version\":1,\"facts\":{},\"figures\":{" + figures + "},\"blocks\":[],\"classes\":[]}");
    }

    private static Figures ofHog(Path out) throws IOException {
        Ablation ablation = Ablation.ofImages();
        return new AblationCommands(
                        ablation,
                        out,
                        new AblationCommands.BaseRecipes("tiny-image", null, "tiny-image-ft"),
                        null,
                        null,
                        2,
                        2,
                        Map.of())
                .figures(ablation.row("hog"), 2);
    }

    /** A report is of a few steps; a result of an older version has no more. */
    @Test
    void theLossIsTheMeanOfTheLastEpochWhereEachPreTrainingHasIt(@TempDir Path out) throws Exception {
        pretraining(out, 0, "\"train/loss_vs_baseline\":0.5,\"train/epoch_loss_vs_baseline\":0.7");
        pretraining(out, 1, "\"train/loss_vs_baseline\":0.6,\"train/epoch_loss_vs_baseline\":0.9");
        assertThat(ofHog(out).loss()).contains(new Figures.LossAtEnd(0.8, true));
        pretraining(out, 1, "\"train/loss_vs_baseline\":0.6");
        assertThat(ofHog(out).loss()).contains(new Figures.LossAtEnd(0.55, false));
        pretraining(out, 0, "");
        pretraining(out, 1, "");
        assertThat(ofHog(out).loss()).isEmpty();
    }

    @Test
    void trainingWithAllLabelsHasAsManyPassesAsPreTraining() {
        assertThat(supervised(Map.of())).contains("train.epochs=6");
        assertThat(supervised(Map.of(
                        "pretrain",
                        List.of("train.epochs=9", "train.epochs=11"),
                        "finetune",
                        List.of("train.epochs=2"))))
                .contains("train.epochs=11")
                .doesNotContain("train.epochs=6", "train.epochs=2");
        assertThat(supervised(Map.of("pretrain", List.of("train.epochs=9"), "supervised", List.of("train.epochs=3"))))
                .containsSubsequence("train.epochs=9", "train.epochs=3");
    }
}
