package maskfeat.report;

import tools.jackson.core.io.JsonStringEncoder;

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

    static String quoted(String text) {
        return '"' + String.valueOf(JsonStringEncoder.getInstance().quoteAsCharArray(text)) + '"';
    }

    /** Safe inside a script element. */
    static String inScript(CharSequence json) {
        return json.toString().replace("<", "\\u003c");
    }
}
