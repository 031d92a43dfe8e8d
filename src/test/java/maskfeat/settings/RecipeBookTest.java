package maskfeat.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import maskfeat.settings.SampleRun.Ema;
import maskfeat.settings.SampleRun.Hog;
import maskfeat.settings.SampleRun.Pixels;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecipeBookTest {
    private static final String FOLDER = "maskfeat/settings/recipes";
    private static final Format<SampleRun> FORMAT = new Format<>(SampleRun.class, "sample runs", 2, List.of());
    private static final RecipeBook<SampleRun> BOOK = RecipeBook.of(FORMAT, FOLDER, List.of("small", "pixels"));

    @TempDir
    Path folder;

    @Test
    void recipesAreListedInOrderWithWhatTheyAre() {
        assertThat(BOOK.names()).containsExactly("small", "pixels");
        assertThat(BOOK.summary("small")).isEqualTo("a small one, for tests");
        assertThat(BOOK.summary("pixels")).isEqualTo("the small one with pixels");
    }

    @Test
    void aRecipeIsItsFileOverItsBases() {
        assertThat(BOOK.value("small")).isEqualTo(SampleRun.recipe());
        SampleRun pixels = BOOK.value("pixels");
        assertThat(pixels.target()).isEqualTo(new Pixels(4, true));
        assertThat(pixels.train()).isEqualTo(new SampleRun.Train(32, 1.6e-3f, 0.05, null, 0.01));
        assertThat(pixels.ema()).isEqualTo(new Ema(0.5, null));
        assertThat(pixels.data()).isEqualTo(SampleRun.recipe().data());
    }

    @Test
    void everyRecipePrintsAsAFileThatReadsTheSame() throws IOException {
        for (String name : BOOK.names()) {
            Path file = write(name + ".yaml", BOOK.settings(name).yaml());
            assertThat(BOOK.settings(file).value()).isEqualTo(BOOK.value(name));
            assertThat(BOOK.settings("small").file(file).value()).isEqualTo(BOOK.value(name));
        }
    }

    @Test
    void itsValuesComeFromTheRecipe() {
        assertThat(BOOK.settings("pixels").set("train.batch=1").origins())
                .allSatisfy((key, origin) ->
                        assertThat(origin).hasToString(key.equals("train.batch") ? "--set" : "recipe pixels"));
    }

    @Test
    void anUnknownRecipeIsRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> BOOK.settings("smal"))
                .isInstanceOf(SettingsException.class)
                .hasMessage("there is no recipe 'smal'; did you mean small? (there are small, pixels)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a        | recipes are based on themselves: a, b, a",
                "lacking  | recipe lacking: ema: is missing",
                "misspelt | did you mean train.batch? (maskfeat/settings/recipes/misspelt.yaml:4:3)",
                "odd      | base: expected text, got a list (maskfeat/settings/recipes/odd.yaml:2:7)",
                "absent   | there is no recipe file maskfeat/settings/recipes/absent.yaml",
            })
    void mistakesInOurFilesAreOursAndSayWhere(String name, String message) {
        RecipeBook<SampleRun> book = RecipeBook.of(FORMAT, FOLDER, List.of(name));
        assertThatThrownBy(() -> book.value(name))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aRecipeNeedsASummary() {
        assertThatThrownBy(
                        () -> RecipeBook.of(FORMAT, FOLDER, List.of("lacking")).summary("lacking"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("recipe lacking has no summary");
    }

    // --- A user's own file

    @Test
    void aFileOfOnesOwnMayBeBasedOnARecipe() throws IOException {
        Path file = write("mine.yaml", "base: pixels\nsummary: mine\ntarget: {kind: hog}\ntrain:\n  batch: 5\n");

        Settings<SampleRun> settings = BOOK.settings(file);

        assertThat(settings.value().target()).isEqualTo(Hog.defaults());
        assertThat(settings.value().ema()).isEqualTo(new Ema(0.5, null));
        assertThat(settings.origins().get("train.batch")).hasToString("mine.yaml:5");
        assertThat(settings.origins().get("name")).hasToString("recipe pixels");
    }

    @Test
    void aFileOfOnesOwnWithoutABaseHoldsEveryKey() throws IOException {
        Path file = write("mine.yaml", "name: mine\ntrain:\n  batch: 5\n");
        assertThatThrownBy(() -> BOOK.settings(file))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("seed: is missing");
        Path wrong = write("wrong.yaml", "base: none\n");
        assertThatThrownBy(() -> BOOK.settings(wrong))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("there is no recipe 'none'");
    }

    // --- What depends on the rest of the recipe

    /** Two kinds of data that switch the same record on with other numbers. */
    record Depends(boolean images, @Nullable Mix mix) implements Beginnings {
        @Override
        public Optional<Object> whereSwitchedOn(Class<?> record) {
            return record == Mix.class ? Optional.of(new Mix(images ? 1 : 2, 0)) : Optional.empty();
        }
    }

    record Mix(int alpha, int beta) {}

    @Test
    void whatARecordBeginsWithMayDependOnTheBase() {
        RecipeBook<Depends> book = RecipeBook.of(
                new Format<>(Depends.class, "d", 1, List.of()), FOLDER + "/depends", List.of("images", "mixed"));
        assertThat(book.value("mixed")).isEqualTo(new Depends(true, new Mix(1, 5)));
        assertThat(book.settings("images").set("mix={}").set("images=false").value())
                .isEqualTo(new Depends(false, new Mix(1, 0)));
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}
