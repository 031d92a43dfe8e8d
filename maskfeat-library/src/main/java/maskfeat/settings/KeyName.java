package maskfeat.settings;

import java.util.Locale;

/** How a component of a record is called as a key. */
final class KeyName {
    private KeyName() {}

    /** {@code maxBadShare}, {@code MAX_BAD_SHARE}: {@code max-bad-share}; {@code baseLR}: {@code base-lr}. */
    static String of(String name) {
        return name.replace('_', '-')
                .replaceAll("([a-z0-9])([A-Z])", "$1-$2")
                .replaceAll("([A-Z])([A-Z][a-z])", "$1-$2")
                .toLowerCase(Locale.ROOT);
    }
}
