package maskfeat.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import maskfeat.data.Dataset;
import maskfeat.data.Item;
import maskfeat.eval.Evaluation;
import maskfeat.eval.Prediction;
import maskfeat.report.ContactSheet;
import maskfeat.report.HtmlReport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Items that were taken for another class, the surest mistakes first.
 *
 * @param figure thumbnails of them
 * @param table their files and scores, in the order of the thumbnails
 */
record WrongExamples(HtmlReport.Figure figure, HtmlReport.Table table) {
    private static final Logger LOG = LoggerFactory.getLogger(WrongExamples.class);
    private static final int MOST = 12;

    /** @return empty if none was wrong, or none that was can be read */
    static Optional<WrongExamples> of(Evaluation evaluation, Dataset held) throws IOException {
        List<String> classes = evaluation.confusion().classes();
        Map<String, Item> items = new HashMap<>();
        held.items().forEach(item -> items.putIfAbsent(held.name(item), item));
        List<Prediction> wrong = evaluation.predictions().stream()
                .filter(each -> each.top() != each.label() && items.containsKey(each.name()))
                .sorted(Comparator.comparingDouble(WrongExamples::score).reversed())
                .limit(MOST)
                .toList();
        List<ContactSheet.Named> pictures = new ArrayList<>();
        List<List<String>> rows = new ArrayList<>();
        for (Prediction each : wrong) {
            String truth = classes.get(each.label());
            String said = classes.get(each.top());
            Item item = Objects.requireNonNull(items.get(each.name()));
            try {
                pictures.add(new ContactSheet.Named(
                        (pictures.size() + 1) + "  said " + said + "\nis " + truth, held.readView(item, 0, 1)));
            } catch (IOException e) {
                LOG.debug("{} was measured and can be read no more", each.name(), e);
                continue;
            }
            rows.add(List.of(
                    Integer.toString(pictures.size()),
                    each.name(),
                    truth,
                    said,
                    String.format(Locale.ROOT, "%.1f %%", 100 * score(each))));
        }
        return pictures.isEmpty()
                ? Optional.empty()
                : Optional.of(new WrongExamples(
                        HtmlReport.Figure.of(
                                "Mistakes",
                                "The surest ones, under each what was said and what it is. A table below has their files"
                                        + " and scores by these numbers.",
                                ContactSheet.draw(pictures)),
                        new HtmlReport.Table(
                                "The surest mistakes", List.of("number", "item", "is", "predicted", "score"), rows)));
    }

    private static float score(Prediction prediction) {
        return prediction.scores()[prediction.top()];
    }
}
