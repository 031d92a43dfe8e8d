package maskfeat.report;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** The JSON for the script of the page, and the names of its number formats. */
final class ChartJson {
    static final String LOSS = "loss";
    static final String NUMBER = "number";
    static final String SCIENTIFIC = "scientific";
    /** Values of 0 to 1, shown as per cent. */
    static final String SHARE = "percent";
    /** Values of 0 to 100. */
    static final String PER_CENT = "accuracy";

    private ChartJson() {}

    /** The charts as JSON, safe inside a script element. */
    static String inScript(List<Map<String, Object>> charts) {
        return JsonMapper.shared().writeValueAsString(charts).replace("<", "\\u003c");
    }
}
