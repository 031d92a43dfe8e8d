package maskfeat.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import maskfeat.settings.Nearest;

/** Words of the form {@code train.epochs=3}, which belong behind {@code --set}. */
final class Assignments {
    private static final Pattern ASSIGNMENT = Pattern.compile("[a-z][a-z-]*(\\.[a-z0-9-]+)*=.*");
    private static final String OPTION = "--";

    private Assignments() {}

    static boolean isOne(String word) {
        return ASSIGNMENT.matcher(word).matches();
    }

    /** What to write in place of an assignment, whose key may be the end of one: {@code --set train.epochs=3} for {@code epochs=3}. */
    static String advice(String word) {
        int equals = word.indexOf('=');
        String key = word.substring(0, equals);
        String value = word.substring(equals);
        List<String> known = Choices.settings();
        List<String> ending = ending(key, known);
        if (known.contains(key) || ending.size() == 1) {
            return "settings go with --set: --set "
                    + Launcher.word((known.contains(key) ? key : ending.get(0)) + value);
        }
        return "settings go with --set, such as --set train.epochs=3; " + key
                + (ending.isEmpty()
                        ? " is none" + Nearest.hint(key, known)
                        : " is the end of several: " + String.join(", ", ending));
    }

    /**
     * The same for a setting that was written as an option: {@code --train.epochs=3}, or {@code --train.epochs} with its value
     * behind it.
     *
     * @param option what is no option
     */
    static Optional<String> adviceFor(String option) {
        if (!option.startsWith(OPTION)) {
            return Optional.empty();
        }
        String word = option.substring(OPTION.length());
        String key = word.replaceFirst("=.*", "");
        List<String> known = Choices.settings();
        if (!known.contains(key) && ending(key, known).size() != 1) {
            return Optional.empty();
        }
        return Optional.of(advice(word.contains("=") ? word : word + "=VALUE"));
    }

    private static List<String> ending(String key, List<String> known) {
        List<String> ending = new ArrayList<>(known);
        ending.removeIf(each -> !each.endsWith("." + key));
        return ending;
    }
}
