package maskfeat.report;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import maskfeat.eval.Metric;
import maskfeat.eval.Metrics;

/**
 * A run in a comparison.
 *
 * @param name that distinguishes it from the others, such as its folder
 * @param group of runs that differ only in their seed; empty for none
 * @param kind of run, such as {@code fine-tuning}
 * @param facts such as the data and how the run ended
 * @param figures final values by TensorBoard tag, such as {@code val/top1}; accuracies in per cent, 0 to 100
 * @param settings all settings by key
 * @param metrics file of {@link MetricsFile}; may be missing
 * @param loss what its training loss is of
 * @param scores what its other figures were measured on
 * @param items how many they were measured on; 0 if that is not known
 */
public record RunSummary(
        String name,
        String group,
        String kind,
        List<HtmlReport.Fact> facts,
        Map<String, Double> figures,
        Map<String, String> settings,
        Path metrics,
        Yardstick loss,
        Yardstick scores,
        int items) {
    /** Copies figures and settings in their order. */
    public RunSummary {
        facts = List.copyOf(facts);
        figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    }

    /** What a figure was measured by; nothing for what is neither better nor worse, such as a learning rate. */
    Yardstick yardstick(String tag) {
        if (Metrics.of(tag).better() == Metric.Better.NEITHER) {
            return Yardstick.UNKNOWN;
        }
        return tag.startsWith("train/") ? loss : scores;
    }
}
