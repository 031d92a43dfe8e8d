package maskfeat.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import maskfeat.data.Windows;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.PathText;
import maskfeat.eval.Csv;
import maskfeat.eval.PredictionTimeline;
import maskfeat.media.Frames;

/**
 * Writes a network's predictions over the time of a video, as an image and as a table.
 *
 * @param timeline the predictions
 * @param classes names by index
 */
public record TimelineFiles(PredictionTimeline timeline, List<String> classes) {
    private static final String TABLE = ".timeline.csv";
    private static final String PICTURE = ".timeline.png";
    private static final int FEWEST_ROWS = 5;
    private static final int MOST_ROWS = 8;

    /** Collects thumbnails of a video while its windows are read. */
    public static final class Thumbnails implements Consumer<Windows.WindowClip> {
        // More than fit; the drawing leaves out the others.
        private static final int MOST = 40;

        private final List<TimelinePicture.Thumbnail> taken = new ArrayList<>();
        private final int every;
        private int seen;

        /** @param windows of the whole video */
        public Thumbnails(int windows) {
            every = Math.max(1, (windows + MOST - 1) / MOST);
        }

        @Override
        public void accept(Windows.WindowClip window) {
            if (seen++ % every == 0) {
                double middle = (window.startSeconds() + window.endSeconds()) / 2;
                taken.add(new TimelinePicture.Thumbnail(middle, middle(window.frames())));
            }
        }

        private static Frames middle(Frames frames) {
            int bytes = frames.rgb().length / frames.count();
            int at = frames.at(frames.count() / 2, 0, 0);
            return Frames.image(frames.height(), frames.width(), Arrays.copyOfRange(frames.rgb(), at, at + bytes));
        }

        /** The thumbnails collected so far, by time. */
        public List<TimelinePicture.Thumbnail> taken() {
            return taken;
        }
    }

    /** What the files of a name are called: a table and a picture. */
    public static List<String> names(String name) {
        return List.of(name + TABLE, name + PICTURE);
    }

    /** Writes {@code NAME.timeline.png} and {@code NAME.timeline.csv}. */
    public void write(Path folder, String name, List<TimelinePicture.Thumbnail> thumbnails) throws IOException {
        table(PathText.in(folder, name + TABLE));
        List<Integer> rows = rows();
        List<PredictionTimeline.ScoredWindow> windows = timeline.windows();
        PngBytes.write(
                PathText.in(folder, name + PICTURE),
                TimelinePicture.draw(
                        thumbnails,
                        rows.stream().map(classes::get).toList(),
                        windows.stream()
                                .mapToDouble(PredictionTimeline.ScoredWindow::startSeconds)
                                .toArray(),
                        windows.stream()
                                .mapToDouble(PredictionTimeline.ScoredWindow::endSeconds)
                                .toArray(),
                        windows.stream().map(window -> scores(window, rows)).toArray(float[][]::new),
                        timeline.segments().stream()
                                .map(each -> new TimelinePicture.Segment(
                                        each.startSeconds(),
                                        each.endSeconds(),
                                        classes.get(each.top()),
                                        shown(each.score())))
                                .toList()));
    }

    /** Rounding may have gone a little beyond the ends. */
    private static double shown(double score) {
        return Math.max(0, Math.min(1, score));
    }

    private static float[] scores(PredictionTimeline.ScoredWindow window, List<Integer> rows) {
        float[] scores = new float[rows.size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = window.scores()[rows.get(i)];
        }
        return scores;
    }

    /** Indices of the classes to show: those predicted for the longest time, then those with the highest score. */
    private List<Integer> rows() {
        double[] seconds = new double[classes.size()];
        timeline.segments().forEach(each -> seconds[each.top()] += each.endSeconds() - each.startSeconds());
        float[] scores = timeline.scores();
        int named = (int) timeline.segments().stream()
                .mapToInt(PredictionTimeline.Segment::top)
                .distinct()
                .count();
        return IntStream.range(0, classes.size())
                .boxed()
                .sorted(Comparator.<Integer>comparingDouble(c -> -seconds[c]).thenComparingDouble(c -> -scores[c]))
                .limit(Math.max(FEWEST_ROWS, Math.min(MOST_ROWS, named)))
                .toList();
    }

    /** Writes a row for each window: {@code start,end,label,score}, in seconds, with the class of the highest score. */
    private void table(Path file) throws IOException {
        AtomicFile.writeText(file, out -> {
            out.write("start,end,label,score\n");
            for (PredictionTimeline.ScoredWindow window : timeline.windows()) {
                out.write(String.format(
                        Locale.ROOT,
                        "%.3f,%.3f,%s,%.6f\n",
                        window.startSeconds(),
                        window.endSeconds(),
                        Csv.field(classes.get(window.top())),
                        window.scores()[window.top()]));
            }
        });
    }
}
