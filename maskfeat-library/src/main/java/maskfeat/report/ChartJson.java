package maskfeat.report;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** What the script of the page reads: how to write it, and the names of its number formats. */
final class ChartJson {
    static final String LOSS = "loss";
    static final String NUMBER = "number";
    static final String SCIENTIFIC = "scientific";
    /** Of 0 to 1, shown as per cent. */
    static final String SHARE = "percent";
    /** Of 0 to 100. */
    static final String PER_CENT = "accuracy";

    private ChartJson() {}

    /** Safe inside a script element. */
    static String inScript(List<Map<String, Object>> charts) {
        return JsonMapper.shared().writeValueAsString(charts).replace("<", "\\u003c");
    }
}
