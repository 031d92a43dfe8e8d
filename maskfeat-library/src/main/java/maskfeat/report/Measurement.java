package maskfeat.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** The result of an evaluator, to write into files and show on a page. */
public interface Measurement {
    /** Figures by tag, such as {@code val/top1}. */
    Map<String, Double> figures();

    /** The number of evaluated items in words, with the total if some could not be evaluated. */
    String count();

    /** Facts for {@code result.json} by name, such as an interval. */
    Map<String, String> facts();

    /** The results for the page. */
    HtmlReport.Results page();

    /** Writes files such as {@code predictions.csv} into a folder. */
    void write(Path folder) throws IOException;
}
