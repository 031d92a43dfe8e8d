package maskfeat.cli;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import maskfeat.data.Footage;
import maskfeat.data.Item;
import maskfeat.data.KeyFrameDataset.At;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.PathText;
import maskfeat.disk.Plural;
import maskfeat.disk.Printable;
import maskfeat.disk.WriteFailed;
import maskfeat.infer.ActionSeries;
import maskfeat.infer.Inference;
import maskfeat.infer.VideoBoxes;
import maskfeat.report.ActionFilm;
import maskfeat.report.ActionRows;
import maskfeat.report.Scorecard;
import maskfeat.report.TextTable;
import maskfeat.shard.Job;
import maskfeat.shard.Shard;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** What {@code maskfeat predict} does with a detector of actions. */
final class PredictActions {
    /** What shards call it. */
    static final String JOB = "predict --boxes";

    private static final String TABLE = "actions.csv";
    private static final int WRITTEN_IN_FILM = 3;

    /** Where boxes of a video come from. */
    interface Boxes {
        Map<At, List<ActionSeries.Given>> of(Path video, Footage footage) throws IOException;
    }

    private final Console console;
    private final PrintWriter out;
    private final int top;
    private final boolean json;
    private final @Nullable Path folder;

    /** @param folder for films and tables; null for none */
    PredictActions(Console console, PrintWriter out, int top, boolean json, @Nullable Path folder) {
        this.console = console;
        this.out = out;
        this.top = top;
        this.json = json;
        this.folder = folder;
    }

    /** @return whether all videos could be read */
    boolean predict(Inference network, List<Item> videos, Boxes boxes) throws IOException {
        if (folder != null) {
            AtomicFile.folder(folder);
        }
        FilesBeside names = new FilesBeside(videos);
        boolean all = true;
        for (Item item : videos) {
            Path video = item.file();
            try {
                look(network, video, boxes, folder, names.name(video), true);
            } catch (WriteFailed full) {
                throw full; // not the fault of the video
            } catch (IOException why) {
                all = false;
                console.sayUnreadable("", video, why);
            }
        }
        return all;
    }

    /**
     * Does a shard of the videos: films and tables of its own, and a file that names them.
     *
     * @param into the folder for all that
     * @return whether its videos could be read
     */
    boolean shard(Path into, Shard shard, Job job, Inference network, List<Item> videos, Boxes boxes)
            throws IOException, InterruptedException {
        FilesBeside names = new FilesBeside(videos);
        boolean[] all = {true};
        ShardOption.run(
                console,
                into.resolve(TABLE),
                into,
                shard,
                job,
                videos,
                (item, result) -> FilesBeside.stand(into, ActionFilm.names(names.name(item.file())), result),
                results -> {
                    for (Item item : results.rest()) {
                        String name = names.name(item.file());
                        try {
                            look(network, item.file(), boxes, into, name, false);
                        } catch (WriteFailed full) {
                            throw full;
                        } catch (IOException why) {
                            all[0] = false;
                            console.sayUnreadable("", item.file(), why);
                            results.unreadable(item, why);
                            continue;
                        }
                        results.add(item, FilesBeside.result(into, ActionFilm.names(name)));
                    }
                });
        return all[0];
    }

    /** @param into folder for film and table; null for none */
    private void look(Inference network, Path video, Boxes boxes, @Nullable Path into, String name, boolean printed)
            throws IOException {
        try (Footage footage = Footage.open(video)) {
            Map<At, List<ActionSeries.Given>> given = boxes.of(video, footage);
            VideoBoxes.checkMoments(
                    PathText.of(video), footage.info().timeline(), given, notice -> console.say("warning: " + notice));
            ScoringLine progress = ScoringLine.passingOnStderr("moments of " + video.getFileName());
            ActionSeries series = ActionSeries.of(network, footage, given, progress);
            ActionFilm film = new ActionFilm(series, WRITTEN_IN_FILM);
            if (printed) {
                print(video, series, film);
            }
            if (into != null) {
                film.writeTable(PathText.in(into, ActionFilm.names(name).get(0)));
                Path shown = PathText.in(into, ActionFilm.names(name).get(1));
                film.write(shown, footage);
                console.say("film: " + shown);
            }
        }
    }

    private void print(Path video, ActionSeries series, ActionFilm film) {
        Map<String, float[]> means = film.means();
        if (json) {
            Map<String, Object> row = ActionRows.of(PathText.of(video), series, top);
            out.println(JsonMapper.shared().writeValueAsString(row));
        } else {
            out.println(Printable.text(PathText.of(video)) + ": "
                    + Plural.of(series.seen().size(), "box of ", "boxes of ")
                    + Plural.of(means.size(), "person", "people"));
            List<List<String>> rows = new ArrayList<>();
            series.people().forEach((person, seen) -> {
                float[] mean = requireNonNull(means.get(person));
                String when = String.format(
                        Locale.ROOT,
                        "%.1f to %.1f s",
                        seen.get(0).seconds(),
                        seen.get(seen.size() - 1).seconds());
                List<String> best = new ArrayList<>();
                for (int action : ActionSeries.best(mean, Math.min(top, WRITTEN_IN_FILM))) {
                    best.add(series.actions().get(action) + " " + Scorecard.perCent(mean[action]));
                }
                rows.add(List.of(Printable.text(person), when, String.join(", ", best)));
            });
            out.print(new TextTable(List.of("person", "seen", "actions, mean score"), rows).text(Scorecard.COLUMNS));
        }
        out.flush();
    }
}
