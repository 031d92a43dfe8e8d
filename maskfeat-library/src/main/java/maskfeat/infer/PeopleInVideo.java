package maskfeat.infer;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import maskfeat.data.Footage;
import maskfeat.data.KeyBox;
import maskfeat.data.KeyFrameDataset.At;
import maskfeat.media.Timeline;
import maskfeat.people.PeopleFinder;

/** Boxes to be asked about, found by a detector of people. */
public final class PeopleInVideo {
    private PeopleInVideo() {}

    /**
     * Looks for people at regular times, from the first frame on.
     *
     * @param every seconds from one to the next
     * @param threshold score from which somebody counts
     * @return by frame, in fractions of it, without frames where nobody is
     * @throws IOException naming the file, if the video or the detector cannot be used
     */
    public static Map<At, List<ActionSeries.Given>> of(
            PeopleFinder finder, Footage video, double every, double threshold, Progress progress) throws IOException {
        Set<Integer> frames = frames(video.info().timeline(), every);
        Map<At, List<ActionSeries.Given>> boxes = new LinkedHashMap<>();
        int done = 0;
        for (int frame : frames) {
            List<ActionSeries.Given> found = given(finder.find(video.frames(frame), threshold));
            if (!found.isEmpty()) {
                boxes.put(At.frame(frame), found);
            }
            progress.at(++done, frames.size());
        }
        return boxes;
    }

    /**
     * Frames in which people are looked for, ascending.
     *
     * @param every seconds from one to the next
     */
    public static Set<Integer> frames(Timeline timeline, double every) {
        if (!(every > 0 && every < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("every " + every + " seconds must be above 0");
        }
        double last = timeline.seconds()[timeline.frames() - 1];
        Set<Integer> frames = new LinkedHashSet<>();
        for (int k = 0; k * every <= last && frames.size() < timeline.frames(); k++) {
            frames.add(timeline.shownAt(k * every));
        }
        return frames;
    }

    /** Boxes to be asked about of the people that were found in a frame. */
    public static List<ActionSeries.Given> given(List<PeopleFinder.Found> found) {
        return found.stream()
                .map(one -> new ActionSeries.Given(new KeyBox(one.box(), false, List.of()), ""))
                .toList();
    }
}
