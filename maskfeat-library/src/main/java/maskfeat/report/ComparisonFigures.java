package maskfeat.report;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import maskfeat.disk.Plural;
import maskfeat.eval.Metric;
import maskfeat.eval.Metrics;
import maskfeat.report.ShownTable.Cell;

/**
 * The figures of runs in tables, of each kind of run their own. What stands in a column compares, as far as is known, and the
 * best of it is marked where its interval is apart from those of all others.
 *
 * @param kind of the runs in words
 * @param tables of runs, and below it of groups, where there are some
 */
record ComparisonFigures(String kind, List<Part> tables) {
    private static final String MISSING = "\u2013";

    private static final Map<String, String> KINDS = Map.of(
            "pretrain", "Pre-training",
            "finetune", "Fine-tuning",
            "probe", "Probes of frozen features",
            "evaluate", "Evaluations");

    /**
     * A table.
     *
     * @param ofGroups whether its rows are groups of runs
     * @param tags of its columns behind the first
     * @param notes on what is not marked
     */
    record Part(ShownTable table, boolean ofGroups, List<String> tags, List<String> notes) {
        /** For a terminal. */
        String text(int columns) {
            List<String> heads = new ArrayList<>(List.of(table.columns().get(0).text()));
            heads.addAll(tags);
            StringBuilder text = new StringBuilder();
            if (!table.caption().isEmpty()) {
                text.append(WrappedText.of(table.caption(), columns)).append('\n');
            }
            text.append(new TextTable(
                            heads,
                            table.rows().stream()
                                    .map(row -> row.stream().map(Cell::text).toList())
                                    .toList())
                    .text(columns));
            notes.forEach(note ->
                    text.append('\n').append(WrappedText.of(note, columns)).append('\n'));
            return text.toString();
        }
    }

    /**
     * The tables of each kind of run, in the order of the runs.
     *
     * @param order of the columns
     */
    static List<ComparisonFigures> of(List<RunSummary> runs, List<String> order) {
        Map<String, List<RunSummary>> kinds = new LinkedHashMap<>();
        runs.stream()
                .filter(ComparisonFigures::has)
                .forEach(run -> kinds.computeIfAbsent(run.kind(), kind -> new ArrayList<>())
                        .add(run));
        return kinds.entrySet().stream()
                .map(kind -> new ComparisonFigures(
                        KINDS.getOrDefault(kind.getKey(), kind.getKey()), parts(kind.getValue(), order)))
                .toList();
    }

    /** Whether a run has any. */
    static boolean has(RunSummary run) {
        return run.figures().values().stream().anyMatch(value -> !value.isNaN());
    }

    boolean isSplit() {
        return tables.stream().filter(part -> !part.ofGroups()).count() > 1;
    }

    /** One table where all compares with all; else one for each target of training and one for each that was measured on. */
    private static List<Part> parts(List<RunSummary> runs, List<String> order) {
        Predicate<String> ofTraining = tag -> tag.startsWith("train/");
        Predicate<String> ofScores = ofTraining.negate();
        List<Yardstick.Alike<RunSummary>> losses = alike(runs, ofTraining, RunSummary::loss);
        List<Yardstick.Alike<RunSummary>> scores = alike(runs, ofScores, RunSummary::scores);
        List<Part> parts = new ArrayList<>();
        if (losses.size() <= 1 && scores.size() <= 1) {
            add(parts, "", runs, tag -> true, order);
            return parts;
        }
        for (Yardstick.Alike<RunSummary> part : scores) {
            add(parts, scores.size() > 1 ? "measured on: " + part.name() : "", part.members(), ofScores, order);
        }
        for (Yardstick.Alike<RunSummary> part : losses) {
            add(parts, losses.size() > 1 ? "trained for: " + part.name() : "", part.members(), ofTraining, order);
        }
        return parts;
    }

    private static List<Yardstick.Alike<RunSummary>> alike(
            List<RunSummary> runs, Predicate<String> tags, Function<RunSummary, Yardstick> yardstick) {
        return Yardstick.sorted(
                runs.stream()
                        .filter(run -> run.figures().entrySet().stream()
                                .anyMatch(figure -> tags.test(figure.getKey())
                                        && !figure.getValue().isNaN()))
                        .toList(),
                yardstick);
    }

    private static void add(
            List<Part> parts, String caption, List<RunSummary> runs, Predicate<String> wanted, List<String> order) {
        List<String> tags = tags(runs, order).stream().filter(wanted).toList();
        List<Score> each = runs.stream().map(Score::of).toList();
        Map<String, List<RunSummary>> groups = ComparisonReport.groups(runs);
        if (groups.size() == runs.size()) {
            parts.add(part(caption, tags, each));
            return;
        }
        // Of runs that differ by their seed it is the group that may be the best.
        parts.add(new Part(table(caption, "run", tags, each, Map.of()), false, tags, List.of()));
        parts.add(ofGroups(tags, groups.values().stream().map(Score::of).toList()));
    }

    static List<String> tags(List<RunSummary> runs, List<String> order) {
        Set<String> known = new LinkedHashSet<>();
        for (RunSummary run : runs) {
            run.figures().forEach((tag, value) -> {
                if (!value.isNaN()) {
                    known.add(tag);
                }
            });
        }
        Set<String> tags = new LinkedHashSet<>(order);
        tags.retainAll(known);
        tags.addAll(known);
        return List.copyOf(tags);
    }

