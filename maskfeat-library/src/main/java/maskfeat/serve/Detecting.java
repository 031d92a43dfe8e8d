package maskfeat.serve;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import maskfeat.data.Footage;
import maskfeat.data.KeyFrameDataset.At;
import maskfeat.infer.ActionSeries;
import maskfeat.infer.ActionSeries.Given;
import maskfeat.infer.PeopleInVideo;
import maskfeat.infer.VideoBoxes;
import maskfeat.media.Frames;
import maskfeat.media.MediaSource;
import maskfeat.media.VideoInfo;
import maskfeat.people.PeopleFinder;
import maskfeat.report.ActionRows;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What people do in the video of a request. Each step, a frame or a clip, goes to the threads of readers, to that of the finder
 * or to that of the network, so that requests take turns, and one that is given up ends with the step at hand.
 */
final class Detecting implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Detecting.class);

    /** Bytes of a table of boxes: in memory a row takes ten times as much. */
    static final int MOST_TABLE_BYTES = 1 << 20;

    /** Boxes of one moment, which go through the network together. */
    static final int MOST_BOXES = 100;

    /** Boxes of a request, of whom people are told apart at once. */
    static final int MOST_BOXES_IN_ALL = 20_000;

    /** Whole frames go through the network, and a long strip would take its memory. */
    private static final int MOST_STRETCH = 4;

    private static final int PATIENCE_SECONDS = 60;

    private final People people;
    private final ExecutorService readers;
    private final ExecutorService finding;
    private final Semaphore clips = new Semaphore(Runtime.getRuntime().availableProcessors() + 1, true);

    /** @param readers stays its owner's */
    Detecting(People people, ExecutorService readers, ThreadFactory threads) {
        this.people = people;
        this.readers = readers;
        this.finding = Executors.newSingleThreadExecutor(threads);
    }

    boolean findsPeople() {
        return people.finder() != null;
    }

    /**
     * The answer to a request.
     *
     * @param upload a video, and boxes if it brings any
     * @param top number of actions of each box, best first
     */
    Map<String, Object> answer(ServedModel model, Upload upload, int top, Deadline deadline) throws Refusal {
        Opened<Footage> video = new Opened<>(() -> Footage.open(MediaSource.of(Upload.NAME, upload.file())));
        try {
            List<String> notices = new ArrayList<>();
            VideoInfo info = deadline.step(readers.submit(() -> video.look(Footage::info)));
            checkShape(info);
            Map<At, List<Given>> boxes = upload.boxes() == null
                    ? found(video, info, deadline)
                    : read(upload.boxes(), upload.name(), info, notices, deadline);
            checkCounts(boxes, info);
            ActionSeries series = model.series(info, boxes, (frames, ofClip) -> {
                deadline.acquire(clips);
                try {
                    Frames clip = deadline.step(readers.submit(() -> video.look(footage -> footage.frames(frames))));
                    return model.finite(deadline.step(model.submit(clip, ofClip)));
                } finally {
                    clips.release();
                }
            });
            Map<String, Object> row = ActionRows.of(Upload.NAME, series, top);
            if (!notices.isEmpty()) {
                row.put("notices", notices);
            }
            return row;
        } finally {
            video.closeOn(readers);
        }
    }

    private static void checkShape(VideoInfo info) throws Refusal {
        int longer = Math.max(info.width(), info.height());
        if (longer > MOST_STRETCH * Math.min(info.width(), info.height())) {
            throw new Refusal(
                    Refusal.BAD_REQUEST,
                    "the video has frames of " + info.width() + " x " + info.height() + " px; one side may be "
                            + MOST_STRETCH + " times as long as the other; cut them");
        }
    }

    private Map<At, List<Given>> read(
            byte[] table, String name, VideoInfo info, List<String> notices, Deadline deadline) throws Refusal {
        if (table.length > MOST_TABLE_BYTES) {
            throw new Refusal(
                    Refusal.TOO_LARGE,
                    "the boxes have " + table.length + " bytes, and " + MOST_TABLE_BYTES
                            + " are taken; send part of the video with its boxes");
        }
        return deadline.step(readers.submit(() -> {
            VideoBoxes all = VideoBoxes.readTable(Path.of("boxes"), table, people.threshold(), notices::add);
            Map<At, List<Given>> boxes = all.of(name, taken -> {}); // a table of one video is that of the upload
            VideoBoxes.checkMoments(Upload.NAME, info.timeline(), boxes, notices::add);
            return boxes;
        }));
    }

    private Map<At, List<Given>> found(Opened<Footage> video, VideoInfo info, Deadline deadline) throws Refusal {
        PeopleFinder finder = people.finder();
        if (finder == null) {
            throw new IllegalStateException("there are no boxes and nothing finds people");
        }
        Map<At, List<Given>> boxes = new LinkedHashMap<>();
        for (int frame : PeopleInVideo.frames(info.timeline(), people.every())) {
            Frames picture = deadline.step(readers.submit(() -> video.look(footage -> footage.frames(frame))));
            List<Given> found = PeopleInVideo.given(deadline.step(finding.submit(() -> find(finder, picture))));
            if (!found.isEmpty()) {
                boxes.put(At.frame(frame), found);
            }
        }
        return boxes;
    }

    /** What is wrong with the finder's file is not the client's affair. */
    private List<PeopleFinder.Found> find(PeopleFinder finder, Frames picture) {
        try {
            return finder.find(picture, people.threshold());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static void checkCounts(Map<At, List<Given>> boxes, VideoInfo info) throws Refusal {
        Map<Double, Integer> counts = new LinkedHashMap<>(); // past the end, several moments are one
        boxes.forEach((at, given) -> counts.merge(at.in(info.timeline()), given.size(), Integer::sum));
        int most = counts.values().stream().mapToInt(count -> count).max().orElse(0);
        int all = counts.values().stream().mapToInt(count -> count).sum();
        if (most > MOST_BOXES || all > MOST_BOXES_IN_ALL) {
            throw new Refusal(
                    Refusal.BAD_REQUEST,
                    "there are " + all + " boxes, up to " + most + " in a moment; " + MOST_BOXES + " in a moment and "
                            + MOST_BOXES_IN_ALL + " in all are taken, so leave some out");
        }
    }

    /** Closes the finder when the frame at hand is done. */
    @Override
    public void close() {
        finding.shutdown();
        try {
            if (!finding.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("the detector of people does not end");
                return; // closing what runs would end the process
            }
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
            return;
        }
        @Nullable PeopleFinder finder = people.finder();
        if (finder != null) {
            finder.close();
        }
    }
}
