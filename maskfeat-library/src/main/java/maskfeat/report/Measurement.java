package maskfeat.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** What an evaluator found, to be kept in files and shown on a page. */
public interface Measurement {
    /** Figures by tag, such as {@code val/top1}. */
    Map<String, Double> figures();

    /** Number of items that were measured, with the number of all where some could not be, in words. */
    String count();

    /** Facts for {@code result.json}, such as an interval: name and value. */
    Map<String, String> facts();

    /** What the page shows of it. */
    HtmlReport.Results page();

    /** Writes its files, such as {@code predictions.csv}, into a folder. */
    void write(Path folder) throws IOException;
}
