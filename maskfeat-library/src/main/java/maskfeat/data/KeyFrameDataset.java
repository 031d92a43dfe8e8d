package maskfeat.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import maskfeat.augment.Rectangle;
import maskfeat.eval.Corners;
import maskfeat.media.Frames;
import maskfeat.media.Timeline;

/**
 * Moments of videos with boxes: each item is one of them, and what is read is the clip around it.
 *
 * <p>Several items are of one file; {@link Item#part} counts them.
 */
public final class KeyFrameDataset implements Dataset {
    /**
     * A moment.
     *
     * @param video its file or folder of frames
     * @param name of the moment in evaluations, such as {@code video,0902}
     * @param at when
     * @param asked the boxes that the network is asked about, with their actions in training
     * @param truth the annotated boxes, for evaluation
     */
    public record Key(Path video, String name, At at, List<KeyBox> asked, List<KeyBox> truth) {
        public Key {
            asked = List.copyOf(asked);
            truth = List.copyOf(truth);
        }
    }

    /**
     * When in a video.
     *
     * @param seconds from the first frame; 0 where a frame is named
     * @param frame its number from 0; empty where seconds are
     */
    public record At(double seconds, OptionalInt frame) {
        /** A time. */
        public static At second(double seconds) {
            return new At(seconds, OptionalInt.empty());
        }

        /** A frame; one past the end stands for the last. */
        public static At frame(int number) {
            return new At(0, OptionalInt.of(number));
        }

        /** Whether a video has no such moment, so that its first or last frame stands for it. */
        public boolean isOutside(Timeline timeline) {
            return frame.isEmpty()
                    ? seconds < 0 || seconds > timeline.duration()
                    : frame.getAsInt() < 0 || frame.getAsInt() >= timeline.frames();
        }

        /** In seconds of a video. */
        public double in(Timeline timeline) {
            return frame.isEmpty()
                    ? seconds
                    : timeline.seconds()[Math.max(0, Math.min(timeline.frames() - 1, frame.getAsInt()))];
        }
    }

    private final Path source;
    private final ClipSampler clip;
    private final List<Key> keys;
    private final List<Item> items;
    private final Map<Item, Key> ofItem = new LinkedHashMap<>();
    private final ActionClasses actions;
    private final List<String> notices;
    private final Map<Path, FrameSize> sizes = new ConcurrentHashMap<>();

    /**
     * Reads no video yet.
     *
     * @param source where annotations or videos are, for messages
     * @param clip which frames are taken around each moment
     * @param keys video after video
     * @param actions what can be done
     * @param notices what a person should know, a sentence each
     * @throws DatasetException if there is no moment
     */
    public KeyFrameDataset(Path source, ClipSampler clip, List<Key> keys, ActionClasses actions, List<String> notices)
            throws DatasetException {
        if (keys.isEmpty()) {
            throw new DatasetException(source + " gives no key frame: no box of a video that is there");
        }
        this.source = source;
        this.clip = clip;
        this.keys = List.copyOf(keys);
        this.actions = actions;
        this.notices = List.copyOf(notices);
        Map<Path, Integer> parts = new LinkedHashMap<>();
        List<Item> all = new ArrayList<>();
        for (Key key : keys) {
            Item item = new Item(key.video(), Item.UNLABELLED, parts.merge(key.video(), 1, Integer::sum) - 1);
            ofItem.put(item, key);
            all.add(item);
        }
        items = List.copyOf(all);
    }

    /** What can be done. */
    public ActionClasses actions() {
        return actions;
    }

    /** The moments, in the order of the items. */
    public List<Key> keys() {
        return keys;
    }

    /** The moment that an item is. */
    public Key key(Item item) {
        Key key = ofItem.get(item);
        if (key == null) {
            throw new IllegalArgumentException(item.file() + " is no item of this data set");
        }
        return key;
    }

    /**
     * Size of a moment's frames, which is known once a clip of the video was read.
     *
     * @throws IOException naming the file, if it cannot be used
     */
    public FrameSize size(Key key) throws IOException {
        FrameSize known = sizes.get(key.video());
        if (known != null) {
            return known;
        }
        try (Footage footage = Footage.open(key.video())) {
            return remember(key.video(), footage);
        }
    }

    private FrameSize remember(Path video, Footage footage) {
        FrameSize size = new FrameSize(footage.info().height(), footage.info().width());
        sizes.put(video, size);
        return size;
    }

    /**
     * A moment's boxes in fractions of the frame. A box that was annotated inside out is turned.
     *
     * @param key of an item that was read
     */
    List<ActorBox> asked(Key key) {
        FrameSize size = sizes.get(key.video());
        if (size == null) {
            throw new IllegalStateException(key.video() + " was not read yet");
        }
        return key.asked().stream()
                .map(box -> new ActorBox(upright(box.fractions(size)), box.actions()))
                .toList();
    }

    /** The same box as a rectangle, which cannot be inside out. */
    public static Rectangle upright(Corners box) {
        return new Rectangle(
                Math.min(box.x1(), box.x2()),
                Math.min(box.y1(), box.y2()),
                Math.max(box.x1(), box.x2()),
                Math.max(box.y1(), box.y2()));
    }

    @Override
    public List<Item> items() {
        return items;
    }

    @Override
    public List<String> classes() {
        return actions.names();
    }

    @Override
    public Map<String, Integer> ignored() {
        return Map.of();
    }

    @Override
    public List<String> notices() {
        return notices;
    }

    @Override
    public Path source() {
        return source;
    }

    /** Nothing is drawn: training and evaluation see the same frames. */
    @Override
    public Frames read(Item item, RandomGenerator random) throws IOException {
        return readView(item, 0, 1);
    }

    @Override
    public Frames readView(Item item, int view, int views) throws IOException {
        if (view != 0 || views != 1) {
            throw new IllegalArgumentException("a key frame has one view, and " + views + " are asked for");
        }
        Key key = key(item);
        try (Footage footage = Footage.open(key.video())) {
            remember(key.video(), footage);
            Timeline timeline = footage.info().timeline();
            return footage.frames(clip.around(timeline, key.at().in(timeline)));
        }
    }

    @Override
    public String name(Item item) {
        return key(item).name();
    }

    /** The same on every machine, as it is written down. */
    @Override
    public int content(Item item) {
        Key key = key(item);
        int hash = 1;
        for (List<KeyBox> boxes : List.of(key.asked(), key.truth())) {
            for (KeyBox box : boxes) {
                Corners corners = box.corners();
                double[] numbers = {corners.x1(), corners.y1(), corners.x2(), corners.y2(), box.inPixels() ? 1 : 0};
                hash = 31 * (31 * hash + Arrays.hashCode(numbers))
                        + box.actions().hashCode();
            }
            hash = 31 * hash + boxes.size();
        }
        return hash;
    }

    @Override
    public String noun() {
        return "key frames";
    }
}
