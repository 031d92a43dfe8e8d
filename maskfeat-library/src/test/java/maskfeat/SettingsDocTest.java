package maskfeat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import maskfeat.run.Recipes;
import maskfeat.run.Run;
import maskfeat.settings.Explanation;
import maskfeat.settings.SettingsGuide;
import org.junit.jupiter.api.Test;

/** The reference of all settings is the Javadoc of their records, and is up to date. */
class SettingsDocTest {
    private static final Path PAGE = Path.of("docs/settings.md");

    private static final String INTRODUCTION = """
            <!-- Made from the Javadoc of the records of settings. Do not edit; make it again with:
                 mvn test -Dtest=SettingsDocTest -Dregenerate=true -->

            # Settings

            Every setting of a run. Groups are nested by indentation in a file for `--config`, and by dots on the command
            line: `--set train.batch=32`. `maskfeat config RECIPE` prints the values of a recipe, `--explain` with what
            they mean. A group with several kinds takes one of them by its key `kind`; "begins with" is what a kind, or a
            group that may be null, holds where nothing else is said.
            """;

    @Test
    void thePageOfSettingsIsUpToDate() throws IOException {
        String page = SettingsGuide.markdown(INTRODUCTION, Map.of("All settings", Run.class));
        if (Boolean.getBoolean("regenerate")) {
            Files.writeString(PAGE, page);
        }
        assertThat(Files.exists(PAGE) ? Files.readString(PAGE) : "")
                .as("docs/settings.md is not what the Javadoc of the settings says; make it again with"
                        + " mvn test -Dtest=SettingsDocTest -Dregenerate=true")
                .isEqualTo(page);
    }

    /** A setting that is not explained has no @param, or its package is left out of settings.packages in pom.xml. */
    @Test
    void everySettingIsExplained() {
        List<Explanation> all = new ArrayList<>();
        Recipes.BOOK
                .names()
                .forEach(name -> all.addAll(Recipes.BOOK.settings(name).explain()));
        List<String> silent = new ArrayList<>();
        collect("", all, silent);
        assertThat(silent.stream().distinct()).isEmpty();
    }

    private static void collect(String above, List<Explanation> all, List<String> silent) {
        for (Explanation one : all) {
            if (one.meaning().isBlank()) {
                silent.add(above + one.key());
            }
            one.kinds().forEach(kind -> {
                if (kind.meaning().isBlank()) {
                    silent.add(one.key() + "=" + kind.name());
                }
                collect(kind.name() + ": ", kind.settings(), silent);
            });
        }
    }
}
