package maskfeat.cli;

import java.util.regex.Pattern;

/** Words of the form {@code train.epochs=3}, which belong behind {@code --set}. */
final class Assignments {
    private static final Pattern ASSIGNMENT = Pattern.compile("[a-z][a-z-]*(\\.[a-z0-9-]+)*=.*");

    private Assignments() {}

    static boolean isOne(String word) {
        return ASSIGNMENT.matcher(word).matches();
    }
}
