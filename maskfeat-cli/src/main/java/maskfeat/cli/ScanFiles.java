package maskfeat.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import maskfeat.data.Item;
import maskfeat.data.Scan;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.PathText;
import tools.jackson.databind.json.JsonMapper;

/** What {@code maskfeat data scan} gives to programs. */
final class ScanFiles {
    /** Of the short side, in pixels: 'data prepare' makes at most 256 of it. */
    private static final int LARGE_SIDE = 480;

    private ScanFiles() {}

    /** A finding as a JSON object. */
    static String json(Scan.Finding finding) {
        Scan.Facts facts = finding.facts();
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("file", PathText.of(finding.item().file()));
        row.put("verdict", finding.verdict());
        row.put("usable", finding.usable() ? "all" : finding.usableInPart() ? "in part" : "no");
        row.put("kind", facts.kind().name().toLowerCase(Locale.ROOT));
        row.put("width", facts.width());
        row.put("height", facts.height());
        row.put("frames", facts.frames());
        row.put("rate", facts.rate());
        row.put("seconds", facts.seconds());
        row.put("codec", facts.codec());
        row.put("reason", finding.reason());
        return JsonMapper.shared().writeValueAsString(row);
    }

    /** Whether there is a file that cannot be used and should be. */
    static boolean anyBad(List<Scan.Finding> findings) {
        return findings.stream().anyMatch(finding -> !finding.usable() && !finding.passedOver());
    }

    /** Whether more usable files are images than videos. */
    static boolean mostlyImages(List<Scan.Finding> findings) {
        long usable = findings.stream().filter(Scan.Finding::usable).count();
        long images = findings.stream()
                .filter(finding -> finding.usable() && finding.facts().kind() == Scan.Kind.IMAGE)
                .count();
        return 2 * images > usable;
    }

    /** Whether training would spend its time decoding: half of the usable files are far larger than what networks look at. */
    static boolean slowToDecode(List<Scan.Finding> findings) {
        int[] sides = findings.stream()
                .filter(Scan.Finding::usable)
                .mapToInt(finding ->
                        Math.min(finding.facts().width(), finding.facts().height()))
                .sorted()
                .toArray();
        return sides.length > 0 && sides[sides.length / 2] >= LARGE_SIDE;
    }

    /** A usable file. @param path absolute */
    record Listed(String path, int label) {
        static Listed of(Item item) {
            return new Listed(PathText.of(item.file().toAbsolutePath()), item.label());
        }
    }

    /** Under a header with the names of the classes, where they have some: their numbers depend on what else is there. */
    static void writeList(Path list, List<Listed> good, List<String> classes) throws IOException {
        boolean labelled = good.stream().anyMatch(file -> file.label() >= 0);
        boolean numbers = classes.stream().allMatch(name -> name.matches("\\d+"));
        boolean named = labelled && !numbers && good.stream().allMatch(file -> file.label() >= 0);
        List<String> lines = new ArrayList<>();
        if (named) {
            lines.add("path,label");
        }
        for (Listed file : good) {
            int label = file.label();
            String name = label < 0 || !named && !numbers ? Integer.toString(label) : classes.get(label);
            lines.add(quoted(file.path()) + (named ? "," + quoted(name) : labelled ? " " + name : ""));
        }
        AtomicFile.writeText(list, String.join("\n", lines) + "\n");
    }

    private static String quoted(String text) {
        return '"' + text.replace("\"", "\"\"") + '"';
    }
}
