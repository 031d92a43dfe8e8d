package maskfeat.infer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import maskfeat.boxes.Annotations;
import maskfeat.boxes.BoxUnit;
import maskfeat.boxes.FirstFrame;
import maskfeat.boxes.Grouping;
import maskfeat.boxes.KeyFrame;
import maskfeat.boxes.LabelledBox;
import maskfeat.boxes.Moment;
import maskfeat.boxes.Oddity;
import maskfeat.data.DatasetException;
import maskfeat.data.KeyBox;
import maskfeat.data.KeyFrameDataset.At;
import maskfeat.disk.Plural;
import maskfeat.disk.Shown;
import maskfeat.media.Timeline;

/**
 * The boxes of one video in a file of annotations or detections, to be asked about.
 *
 * @param file where they are
 * @param frames key frames of all videos
 * @param firstFrame number of a video's first frame
 */
public record VideoBoxes(Path file, List<KeyFrame> frames, int firstFrame) {
    /**
     * Reads a file, of any format that {@link maskfeat.boxes.BoxFormats} knows.
     *
     * @param threshold score from which a box is used; those without a score are
     * @param notices takes what is odd about it
     * @throws maskfeat.disk.DamagedFile if it has no box that can be used, saying why
     */
    public static VideoBoxes read(Path file, double threshold, Consumer<String> notices) throws IOException {
        if (Files.isDirectory(file)) {
            throw new DatasetException(
                    file + " is a folder, in which several files may have boxes of one video; name one"
                            + " of them, such as boxes.csv");
        }
        Annotations all = Grouping.everything()
                .withThreshold(threshold)
                .read(List.of(file))
                .orNone(file);
        return of(file, all, FirstFrame.of(file, all.keyFrames()), notices);
    }

    /**
     * Reads a table with a header from memory.
     *
     * @param name of it, for messages
     * @param table its bytes, in UTF-8
     * @param threshold score from which a box is used; those without a score are
     * @param notices takes what is odd about it
     * @throws maskfeat.disk.DamagedFile if it has no box that can be used, saying why
     */
    public static VideoBoxes readTable(Path name, byte[] table, double threshold, Consumer<String> notices)
            throws IOException {
        Annotations all = Grouping.everything()
                .withThreshold(threshold)
                .readTable(name, table)
                .orNone(name);
        return of(name, all, FirstFrame.inTable(all.keyFrames()), notices);
    }

    private static VideoBoxes of(Path file, Annotations all, FirstFrame first, Consumer<String> notices) {
        all.oddities()
                .sentences(Set.of(Oddity.NO_LABEL))
                .forEach(sentence -> notices.accept(file.getFileName() + ": " + sentence));
        if (first.guessed()) {
            notices.accept(file.getFileName() + ": frames are counted from " + first.number());
        }
        return new VideoBoxes(file, all.keyFrames(), first.number());
    }

    /**
     * Those of a video, which is found by its name, with or without ending. Where the file has boxes of one video
     * alone, they are taken for it whatever it is called.
     *
     * @param name of the video's file, without folders
     * @param notices takes what a person should know of that
     * @throws DatasetException if there are none
     */
    public Map<At, List<ActionSeries.Given>> of(String name, Consumer<String> notices) throws DatasetException {
        Set<String> wanted = new LinkedHashSet<>(List.of(name, withoutEnding(name))); // of a name without ending, one
        Set<String> all = new LinkedHashSet<>();
        Set<String> fitting = new LinkedHashSet<>();
        for (KeyFrame frame : frames) {
            String called = frame.video().replace('\\', '/');
            called = called.substring(called.lastIndexOf('/') + 1);
            all.add(frame.video());
            if (wanted.contains(called) || wanted.contains(withoutEnding(called))) {
                fitting.add(frame.video());
            }
        }
        if (fitting.isEmpty() && all.size() == 1) {
            fitting.addAll(all);
            notices.accept(file.getFileName() + " has boxes of '"
                    + Shown.text(all.iterator().next()) + "' alone; they are taken for " + name);
        }
        if (fitting.size() != 1) {
            throw new DatasetException(file + " has boxes of " + Plural.of(all.size(), "video") + ", and "
                    + (fitting.isEmpty() ? "none" : "several") + " of them is called " + name + "; among them: "
                    + String.join(", ", all.stream().limit(3).toList()));
        }
        Map<At, List<ActionSeries.Given>> boxes = new LinkedHashMap<>();
        for (KeyFrame frame : frames) {
            if (fitting.contains(frame.video())) {
                List<ActionSeries.Given> given = boxes.computeIfAbsent(at(frame.moment()), at -> new ArrayList<>());
                frame.boxes().forEach(box -> given.add(given(box)));
            }
        }
        return boxes;
    }

    private static ActionSeries.Given given(LabelledBox box) {
        String person = box.person();
        return new ActionSeries.Given(
                new KeyBox(box.corners(), box.unit() == BoxUnit.PIXEL, List.of()), person == null ? "" : person);
    }

    private At at(Moment moment) {
        return moment.unit() == Moment.Unit.FRAME
                ? At.frame((int)
                        Math.max(-1, Math.min(Integer.MAX_VALUE, moment.value().longValue() - firstFrame)))
                : At.second(moment.value().doubleValue());
    }

    /**
     * Refuses boxes that are all outside of a video, and tells of some.
     *
     * @param video its name, for messages
     * @param notices takes what a person should know of that
     * @throws DatasetException if no moment is within it
     */
    public static void checkMoments(
            String video, Timeline timeline, Map<At, List<ActionSeries.Given>> given, Consumer<String> notices)
            throws DatasetException {
        long outside =
                given.keySet().stream().filter(at -> at.isOutside(timeline)).count();
        if (outside > 0 && outside == given.size()) {
            throw new DatasetException(String.format(
                    Locale.ROOT,
                    "all %d moments with boxes lie outside of %s, which is %.2f s long; seconds count from its beginning",
                    given.size(),
                    video,
                    timeline.duration()));
        }
        if (outside > 0) {
            notices.accept(String.format(
                    Locale.ROOT,
                    "%d of the %d moments with boxes lie outside of %s, which is %.2f s long; its first or last"
                            + " frame stands for them",
                    outside,
                    given.size(),
                    video,
                    timeline.duration()));
        }
    }

    private static String withoutEnding(String name) {
        int dot = name.lastIndexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }
}
