package maskfeat.ablation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Stream;
import maskfeat.run.Recipes;
import maskfeat.run.Run;
import maskfeat.settings.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AblationTest {
    static Stream<Ablation> both() {
        return Stream.of(Ablation.ofImages(), Ablation.ofClips());
    }

    @ParameterizedTest
    @MethodSource("both")
    void namesAreNamesOfOneRowAndClaimsAreOfRows(Ablation ablation) {
        List<String> names = ablation.rows().stream().map(Row::name).toList();
        assertThat(names).doesNotHaveDuplicates().allMatch(name -> name.matches("[a-z0-9-]+"));
        assertThat(names).doesNotContainAnyElementsOf(List.of("target", "norm", "mask", "ratio", "augment"));
        for (Claim claim : ablation.claims()) {
            assertThat(names).contains(claim.upper(), claim.lower());
        }
        for (Row row : ablation.rows()) {
            assertThat(names).containsAll(row.needs());
        }
    }

    /** A row that a recipe refuses would be found out after hours. */
    @ParameterizedTest
    @MethodSource("both")
    void everyRowOfMaskedPredictionIsARunThatDiffersFromTheRecipe(Ablation ablation) {
        for (String recipe : Recipes.of("pretrain", "masked")) {
            Settings<Run> base = Recipes.BOOK.settings(recipe);
            if (base.value().data().ofImages() != ablation.noun().equals("images")) {
                continue;
            }
            for (Row row : ablation.rows()) {
                if (row.start() != Row.Start.MASKED || row.name().equals(Ablation.BASE)) {
                    continue;
                }
                Settings<Run> changed = base;
                for (String setting : row.settings(name -> "runs/" + name)) {
                    changed = changed.set(setting);
                }
                assertThat(changed.value()).as(recipe + " " + row.name()).isNotEqualTo(base.value());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("both")
    void whatARowNeedsIsRunBeforeIt(Ablation ablation) {
        List<List<String>> askings = new ArrayList<>(List.of(List.of()));
        ablation.rows().forEach(row -> askings.add(List.of(row.name())));
        ablation.groups().forEach(group -> askings.add(List.of(group)));
        for (List<String> asked : askings) {
            Set<String> before = new HashSet<>();
            for (Row row : ablation.rows(asked)) {
                assertThat(before).as(asked + " " + row.name()).containsAll(row.needs());
                assertThat(before.add(row.name())).as(row.name()).isTrue();
            }
            assertThat(before)
                    .containsAll(asked.stream()
                            .filter(each -> ablation.rows().stream()
                                    .anyMatch(row -> row.name().equals(each)))
                            .toList());
        }
        assertThat(ablation.rows(List.of())).hasSameSizeAs(ablation.rows());
    }

    @Test
    void aRowThatIsAskedForBringsWhatItNeeds() {
        assertThat(Ablation.ofImages().rows(List.of("mocov3-class", "features-supervised")))
                .extracting(Row::name)
                .containsExactlyInAnyOrder("mocov3", "mocov3-class", "supervised", "features-supervised");
        assertThatThrownBy(() -> Ablation.ofClips().rows(List.of("hog", "colours")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'colours'")
                .hasMessageContaining("pixels");
    }

    @Test
    void theTableHasEachRowOnceInEightyColumns() {
        Ablation ablation = Ablation.ofImages();
        Map<String, Figures> figures = new LinkedHashMap<>();
        for (Row row : ablation.rows()) {
            figures.put(
                    row.name(),
                    Figures.none()
                            .measuredOn(400)
                            .and(Measure.FINETUNED, 0, 40)
                            .and(Measure.FINETUNED, 2, 44)
                            .and(Measure.LINEAR, 0, 20)
                            .pretrained(Optional.of(new Figures.LossAtEnd(0.715, true)), OptionalDouble.of(3.25)));
        }
        figures.put("scratch", Figures.none().and(Measure.FINETUNED, 0, 11).and(Measure.FINETUNED, 1, 12));
        figures.remove("ratio-80");
        AblationTable table = new AblationTable(
                ablation,
                "top-1 on 400 images",
                ablation.rows(),
                figures,
                Map.of("ratio-80", "it diverged"),
                Map.of("labels", "10"));
        String text = table.text(80);
        assertThat(text.lines()).allMatch(line -> line.length() <= 80);
        for (Row row : ablation.rows()) {
            assertThat(text.lines().filter(line -> line.startsWith(row.name() + " ")))
                    .as(row.name())
                    .hasSize(1);
        }
        assertThat(text)
                .containsPattern("hog +42\\.0 ± 2\\.8 +20\\.0 +- +0\\.7[12] +3\\.[23] +83\\.6")
                .contains("pre-training over none, fine-tuned: seen (42.0 ± 2.8 against 11.5 ± 0.7)")
                .contains("not finished: ratio-80: it diverged")
                .containsSubsequence("Not compared", "40 % hidden over 80 %");
        assertThat(table.page().sections().get(0).sentences()).contains("top-1 on 400 images.");
        assertThat(ablation.notRun(Map.of())).isEmpty();
        Figures ofHog = Figures.none().and(Measure.FINETUNED, 0, 40).and(Measure.LINEAR, 0, 20);
        assertThat(ablation.notRun(Map.of("hog", ofHog)))
                .contains("HOG over MoCo v3", "MoCo v3 over HOG, linear")
                .hasSameSizeAs(ablation.claims());
        assertThat(ablation.keys())
                .contains("task.target.kind", "task.mask.ratio", "augment.rand")
                .doesNotContain("seed");
        assertThat(table.csv().lines())
                .contains("hog,target,val/top1,0,40.0", "hog,target,val/top1,2,44.0", "hog,target,probe/top1,0,20.0");
    }

    private static String lossOf(boolean hog, boolean pixels) {
        Ablation ablation = Ablation.ofImages();
        Map<String, Figures> figures = Map.of(
                "hog", Figures.none().pretrained(Optional.of(new Figures.LossAtEnd(0.7, hog)), OptionalDouble.empty()),
                "pixels",
                        Figures.none()
                                .pretrained(Optional.of(new Figures.LossAtEnd(0.8, pixels)), OptionalDouble.empty()));
        AblationTable table = new AblationTable(
                ablation,
                "top-1",
                List.of(ablation.row("hog"), ablation.row("pixels"), ablation.row("scratch")),
                figures,
                Map.of(),
                Map.of());
        String text = table.text(80).replaceAll("\\s+", " ");
        String loss = text.substring(text.indexOf("loss: ") + "loss: ".length(), text.indexOf(" min: "));
        assertThat(table.page().sections().get(0).sentences())
                .contains("Loss: " + loss + ". Those of different targets do not compare.");
        return loss;
    }

    /** Results of older versions have no mean of an epoch. */
    @Test
    void theTableSaysWhichLossItHas() {
        String ofEpochs = "mean of the last epoch of pre-training, as a share of the constant prediction's";
        assertThat(lossOf(true, true)).isEqualTo(ofEpochs);
        assertThat(lossOf(true, false))
                .isEqualTo(
                        ofEpochs + "; of pixels that of the last report, of a few steps: their results have no other");
        assertThat(lossOf(false, false))
                .isEqualTo(
                        "of the last report, of a few steps, of pre-training, as a share of the constant prediction's");
    }
}
