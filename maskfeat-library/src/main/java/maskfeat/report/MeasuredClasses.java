package maskfeat.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import maskfeat.eval.ClassMetrics;

/**
 * The evaluation of a classifier.
 *
 * @param scorecard of the evaluated items
 * @param all number of items, including those that cannot be read
 */
public record MeasuredClasses(Scorecard scorecard, int all) implements Measurement {
    @Override
    public Map<String, Double> figures() {
        return ClassMetrics.figures(scorecard.of(), all);
    }

    @Override
    public String count() {
        return Scorecard.count(scorecard.of(), all);
    }

    @Override
    public Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("95 % interval of top-1", scorecard.interval());
        return facts;
    }

    @Override
    public HtmlReport.Results page() {
        return scorecard.results();
    }

    @Override
    public void write(Path folder) throws IOException {
        scorecard.writeCsv(folder.resolve("predictions.csv"));
    }
}
