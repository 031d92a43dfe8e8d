package maskfeat.disk;

import java.util.Collection;

/** Lists of names in sentences. */
public final class Names {
    private static final int MOST = 12;

    private Names() {}

    /** As in "a, b, c"; of many the first twelve, and how many more there are: "a, b, c and 37 more". */
    public static String of(Collection<String> names) {
        return of(names, "");
    }

    /**
     * The same, which says where the others are, if any are left out.
     *
     * @param all such as "'maskfeat recipes' has all"
     */
    public static String of(Collection<String> names, String all) {
        int more = names.size() - MOST;
        if (more <= 1) { // a single name takes no more room than its number
            return String.join(", ", names);
        }
        return String.join(", ", names.stream().limit(MOST).toList()) + " and " + more + " more"
                + (all.isEmpty() ? "" : " (" + all + ")");
    }
}
