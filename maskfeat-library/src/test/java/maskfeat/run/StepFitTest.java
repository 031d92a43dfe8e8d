package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import maskfeat.settings.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StepFitTest {
    private final List<String> said = new ArrayList<>();

    private Settings<Run> fitted(Settings<Run> settings, int items) {
        return StepFit.fitted(settings, items, "clips", said::add);
    }

    /** An eighth of the data and a power of two; where a task looks at its batch as a whole, as many as there are. */
    @ParameterizedTest
    @CsvSource({
        "in1k-vit-b-pt, 100, 8",
        "in1k-vit-b-pt, 15, 1",
        "in1k-vit-b-pt, 1, 1",
        "k400-mvitv2-s-16x4-pt, 500, 32",
        "tiny-mocov3, 15, 8"
    })
    void dataThatFillNoStepGetSmallerOnes(String recipe, int items, int step) {
        Settings<Run> settings = Recipes.BOOK.settings(recipe);
        Run before = settings.value();
        Settings<Run> fitted = fitted(settings, items);
        Run.Train train = fitted.value().train();
        assertThat(train.stepSize()).isEqualTo(step);
        assertThat(train.microBatch()).isEqualTo(Math.min(step, before.train().microBatch()));
        assertThat(said)
                .singleElement()
                .asString()
                .contains(items == 1 ? "1 clip does not fill" : items + " clips do not fill", "train.batch=");
        assertThat(fitted.origins().get("train.batch")).hasToString("fitted, " + items + " clips");
        assertThat(fitted.value().optim()).isEqualTo(before.optim());
    }

    /** What fits into memory is decided of that step, later. */
    @Test
    void autoFitsTheDataToo() {
        Settings<Run> settings = Recipes.BOOK.settings("in1k-vit-b-pt").set("train.batch=auto");
        Run.Train train = fitted(settings, 100).value().train();
        assertThat(train.stepSize()).isEqualTo(8);
        assertThat(train.batch().isAuto()).isTrue();
        Run.Train one = fitted(settings, 5).value().train();
        assertThat(one.stepSize()).isEqualTo(1);
        assertThat(fitted(settings.set("train.accumulate=2"), 5).value().train().stepSize())
                .isGreaterThan(5);
    }

    /** Mixing takes two samples at least, and each item is drawn twice. */
    @Test
    void whatTheTaskDoesNotTakeIsNotChosen() {
        Settings<Run> settings = Recipes.BOOK.settings("k400-mvitv2-s-16x4-ft");
        Run.Train train = fitted(settings, 5).value().train();
        assertThat(train.microBatch()).isGreaterThan(1);
        assertThat(train.stepSize() / settings.value().augment().repeat()).isLessThanOrEqualTo(5);
        settings.set("train.batch=" + train.microBatch())
                .set("train.accumulate=" + train.accumulate())
                .value();
    }

    @Test
    void enoughDataKeepsTheRecipe() {
        Settings<Run> settings = Recipes.BOOK.settings("tiny-image");
        int step = settings.value().train().stepSize();
        assertThat(fitted(settings, step)).isSameAs(settings);
        assertThat(fitted(settings, 0)).isSameAs(settings); // refused elsewhere, by its own words
        assertThat(said).isEmpty();
    }

    @Test
    void whatSomebodySetStays(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("steps.yaml");
        Files.writeString(file, "train: {accumulate: 4}\n");
        Settings<Run> settings = Recipes.BOOK.settings("tiny-image");
        for (Settings<Run> set : List.of(
                settings.set("train.batch=64"), settings.flag("--batch", "train.batch", "64"), settings.file(file))) {
            assertThat(fitted(set, 3)).isSameAs(set);
        }
        assertThat(said).isEmpty();
    }
}