    /** A row of figures of one run or a group. */
    private record Score(String name, Map<String, Estimate> estimates) {
        static Score of(RunSummary run) {
            return of(run.name(), List.of(run));
        }

        static Score of(List<RunSummary> group) {
            RunSummary first = group.get(0);
            return first.group().isEmpty()
                    ? of(first)
                    : of(first.group() + " (" + Plural.of(group.size(), "run") + ")", group);
        }

        private static Score of(String name, List<RunSummary> runs) {
            Map<String, List<Double>> values = new LinkedHashMap<>();
            for (RunSummary run : runs) {
                run.figures().forEach((tag, value) -> {
                    if (!value.isNaN()) {
                        values.computeIfAbsent(tag, key -> new ArrayList<>()).add(value);
                    }
                });
            }
            Map<String, Estimate> estimates = new LinkedHashMap<>();
            values.forEach((tag, all) ->
                    estimates.put(tag, Estimate.of(tag, all, runs.get(0).items())));
            return new Score(name, estimates);
        }
    }

    private static Part part(String caption, List<String> tags, List<Score> scores) {
        Map<String, Score> best = best(tags, scores);
        return new Part(table(caption, "run", tags, scores, best), false, tags, notes(tags, scores, best.keySet()));
    }

    private static Part ofGroups(List<String> tags, List<Score> scores) {
        Map<String, Score> best = best(tags, scores);
        String caption = "Mean and standard deviation over runs that differ by their seed";
        return new Part(table(caption, "group", tags, scores, best), true, tags, notes(tags, scores, best.keySet()));
    }

    private static ShownTable table(
            String caption, String whose, List<String> tags, List<Score> scores, Map<String, Score> best) {
        List<Cell> columns = new ArrayList<>(List.of(new Cell(whose, false)));
        tags.forEach(tag -> columns.add(new Cell(Metrics.of(tag).fullTitle(), true)));
        List<List<Cell>> rows = new ArrayList<>();
        for (Score score : scores) {
            List<Cell> row = new ArrayList<>(List.of(new Cell(score.name(), false, false, true)));
            for (String tag : tags) {
                Estimate estimate = score.estimates().get(tag);
                row.add(
                        estimate == null
                                ? new Cell(MISSING, true)
                                : new Cell(estimate.text(new MetricFormat(tag)), true, best.get(tag) == score, false));
            }
            rows.add(row);
        }
        return new ShownTable(caption, false, true, columns, rows);
    }

    private static List<Score> having(String tag, List<Score> scores) {
        return scores.stream()
                .filter(score -> score.estimates().containsKey(tag))
                .toList();
    }

    private static Estimate estimate(Score score, String tag) {
        return requireNonNull(score.estimates().get(tag));
    }

    /** Of each figure the one that is better than each other by more than their intervals, if there is one. */
    private static Map<String, Score> best(List<String> tags, List<Score> scores) {
        Map<String, Score> best = new LinkedHashMap<>();
        for (String tag : tags) {
            List<Score> having = having(tag, scores);
            Metric.Better better = Metrics.of(tag).better();
            having.stream()
                    .filter(score -> having.size() > 1
                            && having.stream()
                                    .allMatch(other -> other == score
                                            || estimate(score, tag).beats(estimate(other, tag), better)))
                    .findFirst()
                    .ifPresent(score -> best.put(tag, score));
        }
        return best;
    }

    /** Which figures are not told apart, and of which nothing can be said. */
    private static List<String> notes(List<String> tags, List<Score> scores, Set<String> told) {
        List<String> notToldApart = new ArrayList<>();
        List<String> withoutInterval = new ArrayList<>();
        for (String tag : tags) {
            List<Score> having = having(tag, scores);
            if (having.size() < 2 || told.contains(tag) || Metrics.of(tag).better() == Metric.Better.NEITHER) {
                continue;
            }
            if (having.stream().allMatch(score -> estimate(score, tag).hasInterval())) {
                notToldApart.add(Metrics.of(tag).fullTitle() + " of " + rivals(tag, having));
            } else {
                withoutInterval.add(Metrics.of(tag).fullTitle());
            }
        }
        List<String> notes = new ArrayList<>();
        if (!notToldApart.isEmpty()) {
            notes.add("Not told apart, as their intervals overlap: " + String.join("; ", notToldApart) + ".");
        }
        if (!withoutInterval.isEmpty()) {
            notes.add("Nothing is called the best of " + String.join(", ", withoutInterval)
                    + ": one run does not say how far another seed would be from it.");
        }
        return notes;
    }

    /** The one with the best mean, and those whose intervals overlap with its own. */
    private static String rivals(String tag, List<Score> having) {
        Metric.Better better = Metrics.of(tag).better();
        Score first = having.get(0);
        for (Score score : having) {
            if (better.than(
                    estimate(score, tag).spread().mean(),
                    estimate(first, tag).spread().mean())) {
                first = score;
            }
        }
        Score leading = first;
        return having.stream()
                .filter(score -> score == leading || !estimate(leading, tag).beats(estimate(score, tag), better))
                .map(Score::name)
                .collect(Collectors.joining(", "));
    }
}
