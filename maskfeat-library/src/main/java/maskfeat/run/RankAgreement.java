package maskfeat.run;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import maskfeat.settings.Settings;
import maskfeat.torch.Ranks;

/** Processes that train together must train the same run on the same data: what differs is named before the first step. */
final class RankAgreement {
    /** Settings that may differ: each machine has its own. */
    private static final Set<String> FREE = Set.of("loader", "checkpoint", "report");

    /** All take part in what these tell. */
    private static final Set<String> SHARED = Set.of("report.features-every", "report.features");

    private static final Set<String> FREE_KEYS = Set.of("data.path", "train.threads", "train.recompute");

    private RankAgreement() {}

    /**
     * Compares with the others.
     *
     * @throws IllegalArgumentException if a rank differs from rank 0, naming what does
     */
    static void check(Ranks ranks, String version, Run run, DataRecord data) {
        compare(ranks, "program", version);
        List<String> all = ranks.exchange("settings", Settings.toJson(RunFormat.FORMAT, run));
        for (int other = 1; other < all.size(); other++) {
            Run theirs = Settings.fromJson(RunFormat.FORMAT, "settings of rank " + other, all.get(other));
            Run first = Settings.fromJson(RunFormat.FORMAT, "settings of rank 0", all.get(0));
            difference(first, theirs, other).ifPresent(what -> {
                throw new IllegalArgumentException(
                        "the ranks train different runs: " + what + "; start all with the same command line and files");
            });
        }
        compare(ranks, "data", data.digest());
    }

    /**
     * Compares what the ranks begin with.
     *
     * @param state of this rank, a text that is equal where the weights are
     */
    static void checkBeginning(Ranks ranks, String state) {
        compare(ranks, "beginning", state);
    }

    /** @param what the ranks must have the same of, a word */
    private static void compare(Ranks ranks, String what, String own) {
        List<String> all = ranks.exchange(what, own);
        for (int other = 1; other < all.size(); other++) {
            if (!all.get(other).equals(all.get(0))) {
                throw new IllegalArgumentException("the ranks differ in their " + what + ": rank 0 has " + all.get(0)
                        + ", rank " + other + " has " + all.get(other)
                        + "; all need the same program, data and run folder");
            }
        }
    }

    /** The first setting in which rank {@code other} differs from rank 0; empty if there is none. */
    static Optional<String> difference(Run ofFirst, Run ofOther, int other) {
        return Settings.differences(Run.class, ofFirst, ofOther).stream()
                .filter(each -> !FREE_KEYS.contains(each.key())
                        && (SHARED.contains(each.key())
                                || !FREE.contains(each.key().split("\\.", 2)[0])))
                .findFirst()
                .map(each -> each.key() + " is " + each.was() + " on rank 0 and " + each.is() + " on rank " + other);
    }

    /** A short name of a text. */
    static String shortName(String text) {
        return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)).toString();
    }
}
