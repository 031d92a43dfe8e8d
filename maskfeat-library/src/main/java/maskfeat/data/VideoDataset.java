package maskfeat.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import maskfeat.disk.PathText;
import maskfeat.media.Frames;
import maskfeat.media.Timeline;
import maskfeat.media.VideoInfo;

/**
 * Videos in a folder of any depth, or named by a list file, or as Something-Something v2 comes.
 *
 * <ul>
 *   <li>In a folder, the first-level folders are the classes where every clip lies in one; otherwise the clips are
 *       unlabelled. Order is by path. A folder with two or more images (no GIF) whose names differ by a number alone is
 *       one clip too, of 30 frames a second.
 *   <li>A list file has a line {@code path}, {@code path label} or {@code path other label} for each file or folder of
 *       frames.
 *   <li>Something-Something v2 is a folder with {@code something-something-v2-labels.json} and
 *       {@code something-something-v2-train.json} beside the videos (then the clips for training are read), one such list
 *       itself, or a list of its frames, which begins with {@code original_vido_id}.
 * </ul>
 */
public final class VideoDataset implements Dataset {
    /** Endings, in lower case, of the files that a folder is searched for. A list file may name any file. */
    public static final Set<String> ENDINGS = Set.of(
            "mp4", "m4v", "mov", "qt", "3gp", "3g2", "mkv", "webm", "avi", "divx", "mpg", "mpeg", "m1v", "m2v", "vob",
            "ts", "m2ts", "mts", "flv", "f4v", "wmv", "asf", "ogv", "ogm", "mxf", "nut", "y4m", "ivf", "gif", "apng",
            "h264", "264", "h265", "265", "hevc", "mjpeg", "mjpg", "3gpp", "3gp2", "dv", "dif", "rm", "rmvb", "mod",
            "tod", "insv", "dav", "wtv", "mpe", "mp2v", "mpv", "mp4v", "m2p", "trp", "tp", "lrv", "amv", "nsv", "vc1",
            "av1", "obu", "vvc", "266");

    private static final List<String> COMMON =
            List.of("mp4", "m4v", "mov", "mkv", "webm", "avi", "mpg", "mpeg", "wmv", "gif");

    /**
     * The short side that larger frames are scaled to while they are decoded, in pixels: twice what the published
     * networks read and more (the official loader scales to 256 for crops of 224), and little enough for clips of any
     * resolution.
     */
    public static final int SHORT_SIDE = 512;

    private final Path source;
    private final ClipSampler clip;
    private final List<Item> items;
    private final List<String> classes;
    private final Map<String, Integer> ignored;
    private final List<String> notices;

    VideoDataset(
            Path source,
            ClipSampler clip,
            List<Item> items,
            List<String> classes,
            Map<String, Integer> ignored,
            List<String> notices) {
        this.source = source;
        this.clip = clip;
        this.items = List.copyOf(items);
        this.classes = List.copyOf(classes);
        this.ignored = Collections.unmodifiableMap(ignored);
        this.notices = List.copyOf(notices);
    }

    /**
     * Opens a folder, an archive or a list; reads no video.
     *
     * @param clip which frames {@link #read} takes
     * @throws NoSuchFileException if there is nothing at the path
     * @throws DatasetException if there is no video in it, or a list makes no sense
     */
    public static VideoDataset open(Path given, ClipSampler clip) throws IOException {
        Path source = Sources.of(given);
        if (!Files.exists(source)) {
            throw new NoSuchFileException(PathText.shown(source), null, "there is no such folder or list file");
        }
        Optional<ListingFormat> format = ListingFormats.of(source, false);
        if (format.isPresent()) {
            Listing listing = format.get().read(source);
            return new VideoDataset(source, clip, listing.items(), listing.classes(), Map.of(), listing.notices());
        }
        return Files.isDirectory(source) ? folder(source, clip) : list(source, clip);
    }

