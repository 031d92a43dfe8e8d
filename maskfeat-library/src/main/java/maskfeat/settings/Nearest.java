package maskfeat.settings;

import java.util.Collection;
import java.util.List;

/** Finds the known keys or names that are nearest to a mistyped one. */
public final class Nearest {
    private static final int SHOWN = 3;

    /** Longer keys are not compared: time and memory grow with the length, and no key of ours is that long. */
    private static final int LONGEST = 200;

    private Nearest() {}

    /** The end of a message, {@code "; did you mean a.b or c.b?"}; empty where none is near. */
    public static String hint(String asked, Collection<String> known) {
        List<String> near = to(asked, known);
        return near.isEmpty() ? "" : "; did you mean " + String.join(" or ", near) + "?";
    }

    /** The nearest keys, if several then equally near: a typing error, another spelling, or the same last word elsewhere. */
    static List<String> to(String asked, Collection<String> known) {
        if (asked.length() > LONGEST) {
            return List.of();
        }
        String wanted = KeyName.of(asked);
        int best = known.stream().mapToInt(k -> distance(wanted, k)).min().orElse(Integer.MAX_VALUE);
        if (best == Integer.MAX_VALUE) {
            return List.of();
        }
        return known.stream()
                .filter(k -> distance(wanted, k) == best)
                .limit(SHOWN)
                .toList();
    }

    private static int distance(String wanted, String known) {
        String wantedLast = last(wanted);
        String knownLast = last(known);
        int slips = edits(wanted, known);
        if (slips <= Math.max(1, Math.min(wantedLast.length(), knownLast.length()) / 3)) {
            return slips;
        }
        if (wantedLast.equals(knownLast)) {
            return 100; // a typing error is likelier than another place
        }
        boolean partOfTheWord = knownLast.startsWith(wantedLast + "-")
                || knownLast.endsWith("-" + wantedLast)
                || wantedLast.startsWith(knownLast + "-")
                || wantedLast.endsWith("-" + knownLast);
        return partOfTheWord ? 200 : Integer.MAX_VALUE;
    }

    private static String last(String key) {
        return key.substring(key.lastIndexOf('.') + 1);
    }

    /** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
    static int edits(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int replaced = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                d[i][j] = Math.min(replaced, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], 1 + d[i - 2][j - 2]);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
