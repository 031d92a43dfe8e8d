package maskfeat.cli;

import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import maskfeat.data.Scan;
import maskfeat.disk.Plural;
import maskfeat.report.WrappedText;

/** What {@code maskfeat data scan} says in the end, in 80 columns. */
final class ScanSummary {
    private static final int COLUMNS = 80;
    private static final int VERDICT = 15;
    private static final double SECONDS_PER_HOUR = 3600;

    private ScanSummary() {}

    static void print(PrintWriter out, List<Scan.Finding> findings, Map<String, Integer> counts, List<String> classes) {
        long usable = findings.stream().filter(Scan.Finding::usable).count();
        long inPart = findings.stream().filter(Scan.Finding::usableInPart).count();
        out.printf(
                Locale.ROOT,
                "%s, %d usable%s%n",
                Plural.of(findings.size(), "file"),
                usable,
                inPart == 0 ? "" : ", " + inPart + " in part");
        counts.forEach((verdict, count) -> out.printf(Locale.ROOT, "  %6d %s%n", count, verdict));
        if (!classes.isEmpty()) {
            out.println(Plural.of(classes.size(), "class", "classes"));
        }
        Map<Boolean, List<Scan.Facts>> good = findings.stream()
                .filter(Scan.Finding::usable)
                .map(Scan.Finding::facts)
                .collect(Collectors.partitioningBy(facts -> facts.kind() == Scan.Kind.IMAGE));
        images(out, good.getOrDefault(true, List.of()));
        videos(out, good.getOrDefault(false, List.of()));
    }

    private static void images(PrintWriter out, List<Scan.Facts> images) {
        if (!images.isEmpty()) {
            heading(out, Plural.of(images.size(), "image"));
            sizes(out, images);
        }
    }

    private static void videos(PrintWriter out, List<Scan.Facts> videos) {
        if (videos.isEmpty()) {
            return;
        }
        double hours = videos.stream().mapToDouble(Scan.Facts::seconds).sum() / SECONDS_PER_HOUR;
        heading(out, String.format(Locale.ROOT, "%s, %.2f hours", Plural.of(videos.size(), "video"), hours));
        row(out, "seconds", videos, Scan.Facts::seconds);
        row(out, "frames", videos, Scan.Facts::frames);
        row(out, "frames a second", videos, Scan.Facts::rate);
        sizes(out, videos);
        Map<String, Long> codecs =
                videos.stream().collect(Collectors.groupingBy(Scan.Facts::codec, TreeMap::new, Collectors.counting()));
        String list = codecs.entrySet().stream()
                .sorted(Comparator.comparing(Map.Entry<String, Long>::getValue).reversed())
                .map(codec -> codec.getKey() + " " + codec.getValue())
                .collect(Collectors.joining(", "));
        out.println(wrapped("  codecs", list));
    }

    private static void heading(PrintWriter out, String what) {
        out.printf(Locale.ROOT, "%-24s %10s %10s %10s%n", what, "smallest", "median", "largest");
    }

    private static void sizes(PrintWriter out, List<Scan.Facts> media) {
        row(out, "short side, px", media, facts -> Math.min(facts.width(), facts.height()));
        row(out, "long side, px", media, facts -> Math.max(facts.width(), facts.height()));
    }

    private static void row(PrintWriter out, String name, List<Scan.Facts> media, ToDoubleFunction<Scan.Facts> number) {
        double[] sorted = media.stream().mapToDouble(number).sorted().toArray();
        out.printf(
                Locale.ROOT,
                "  %-22s %10s %10s %10s%n",
                name,
                text(sorted[0]),
                text(sorted[sorted.length / 2]),
                text(sorted[sorted.length - 1]));
    }

    private static String text(double number) {
        return number == Math.rint(number)
                ? Long.toString((long) number)
                : String.format(Locale.ROOT, number < 10 ? "%.2f" : "%.1f", number);
    }

    /** A short word and a sentence, which goes on under its beginning where it is long. */
    static String wrapped(String verdict, String sentence) {
        String indent = " ".repeat(VERDICT);
        return String.format(Locale.ROOT, "%-" + (VERDICT - 1) + "s ", verdict)
                + WrappedText.of(sentence, COLUMNS - VERDICT).replace("\n", System.lineSeparator() + indent);
    }
}
