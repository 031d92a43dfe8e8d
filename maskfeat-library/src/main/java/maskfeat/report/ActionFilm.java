package maskfeat.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import maskfeat.data.Footage;
import maskfeat.disk.AtomicFile;
import maskfeat.eval.Corners;
import maskfeat.eval.Csv;
import maskfeat.infer.ActionSeries;
import maskfeat.infer.ActionSeries.Seen;
import maskfeat.media.Frames;
import maskfeat.media.Timeline;
import maskfeat.media.VideoWriter;
import org.jspecify.annotations.Nullable;

/**
 * Shows what each person in a video does: as a film with boxes, and as a table.
 *
 * @param series what was seen
 * @param top how many actions are written beside each box
 */
public record ActionFilm(ActionSeries series, int top) {
    private static final int SHORT_SIDE = 360;
    /** A box is drawn between two moments that are no further apart, and so long beside a single one, in seconds. */
    private static final double GAP = 1.5;

    private static final double ALONE = 0.5;
    private static final double LEAST = 0.05;

    /** What the files of a name are called: a table and a film. */
    public static List<String> names(String name) {
        return List.of(name + ".actions.csv", name + ".actions.mp4");
    }

    /** Writes {@code file}, an MP4 (H.264), a frame for each of the video's. */
    public void write(Path file, Footage video) throws IOException {
        Timeline timeline = video.info().timeline();
        List<List<Seen>> people = List.copyOf(series.people().values());
        List<String> names = List.copyOf(series.people().keySet());
        VideoWriter.write(
                file,
                new Drawn(video, timeline, people, names),
                Math.max(1, Math.min(1000, timeline.rate())),
                VideoWriter.Codec.H264);
    }

    /** The pictures of the film, drawn as they are wanted; some frames are decoded at once. */
    private final class Drawn implements VideoWriter.Source {
        private static final int AT_ONCE = 24;

        private final Footage video;
        private final Timeline timeline;
        private final List<List<Seen>> people;
        private final List<String> names;
        /** Frames are drawn in their order, so that panels keep their places. */
        private final PanelPlaces places = new PanelPlaces();

        private final Frames first;
        private int from;
        private Frames decoded;

        Drawn(Footage video, Timeline timeline, List<List<Seen>> people, List<String> names) throws IOException {
            this.video = video;
            this.timeline = timeline;
            this.people = people;
            this.names = names;
            decoded = decode(0);
            first = picture(0);
        }

        private Frames decode(int number) throws IOException {
            from = number;
            int count = Math.min(AT_ONCE, timeline.frames() - number);
            return video.frames(IntStream.range(number, number + count).toArray());
        }

        private Frames picture(int number) throws IOException {
            if (number < from || number >= from + decoded.count()) {
                decoded = decode(number);
            }
            double time = timeline.seconds()[number];
            List<ActionPainter.Marked> marked = new ArrayList<>();
            for (int person = 0; person < people.size(); person++) {
                ActionPainter.Marked at = at(people.get(person), time, person, names.get(person));
                if (at != null) {
                    marked.add(at);
                }
            }
            return Film.frames(List.of(ActionPainter.draw(decoded, number - from, marked, SHORT_SIDE, places)));
        }

        @Override
        public int height() {
            return first.height();
        }

        @Override
        public int width() {
            return first.width();
        }

        @Override
        public int count() {
            return timeline.frames();
        }

        @Override
        public Frames frame(int number) throws IOException {
            return number == 0 ? first : picture(number);
        }
    }

    /** Where somebody is at a time, and what the nearest moment says of it; null if nowhere. */
    private ActionPainter.@Nullable Marked at(List<Seen> seen, double time, int person, String name) {
        Seen before = null;
        Seen after = null;
        for (Seen each : seen) {
            if (each.seconds() <= time) {
                before = each;
            } else {
                after = each;
                break;
            }
        }
        if (before != null && after != null && after.seconds() - before.seconds() <= GAP) {
            double part = (time - before.seconds()) / (after.seconds() - before.seconds());
            return marked(part < 0.5 ? before : after, between(before.box(), after.box(), part), person, name);
        }
        if (before != null && time - before.seconds() <= ALONE) {
            return marked(before, before.box(), person, name);
        }
        return after != null && after.seconds() - time <= ALONE ? marked(after, after.box(), person, name) : null;
    }

    private static Corners between(Corners a, Corners b, double part) {
        return new Corners(
                a.x1() + part * (b.x1() - a.x1()),
                a.y1() + part * (b.y1() - a.y1()),
                a.x2() + part * (b.x2() - a.x2()),
                a.y2() + part * (b.y2() - a.y2()));
    }

    private ActionPainter.Marked marked(Seen seen, Corners box, int person, String name) {
        return new ActionPainter.Marked(
                box,
                person,
                name.matches("\\d+") ? "person " + name : name,
                ActionSeries.best(seen.scores(), top).stream()
                        .map(action -> new ActionPainter.Action(series.actions().get(action), seen.scores()[action]))
                        .toList());
    }

    /** Writes a row for each action of each box, from a score of 0.05 on, and always the best. */
    public void writeTable(Path file) throws IOException {
        StringBuilder text = new StringBuilder("second,person,x1,y1,x2,y2,action,score\n");
        for (Seen seen : series.seen()) {
            List<Integer> best = ActionSeries.best(seen.scores(), seen.scores().length);
            for (int rank = 0; rank < best.size(); rank++) {
                int action = best.get(rank);
                if (rank > 0 && seen.scores()[action] < LEAST) {
                    break;
                }
                text.append(String.format(
                        Locale.ROOT,
                        "%.3f,%s,%.4f,%.4f,%.4f,%.4f,%s,%.4f\n",
                        seen.seconds(),
                        Csv.field(seen.person()),
                        seen.box().x1(),
                        seen.box().y1(),
                        seen.box().x2(),
                        seen.box().y2(),
                        Csv.field(series.actions().get(action)),
                        seen.scores()[action]));
            }
        }
        AtomicFile.writeText(file, text.toString());
    }

    /** For each person, the mean score of each action while they are seen. */
    public Map<String, float[]> means() {
        Map<String, float[]> means = new LinkedHashMap<>();
        series.people().forEach((person, seen) -> {
            float[] mean = new float[series.actions().size()];
            for (Seen each : seen) {
                for (int action = 0; action < mean.length; action++) {
                    mean[action] += each.scores()[action] / seen.size();
                }
            }
            means.put(person, mean);
        });
        return means;
    }
}
