package maskfeat.report;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A run among others.
 *
 * @param name to tell it from the others by, e.g. its folder
 * @param group of runs that differ by their seed alone; empty for a run that belongs to none
 * @param kind what was done, e.g. {@code fine-tuning}
 * @param facts worth knowing, such as the data and how the run ended
 * @param figures how it ended, by TensorBoard tag, e.g. {@code val/top1}; accuracies in per cent, 0 to 100
 * @param settings all of them, by key
 * @param metrics the file that {@link MetricsFile} wrote; may be missing
 */
public record RunSummary(
        String name,
        String group,
        String kind,
        List<HtmlReport.Fact> facts,
        Map<String, Double> figures,
        Map<String, String> settings,
        Path metrics) {
    /** Keeps the order of figures and settings. */
    public RunSummary {
        facts = List.copyOf(facts);
        figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    }
}
