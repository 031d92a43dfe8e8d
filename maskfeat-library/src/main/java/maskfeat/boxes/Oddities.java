package maskfeat.boxes;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import maskfeat.disk.DamagedFile;

/** What was odd while boxes were read: how often, and where first. */
public final class Oddities {
    private final Map<Oddity, Long> counts = new EnumMap<>(Oddity.class);
    private final Map<Oddity, String> first = new EnumMap<>(Oddity.class);

    Oddities() {}

    /** @param place where, and what was found there */
    void count(Oddity oddity, Supplier<String> place) {
        if (counts.merge(oddity, 1L, Long::sum) == 1) {
            first.put(oddity, place.get());
        }
    }

    /** How often. */
    public long count(Oddity oddity) {
        return counts.getOrDefault(oddity, 0L);
    }

    /** A sentence for each kind that occurred: how many, what became of them, and where the first is. */
    public List<String> sentences() {
        return sentences(Set.of());
    }

    /** As {@link #sentences()}, without some that are not odd in such a file. */
    public List<String> sentences(Set<Oddity> usual) {
        return counts.entrySet().stream()
                .filter(entry -> !usual.contains(entry.getKey()))
                .map(entry -> sentence(entry.getKey(), entry.getValue()))
                .toList();
    }

    /** That a file gives no box that can be used, and what became of its rows. */
    public DamagedFile nothing(Path file) {
        List<String> why = sentences();
        return new DamagedFile(
                file,
                why.isEmpty() ? "has no row with a box" : "has no box that can be used: " + String.join("; ", why));
    }

    private String sentence(Oddity oddity, long count) {
        String verb = count == 1 ? "was" : "were";
        String what = oddity == Oddity.VIDEO_WITHOUT_BOXES ? "" : count == 1 ? " row" : " rows";
        return count + what + " " + oddity.said(count) + " and " + verb + (oddity.isSkipped() ? " skipped" : " kept")
                + "; the first: " + first.get(oddity);
    }
}
