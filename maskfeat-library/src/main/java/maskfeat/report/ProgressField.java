package maskfeat.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import maskfeat.train.StepReport;
import org.jspecify.annotations.Nullable;

/** A part of the progress line, with several forms of decreasing length. */
final class ProgressField {
    private record Form(String text, int keptUntil) {}

    private final List<Form> forms = new ArrayList<>();
    private int shown;

    private ProgressField() {}

    /** Forms with the lowest rank are shortened first. If all are shortened, only the step is left. */
    static List<ProgressField> of(StepReport report) {
        List<ProgressField> fields = new ArrayList<>();
        fields.add(new ProgressField().form(report.step() + "/" + report.steps(), Integer.MAX_VALUE));
        fields.add(new ProgressField()
                .form(Numbers.format("epoch %.2f/%d", report.epoch(), report.epochs()), 2)
                .form(Numbers.format("epoch %.1f", report.epoch()), 4)
                .form("", Integer.MAX_VALUE));
        fields.add(loss(report));
        fields.add(new ProgressField()
                .form("lr " + Numbers.scientific(report.learningRate()), 8)
                .form("", Integer.MAX_VALUE));
        for (Map.Entry<String, Double> extra : new TreeMap<>(report.extra()).entrySet()) {
            MetricFormat format = new MetricFormat(extra.getKey());
            fields.add(new ProgressField()
                    .form(format.metric().name() + " " + format.text(extra.getValue()), 0)
                    .form("", Integer.MAX_VALUE));
        }
        if (Double.isFinite(report.samplesPerSecond())) {
            String rate = Numbers.rate(report.samplesPerSecond());
            fields.add(new ProgressField()
                    .form(rate + " samples/s", 1)
                    .form(rate + "/s", 5)
                    .form("", Integer.MAX_VALUE));
        }
        if (Double.isFinite(report.dataShare())) {
            fields.add(new ProgressField()
                    .form(Numbers.format("data %.0f%%", 100 * report.dataShare()), 6)
                    .form("", Integer.MAX_VALUE));
        }
        if (Double.isFinite(report.teacherShare())) {
            fields.add(new ProgressField()
                    .form(Numbers.format("teacher %.0f%%", 100 * report.teacherShare()), 6)
                    .form("", Integer.MAX_VALUE));
        }
        if (Double.isFinite(report.ranksShare())) {
            fields.add(new ProgressField()
                    .form(Numbers.format("ranks %.0f%%", 100 * report.ranksShare()), 6)
                    .form("", Integer.MAX_VALUE));
        }
        if (Double.isFinite(report.mfu())) {
            fields.add(new ProgressField()
                    .form(Numbers.format("mfu %.0f%%", 100 * report.mfu()), 0)
                    .form("", Integer.MAX_VALUE));
        }
        if (Double.isFinite(report.secondsLeft()) && report.secondsLeft() >= 0) {
            fields.add(new ProgressField()
                    .form(Numbers.duration(report.secondsLeft()) + " left", 10)
                    .form("", Integer.MAX_VALUE));
        }
        return fields;
    }

    private static ProgressField loss(StepReport report) {
        String loss = "loss " + Numbers.loss(report.loss());
        ProgressField field = new ProgressField();
        if (Double.isFinite(report.baseline()) && report.baseline() > 0 && Double.isFinite(report.loss())) {
            String ratio = Numbers.format("%.2fx", report.loss() / report.baseline());
            field.form(loss + " (baseline " + Numbers.loss(report.baseline()) + ", " + ratio + ")", 3)
                    .form(loss + " (" + ratio + " baseline)", 7)
                    .form(loss + " (" + ratio + ")", 9);
        }
        return field.form(loss, 11).form("", Integer.MAX_VALUE);
    }

    private ProgressField form(String text, int keptUntil) {
        forms.add(new Form(text, keptUntil));
        return this;
    }

    static String join(List<ProgressField> fields) {
        return fields.stream()
                .map(field -> field.forms.get(field.shown).text())
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining("  "));
    }

    /** The field to shorten next, the right one of two equal ranks; null if none can be shortened. */
    static @Nullable ProgressField leastMissed(List<ProgressField> fields) {
        ProgressField least = null;
        int rank = Integer.MAX_VALUE;
        for (ProgressField field : fields) {
            int until = field.forms.get(field.shown).keptUntil();
            if (until != Integer.MAX_VALUE && until <= rank) {
                least = field;
                rank = until;
            }
        }
        return least;
    }

    void shrink() {
        shown++;
    }
}
