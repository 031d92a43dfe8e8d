package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import maskfeat.run.Recipes;
import maskfeat.settings.Explanation;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Settings, recipes and commands that README and docs name within a sentence or a table are those of the program. Blocks
 * are looked at by {@link DocsTest}.
 */
class DocsInTextTest {
    /** The one names settings of older versions, the other is made from the code and has a test of its own. */
    private static final Set<String> LEFT_OUT = Set.of("CHANGELOG.md", "docs/settings.md");

    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern SETTING =
            Pattern.compile("(?:--set )?((?:data|augment|model|task|optim|train|validate|loader|checkpoint|report)"
                    + "(?:\\.[a-z0-9-]+)+)(=.*)?");
    private static final Set<String> FILE_ENDINGS =
            Set.of("csv", "html", "json", "jsonl", "log", "md", "safetensors", "txt", "yaml");
    private static final Pattern RECIPE = Pattern.compile("(?:k400|in1k|ssv2|sample|tiny)-[a-z0-9-]+-(?:pt|ft)");

    @TestFactory
    Stream<DynamicTest> settingsThatAreNamedExist() throws IOException {
        Set<String> known = settings();
        return named(SETTING).stream()
                .filter(each -> !FILE_ENDINGS.contains(each.text().replaceFirst(".*\\.", "")))
                .map(each -> dynamicTest(
                        each.place() + " " + each.text(),
                        () -> assertThat(known).contains(each.text())));
    }

    @TestFactory
    Stream<DynamicTest> recipesThatAreNamedExist() throws IOException {
        return named(Pattern.compile("(" + RECIPE + ")")).stream()
                .map(each -> dynamicTest(
                        each.place() + " " + each.text(),
                        () -> assertThat(Recipes.BOOK.names()).contains(each.text())));
    }

    @TestFactory
    Stream<DynamicTest> commandsThatAreNamedCanBeParsed() throws IOException {
        return named(Pattern.compile("((?:\\./)?maskfeat .+)")).stream()
                .flatMap(each -> ShellBlock.commands(each.text()).stream()
                        .map(command -> dynamicTest(
                                each.place() + " " + each.text(),
                                () -> Commands.line()
                                        .parseArgs(command.words()
                                                .subList(1, command.words().size())
                                                .toArray(String[]::new)))));
    }

    @Test
    void everyRecipeIsDescribed() throws IOException {
        String page = Files.readString(DocsTest.root().resolve("docs/recipes.md"));
        assertThat(Recipes.BOOK.names()).allSatisfy(name -> assertThat(page).contains("`" + name + "`"));
    }

    /** A shell proposes them for --set. */
    @Test
    void theKeysThatAreProposedAreThoseOfAllRecipes() {
        assertThat(Choices.settings()).allMatch(settings()::contains);
        Recipes.BOOK
                .names()
                .forEach(name -> assertThat(Choices.settings())
                        .as(name)
                        .containsAll(Recipes.BOOK.settings(name).explain().stream()
                                .filter(each -> !each.expected().isEmpty())
                                .map(Explanation::key)
                                .toList()));
    }

    @Test
    void thereIsSomethingToCheck() throws IOException {
        assertThat(named(SETTING)).hasSizeGreaterThan(20);
        assertThat(settings()).contains("train.batch", "task.mask.kind", "task.target.normalize-patch", "optim.adamw");
    }

    /** What a page names. */
    private record Named(String place, String text) {}

    private static List<Named> named(Pattern what) throws IOException {
        List<Named> all = new ArrayList<>();
        for (Markdown page : Markdown.pages(DocsTest.root())) {
            Path file = DocsTest.root().relativize(page.file());
            if (LEFT_OUT.contains(file.toString())) {
                continue;
            }
            boolean inBlock = false;
            List<String> lines = Files.readAllLines(page.file());
            for (int i = 0; i < lines.size(); i++) {
                inBlock ^= lines.get(i).strip().startsWith("```");
                Matcher code = CODE.matcher(inBlock ? "" : lines.get(i));
                while (code.find()) {
                    Matcher found = what.matcher(code.group(1));
                    if (found.matches()) {
                        all.add(new Named(file + ":" + (i + 1), found.group(1)));
                    }
                }
            }
        }
        return all;
    }

    /** Every key that any recipe or any kind of a group has. */
    private static Set<String> settings() {
        Set<String> keys = new HashSet<>();
        Recipes.BOOK.names().forEach(name -> add(Recipes.BOOK.settings(name).explain(), keys));
        return keys;
    }

    private static void add(List<Explanation> explanations, Set<String> keys) {
        for (Explanation each : explanations) {
            for (String key = each.key(); !key.isEmpty(); key = key.replaceFirst("(^|\\.)[^.]*$", "")) {
                keys.add(key);
            }
            each.kinds().forEach(kind -> add(kind.settings(), keys));
        }
    }
}