    private static VideoDataset folder(Path root, ClipSampler clip) throws IOException {
        FolderWalk walk = FolderWalk.of(root);
        List<Path> rest = new ArrayList<>();
        List<Path> clips = clips(walk, rest);
        Map<String, Integer> ignored = FolderWalk.endings(rest);
        if (clips.isEmpty()) {
            int images = FolderWalk.count(ignored, ImageDataset.ENDINGS);
            String found = root + " holds no video; looked at any depth for files ending in "
                    + FolderWalk.some(COMMON, ENDINGS) + ", and for folders of numbered images"
                    + (ignored.isEmpty() ? "" : ", and found " + FolderWalk.counted(ignored));
            throw images == 0 ? new DatasetException(found) : OtherMedia.images(found, images);
        }
        List<String> classes = FolderWalk.classes(clips);
        return new VideoDataset(root, clip, walk.items(clips, classes), classes, ignored, walk.notices());
    }

    /**
     * The videos and the folders of frames in a folder.
     *
     * @param rest takes the other files
     */
    static List<Path> clips(FolderWalk walk, List<Path> rest) {
        List<Path> clips = new ArrayList<>();
        Map<Path, List<Path>> images = new LinkedHashMap<>();
        for (Path file : walk.files()) {
            if (ENDINGS.contains(FolderWalk.ending(file))) {
                clips.add(file);
            } else if (FrameFolder.isFrame(file)) {
                Path parent = file.getParent();
                images.computeIfAbsent(
                                parent == null ? file.getFileSystem().getPath("") : parent, folder -> new ArrayList<>())
                        .add(file);
            } else {
                rest.add(file);
            }
        }
        images.forEach((folder, frames) -> {
            if (FrameFolder.inOrder(frames).isPresent()) {
                clips.add(folder);
            } else {
                rest.addAll(frames);
            }
        });
        FolderWalk.sort(clips);
        return clips;
    }

    private static VideoDataset list(Path file, ClipSampler clip) throws IOException {
        ListFile list = ListFile.open(file);
        List<Item> items = list.items();
        // A folder of frames may be called anything, so only a list of nothing but images is none of videos.
        if (items.stream().map(item -> FolderWalk.ending(item.file())).allMatch(VideoDataset::isImageOnly)) {
            throw OtherMedia.images(file + " names no video", items.size());
        }
        return new VideoDataset(file, clip, items, list.classes(), Map.of(), list.notices());
    }

    static boolean isImageOnly(String ending) {
        return ImageDataset.ENDINGS.contains(ending) && !ENDINGS.contains(ending);
    }

    static boolean isVideoOnly(String ending) {
        return ENDINGS.contains(ending) && !ImageDataset.ENDINGS.contains(ending);
    }

    @Override
    public List<String> notices() {
        return notices;
    }

    @Override
    public List<Item> items() {
        return items;
    }

    @Override
    public List<String> classes() {
        return classes;
    }

    @Override
    public Map<String, Integer> ignored() {
        return ignored;
    }

    @Override
    public String noun() {
        return "clips";
    }

    @Override
    public Path source() {
        return source;
    }

    @Override
    public Frames read(Item item, RandomGenerator random) throws IOException {
        return read(item.file(), timeline -> clip.draw(timeline, random));
    }

    @Override
    public Frames readView(Item item, int view, int views) throws IOException {
        return clip(item.file(), clip, view, views);
    }

    /**
     * What is to be known of a video before its frames are decoded.
     *
     * @throws IOException naming the file, if it cannot be used
     */
    public VideoInfo info(Item item) throws IOException {
        try (Footage footage = Footage.open(item.file())) {
            return footage.info();
        }
    }

    /**
     * Decodes a clip of one video, without a data set.
     *
     * @param file a video, or a folder of frames
     * @param view counted from 0
     * @param views how many there are; of one alone, the middle of the video
     * @return [T, H, W, 3], upright RGB
     * @throws IOException naming the file, if it cannot be used
     */
    public static Frames clip(Path file, ClipSampler clip, int view, int views) throws IOException {
        return read(file, timeline -> clip.view(timeline, view, views));
    }

    /** Chooses frames. */
    private interface Choice {
        int[] of(Timeline timeline);
    }

    private static Frames read(Path file, Choice choice) throws IOException {
        try (Footage footage = Footage.open(file)) {
            return footage.frames(choice.of(footage.info().timeline()));
        }
    }
}
