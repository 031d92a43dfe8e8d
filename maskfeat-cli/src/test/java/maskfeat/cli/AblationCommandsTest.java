package maskfeat.cli;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import maskfeat.ablation.Ablation;
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
