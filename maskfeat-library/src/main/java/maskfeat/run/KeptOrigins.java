package maskfeat.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import maskfeat.settings.Origin;

/**
 * Where the settings of a run that goes on were written when it was begun. For the program they come from the run's own file; that
 * file's comments tell what came before.
 */
final class KeptOrigins {
    private static final Pattern OF_A_RECIPE = Pattern.compile("recipe (\\S+)");

    private final String name;
    private final List<String> lines;

    private KeptOrigins(String name, List<String> lines) {
        this.name = name;
        this.lines = lines;
    }

    /** As the file says before it is written again. */
    static KeptOrigins of(Path settings) throws IOException {
        return new KeptOrigins(settings.getFileName().toString(), Files.readAllLines(settings));
    }

    /** Of a new run. */
    static KeptOrigins none() {
        return new KeptOrigins("", List.of());
    }

    /** The settings as they are to be written, with the comments of lines that are taken over. */
    String text(String yaml) {
        if (lines.isEmpty()) {
            return yaml;
        }
        Matcher matcher =
                Pattern.compile("(?m)# (" + Pattern.quote(name) + ":\\d+)$").matcher(yaml);
        return matcher.replaceAll(found -> Matcher.quoteReplacement("# " + textOf(found.group(1))));
    }

    /** In words; what the run was begun with where that is known. */
    String text(Origin origin) {
        return lines.isEmpty() ? origin.toString() : textOf(origin.toString());
    }

    private String textOf(String origin) {
        String prefix = name + ":";
        if (!origin.startsWith(prefix) || !origin.substring(prefix.length()).matches("\\d{1,6}")) {
            return origin;
        }
        int line = Integer.parseInt(origin.substring(prefix.length()));
        String old = line >= 1 && line <= lines.size() ? lines.get(line - 1) : "";
        int comment = old.indexOf(" # ");
        return comment < 0 ? origin : old.substring(comment + " # ".length()).strip();
    }

    /** The recipe that the run was begun with. */
    Optional<String> recipe() {
        return lines.stream()
                .map(line -> line.substring(Math.max(0, line.indexOf(" # "))))
                .map(OF_A_RECIPE::matcher)
                .filter(Matcher::find)
                .map(found -> found.group(1))
                .findFirst();
    }
}
