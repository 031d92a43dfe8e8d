package maskfeat.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import maskfeat.disk.Printable;
import maskfeat.report.Scorecard;
import maskfeat.report.TextTable;
import maskfeat.run.BoxScan;
import maskfeat.run.DetectConfig;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** What {@code maskfeat data scan} does with annotations of actions. */
final class ScanBoxes {
    private final PrintWriter out;
    private final boolean json;

    ScanBoxes(PrintWriter out, boolean json) {
        this.out = out;
        this.json = json;
    }

    /** @param videos folder of them; null to look at the annotations alone */
    int scan(@Nullable Path videos, DetectConfig.Boxes settings) throws IOException {
        BoxScan scan = BoxScan.of(videos, settings);
        for (BoxScan.Part part : scan.parts()) {
            if (json) {
                Map<String, Object> row = new LinkedHashMap<>();
                row.put("file", part.title());
                row.putAll(part.figures());
                row.put("classes", part.boxesOfClass());
                row.put("odd", part.sentences());
                out.println(JsonMapper.shared().writeValueAsString(row));
                continue;
            }
            out.println(Printable.text(part.title()));
            part.facts().forEach((name, value) -> out.printf(Locale.ROOT, "  %-24s %s%n", name, value));
            List<List<String>> rows = new ArrayList<>();
            part.boxesOfClass().forEach((name, count) -> rows.add(List.of(name, Long.toString(count))));
            if (!rows.isEmpty()) {
                out.print(new TextTable(List.of("class", "boxes"), rows).text(Scorecard.COLUMNS));
            }
            part.sentences().forEach(sentence -> out.println(ScanSummary.wrapped("odd", Printable.text(sentence))));
            out.println();
        }
        out.flush();
        return scan.isBroken() ? Exit.BAD_FILES : Exit.OK;
    }
}
