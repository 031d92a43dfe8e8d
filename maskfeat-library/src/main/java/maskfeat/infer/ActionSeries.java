package maskfeat.infer;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import maskfeat.data.ClipSampler;
import maskfeat.data.Footage;
import maskfeat.data.FrameSize;
import maskfeat.data.KeyBox;
import maskfeat.data.KeyFrameDataset.At;
import maskfeat.eval.Corners;
import maskfeat.media.Timeline;
import maskfeat.media.VideoInfo;

/**
 * What each person in a video does over time.
 *
 * @param actions names by number
 * @param seen by time, and at one time in the order of the boxes
 */
public record ActionSeries(List<String> actions, List<Seen> seen) {
    /**
     * Somebody at a moment.
     *
     * @param seconds from the first frame
     * @param person who: as the boxes say, else numbered from 1
     * @param box in fractions of the frame
     * @param scores [actions]
     */
    @SuppressWarnings("ArrayRecordComponent") // results on their way; nobody compares them with equals
    public record Seen(double seconds, String person, Corners box, float[] scores) {}

    /**
     * A box that is asked about.
     *
     * @param person who; empty if that is not known
     */
    public record Given(KeyBox box, String person) {}

    public ActionSeries {
        actions = List.copyOf(actions);
        seen = List.copyOf(seen);
    }

    /**
     * Looks at a video around each moment that has boxes.
     *
     * @param network a detector
     * @param given boxes of each moment
     * @param progress is told how many moments are done
     * @throws IOException naming the file, if it cannot be used
     */
    public static ActionSeries of(Inference network, Footage video, Map<At, List<Given>> given, Progress progress)
            throws IOException {
        return of(
                network,
                video.info(),
                given,
                (frames, boxes) -> network.actions(video.frames(frames), boxes),
                progress);
    }

    /**
     * Scores boxes of a clip.
     *
     * @param <E> what goes wrong
     */
    public interface Looking<E extends Exception> {
        /**
         * @param frames numbers of the clip's frames in the video
         * @param boxes in fractions of the frame
         * @return for each box, [actions]
         */
        List<float[]> scores(int[] frames, List<Corners> boxes) throws E;
    }

    /**
     * As above, for who reads and computes in another place.
     *
     * @param network a detector, which says what clips are and what is done in them
     * @param video what is known of it
     */
    public static <E extends Exception> ActionSeries of(
            Inference network, VideoInfo video, Map<At, List<Given>> given, Looking<E> looking, Progress progress)
            throws E {
        Timeline timeline = video.timeline();
        FrameSize size = new FrameSize(video.height(), video.width());
        ClipSampler clip = network.input().clip();
        TreeMap<Double, List<Given>> byTime = new TreeMap<>();
        given.forEach((at, boxes) -> byTime.computeIfAbsent(at.in(timeline), time -> new ArrayList<>())
                .addAll(boxes));
        List<List<Corners>> moments = byTime.values().stream()
                .map(boxes ->
                        boxes.stream().map(each -> each.box().fractions(size)).toList())
                .toList();
        List<int[]> people = BoxTracks.USUAL.people(moments);
        List<Seen> seen = new ArrayList<>();
        int done = 0;
        for (Map.Entry<Double, List<Given>> moment : byTime.entrySet()) {
            double time = moment.getKey();
            List<Corners> boxes = moments.get(done);
            List<float[]> scores = looking.scores(clip.around(timeline, time), boxes);
            for (int b = 0; b < boxes.size(); b++) {
                String named = moment.getValue().get(b).person();
                seen.add(new Seen(
                        time,
                        named.isEmpty() ? Integer.toString(people.get(done)[b]) : named,
                        boxes.get(b),
                        scores.get(b)));
            }
            progress.at(++done, byTime.size());
        }
        return new ActionSeries(network.actionHead().names(), seen);
    }

    /** Everybody, by first appearance, each with what was seen of them. */
    public Map<String, List<Seen>> people() {
        Map<String, List<Seen>> people = new LinkedHashMap<>();
        seen.forEach(each -> people.computeIfAbsent(each.person(), person -> new ArrayList<>())
                .add(each));
        return people;
    }

    /** Numbers of the actions with the highest scores, the highest first. */
    public static List<Integer> best(float[] scores, int count) {
        List<Integer> order = new ArrayList<>();
        for (int action = 0; action < scores.length; action++) {
            order.add(action);
        }
        order.sort((a, b) -> Float.compare(scores[b], scores[a]));
        return order.subList(0, Math.min(count, order.size()));
    }
}
