package maskfeat.report;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import maskfeat.disk.Plural;
import maskfeat.disk.Printable;
import maskfeat.eval.Prediction;
import maskfeat.eval.PredictionTimeline;
import tools.jackson.databind.json.JsonMapper;

/** Prints a classifier's predictions for files: as text in 80 columns, except for long file names, or as JSON Lines. */
public final class PredictionText {
    private static final int BAR = 20;
    private static final int LONGEST_NAME = 46;
    private static final int PERCENT = 100;

    private final PrintWriter out;
    private final List<String> classes;
    private final int top;
    private final boolean json;

    /**
     * @param classes names by index
     * @param top number of classes to print
     * @param json whether to print JSON Lines instead of text
     */
    public PredictionText(PrintWriter out, List<String> classes, int top, boolean json) {
        this.out = out;
        this.classes = classes;
        this.top = top;
        this.json = json;
    }

    /** Prints the prediction for a file. */
    public void print(Prediction prediction) {
        if (json) {
            line(row(prediction));
            return;
        }
        out.println(Printable.text(prediction.name()));
        bars(prediction);
        out.flush();
    }

    /**
     * Prints the predictions for the windows of a video.
     *
     * @param prediction of the whole video
     * @param seconds length of a window
     */
    public void print(Prediction prediction, PredictionTimeline timeline, double seconds) {
        List<PredictionTimeline.ScoredWindow> windows = timeline.windows();
        double length = windows.get(windows.size() - 1).endSeconds();
        if (json) {
            Map<String, Object> row = row(prediction);
            row.put("seconds", length);
            row.put(
                    "segments",
                    timeline.segments().stream()
                            .map(each -> part(each.startSeconds(), each.endSeconds(), each.top(), each.score()))
                            .toList());
            row.put(
                    "windows",
                    windows.stream()
                            .map(each ->
                                    part(each.startSeconds(), each.endSeconds(), each.top(), each.scores()[each.top()]))
                            .toList());
            line(row);
            return;
        }
        out.println(Printable.text(prediction.name()));
        out.printf(Locale.ROOT, "  %s in %s of %.1f s%n", clock(length), Plural.of(windows.size(), "window"), seconds);
        for (PredictionTimeline.Segment segment : timeline.segments()) {
            out.printf(
                    Locale.ROOT,
                    "  %9s - %9s  %5.1f %%  %s%n",
                    clock(segment.startSeconds()),
                    clock(segment.endSeconds()),
                    PERCENT * segment.score(),
                    name(segment.top()));
        }
        out.println("  overall");
        bars(prediction);
        out.flush();
    }

    /** Prints why a file could not be read, in JSON only. */
    public void printUnreadable(Path file, String reason) {
        if (json) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("file", file.toString());
            row.put("error", reason);
            line(row);
        }
    }

    private void bars(Prediction prediction) {
        for (int c : prediction.top(top)) {
            double score = prediction.scores()[c];
            out.printf(
                    Locale.ROOT,
                    "  %5.1f %%  %-" + BAR + "s  %s%n",
                    PERCENT * score,
                    "#".repeat((int) Math.round(Math.min(1, score) * BAR)),
                    name(c));
        }
    }

    private Map<String, Object> row(Prediction prediction) {
        List<Map<String, Object>> best = new ArrayList<>();
        for (int c : prediction.top(top)) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("label", classes.get(c));
            one.put("score", prediction.scores()[c]);
            best.add(one);
        }
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("file", prediction.name());
        row.put("top", best);
        return row;
    }

    private Map<String, Object> part(double start, double end, int label, double score) {
        Map<String, Object> part = new LinkedHashMap<>();
        part.put("start", start);
        part.put("end", end);
        part.put("label", classes.get(label));
        part.put("score", (float) score);
        return part;
    }

    private void line(Map<String, Object> row) {
        out.println(JsonMapper.shared().writeValueAsString(row));
        out.flush();
    }

    private String name(int label) {
        String name = Printable.text(classes.get(label));
        return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME - 3) + "...";
    }

    /** A time in a video: {@code 1:05.5}, {@code 1:00:05.0}. */
    public static String clock(double seconds) {
        long tenths = Math.round(seconds * 10);
        long whole = tenths / 10;
        long hours = whole / 3600;
        String minutes = hours == 0
                ? String.format(Locale.ROOT, "%d:", whole / 60)
                : String.format(Locale.ROOT, "%d:%02d:", hours, whole / 60 % 60);
        return minutes + String.format(Locale.ROOT, "%02d.%d", whole % 60, tenths % 10);
    }
}
