package maskfeat.run;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import maskfeat.boxes.ClipRange;
import maskfeat.boxes.FrameList;
import maskfeat.data.DatasetException;
import maskfeat.data.Footage;
import maskfeat.data.KeyFrameDataset.Key;
import maskfeat.media.Timeline;
import org.jspecify.annotations.Nullable;

/**
 * Looks whether the moments of annotations can be those of the videos, before anything is learned from the wrong frames. A
 * few videos tell; all are looked at by {@code data scan --boxes}.
 *
 * @param file of the annotations
 * @param range annotated seconds; null where seconds count from each video's beginning
 * @param list of frames, if there is one
 * @param notices takes what a person should know, a sentence each
 */
record KeyFrameCheck(Path file, @Nullable ClipRange range, Optional<FrameList> list, Consumer<String> notices) {
    private static final int LOOKED_AT = 3;

    /** Later than this, moments of videos that are shorter look like AVA's. */
    private static final double AVA_BEGINS = 890;

    /**
     * Checks the first videos.
     *
     * @param names of the videos in the annotations
     * @throws DatasetException if all their moments lie outside of them
     */
    void check(List<Key> keys, Map<Path, String> names) throws DatasetException {
        Map<Path, Timeline> timelines = new LinkedHashMap<>();
        int outside = 0;
        int inside = 0;
        Key first = null;
        for (Key key : keys) {
            if (!timelines.containsKey(key.video())) {
                if (timelines.size() == LOOKED_AT) {
                    break;
                }
                Optional<Timeline> timeline = timeline(key.video(), names);
                if (timeline.isEmpty()) {
                    continue;
                }
                timelines.put(key.video(), timeline.get());
            }
            if (key.at().isOutside(requireNonNull(timelines.get(key.video())))) {
                outside++;
                first = first == null ? key : first;
            } else {
                inside++;
            }
        }
        if (first == null) {
            return;
        }
        double length = requireNonNull(timelines.get(first.video())).duration();
        String example = String.format(
                Locale.ROOT,
                "%s is %s, and the video %.2f s long",
                first.name(),
                first.at().frame().isPresent()
                        ? "its frame " + first.at().frame().getAsInt() + " counted from 0"
                        : String.format(
                                Locale.ROOT,
                                "at %.2f s of its video",
                                first.at().seconds()),
                length);
        if (inside == 0) {
            throw new DatasetException("all " + outside + " moments that " + file + " has of "
                    + (timelines.size() == 1 ? "its first video" : "its first " + timelines.size() + " videos")
                    + " lie outside of them: " + example + "; " + remedy(first, length));
        }
        notices.accept(outside + " of the first " + (outside + inside) + " key frames of " + file.getFileName()
                + " lie outside of their video, whose first or last frame stands for them: " + example
                + "; data scan --boxes looks at all");
    }

    private Optional<Timeline> timeline(Path video, Map<Path, String> names) {
        try (Footage footage = Footage.open(video)) {
            Timeline timeline = footage.info().timeline();
            if (range != null && range.start() > 0 && timeline.duration() > range.last()) {
                notices.accept(String.format(
                        Locale.ROOT,
                        "%s lasts %.0f s and is taken to begin at second %d of its film; if it is the whole film, set"
                                + " task.boxes.range.start=0",
                        video,
                        timeline.duration(),
                        range.start()));
            }
            if (Files.isDirectory(video)) {
                list.flatMap(each -> each.difference(names.getOrDefault(video, ""), timeline.frames()))
                        .ifPresent(notices);
            }
            return Optional.of(timeline);
        } catch (IOException unreadable) {
            return Optional.empty(); // it is told when it is read
        }
    }

    private String remedy(Key first, double length) {
        if (first.at().frame().isPresent()) {
            return "are these its annotations? task.boxes.first-frame is the number of a video's first frame";
        }
        return range == null
                        && first.at().seconds() >= AVA_BEGINS
                        && length < first.at().seconds()
                ? "if the films begin at second 900, as AVA's, set task.boxes.range.first=902 (data scan and evaluate:"
                        + " --range 902-1798)"
                : range == null || range.start() == 0
                        ? "seconds count from each video's beginning"
                        : "task.boxes.range says that videos begin at second " + range.start()
                                + " of their film; if they are whole films, set task.boxes.range.start=0";
    }
}
