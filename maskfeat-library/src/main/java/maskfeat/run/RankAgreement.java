package maskfeat.run;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import maskfeat.torch.Ranks;

/** Processes that train together must train the same run on the same data: what differs is named before the first step. */
final class RankAgreement {
    /** Settings that may differ: each machine has its own. */
    private static final Set<String> FREE = Set.of("loader", "checkpoint", "report");

    private static final Set<String> FREE_KEYS = Set.of("data.path", "train.threads", "train.recompute");

    private RankAgreement() {}

    /**
     * Compares with the others.
     *
     * @param settings as YAML
     * @throws IllegalArgumentException if this rank differs from rank 0, naming what does
     */
    static void check(Ranks ranks, String version, String settings, DataRecord data) {
        compare(ranks, "version", "the program", version);
        List<String> all = ranks.exchange("settings", settings);
        for (int other = 1; other < all.size(); other++) {
            String difference = difference(all.get(0), all.get(other), other);
            if (!difference.isEmpty()) {
                throw new IllegalArgumentException("the ranks train different runs: " + difference
                        + "; start all with the same command line and files");
            }
        }
        compare(ranks, "data", "the data", data.digest());
    }

    /**
     * Compares what the ranks begin with.
     *
     * @param state of this rank, a text that is equal where the weights are
     */
    static void checkBeginning(Ranks ranks, String state) {
        compare(ranks, "beginning", "the step and weights that they begin with", state);
    }

    private static void compare(Ranks ranks, String name, String what, String own) {
        List<String> all = ranks.exchange(name, own);
        for (int other = 1; other < all.size(); other++) {
            if (!all.get(other).equals(all.get(0))) {
                throw new IllegalArgumentException(
                        "the ranks do not have the same " + what.replace("the ", "") + ": rank 0 has "
                                + all.get(0) + ", rank " + other + " has " + all.get(other)
                                + "; all need the same program, files and folder");
            }
        }
    }

    /** The first setting that differs; empty if none does. */
    static String difference(String ofFirst, String ofOther, int other) {
        Map<String, String> first = keys(ofFirst);
        Map<String, String> second = keys(ofOther);
        List<String> all = new ArrayList<>(first.keySet());
        second.keySet().stream().filter(key -> !first.containsKey(key)).forEach(all::add);
        for (String key : all) {
            String is = first.getOrDefault(key, "not there");
            String otherIs = second.getOrDefault(key, "not there");
            if (!is.equals(otherIs) && !FREE_KEYS.contains(key) && !FREE.contains(key.split("\\.", 2)[0])) {
                return key + " is " + is + " on rank 0 and " + otherIs + " on rank " + other;
            }
        }
        return "";
    }

    /** Full names of the settings to values, without comments; entries of lists are numbered. */
    private static Map<String, String> keys(String yaml) {
        Map<String, String> keys = new LinkedHashMap<>();
        List<String> path = new ArrayList<>();
        for (String line : yaml.lines().toList()) {
            String text = line.replaceFirst("\\s+# .*$", "");
            int colon = text.indexOf(':');
            if (text.isBlank() || colon < 0) {
                continue;
            }
            int depth = (text.length() - text.stripLeading().length()) / 2;
            while (path.size() > depth) {
                path.remove(path.size() - 1);
            }
            path.add(text.substring(0, colon).strip());
            String value = text.substring(colon + 1).strip();
            String key = String.join(".", path);
            keys.merge(key, value, (before, now) -> before + ", " + now);
        }
        keys.values().removeIf(String::isEmpty);
        return keys;
    }

    /** A short name of a text. */
    static String shortName(String text) {
        return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)).toString();
    }
}
