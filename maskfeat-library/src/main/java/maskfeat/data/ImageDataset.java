package maskfeat.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import maskfeat.disk.PathText;
import maskfeat.media.Frames;
import maskfeat.media.ImageReader;

/**
 * Images in a folder of any depth, or named by a list file.
 *
 * <p>In a folder, the first-level folders are the classes where every image lies in one; otherwise the images are
 * unlabelled. Order is by path, so class numbers follow the sorted folder names, as in ImageNet's loaders.
 */
public final class ImageDataset implements Dataset {
    /** Endings, in lower case, of the files that a folder is searched for. A list file may name any file. */
    public static final Set<String> ENDINGS = Set.of(
            "jpg", "jpeg", "jpe", "jfif", "png", "webp", "bmp", "gif", "tif", "tiff", "ppm", "pgm", "pbm", "heic",
            "heif", "hif", "avif");

    private static final List<String> COMMON =
            List.of("jpg", "jpeg", "png", "webp", "bmp", "gif", "tif", "tiff", "heic");

    private final Path source;
    private final List<Item> items;
    private final List<String> classes;
    private final Map<String, Integer> ignored;
    private final List<String> notices;
    private final ImageReader reader = new ImageReader();

    private ImageDataset(
            Path source, List<Item> items, List<String> classes, Map<String, Integer> ignored, List<String> notices) {
        this.source = source;
        this.items = List.copyOf(items);
        this.classes = List.copyOf(classes);
        this.ignored = Collections.unmodifiableMap(ignored);
        this.notices = List.copyOf(notices);
    }

    /**
     * Opens a folder, an archive or a list file.
     *
     * @throws NoSuchFileException if there is nothing at the path
     * @throws DatasetException if there is no image in it, or a line of the list makes no sense
     */
    public static ImageDataset open(Path given) throws IOException {
        Path source = Sources.of(given);
        if (!Files.exists(source)) {
            throw new NoSuchFileException(PathText.shown(source), null, "there is no such folder or list file");
        }
        Optional<ListingFormat> format = ListingFormats.of(source, true);
        if (format.isPresent()) {
            Listing listing = format.get().read(source);
            return new ImageDataset(source, listing.items(), listing.classes(), Map.of(), listing.notices());
        }
        return Files.isDirectory(source) ? folder(source) : list(source);
    }

    private static ImageDataset folder(Path root) throws IOException {
        FolderWalk walk = FolderWalk.of(root);
        Map<Boolean, List<Path>> files =
                walk.files().stream().collect(Collectors.partitioningBy(file -> ENDINGS.contains(ending(file))));
        List<Path> images = Objects.requireNonNull(files.get(true));
        Map<String, Integer> ignored = FolderWalk.endings(Objects.requireNonNull(files.get(false)));
        if (images.isEmpty()) {
            int videos = FolderWalk.count(ignored, VideoDataset.ENDINGS);
            String found = root + " holds no image; looked at any depth for files ending in "
                    + FolderWalk.some(COMMON, ENDINGS)
                    + (ignored.isEmpty() ? "" : " and found " + FolderWalk.counted(ignored));
            throw videos == 0 ? new DatasetException(found) : OtherMedia.videos(found, videos);
        }
        List<String> classes = FolderWalk.classes(images);
        return new ImageDataset(root, walk.items(images, classes), classes, ignored, walk.notices());
    }

    private static ImageDataset list(Path file) throws IOException {
        ListFile list = ListFile.open(file);
        List<Item> items = list.items();
        if (items.stream().map(item -> ending(item.file())).allMatch(VideoDataset::isVideoOnly)) {
            throw OtherMedia.videos(file + " names no image", items.size());
        }
        return new ImageDataset(file, items, list.classes(), Map.of(), list.notices());
    }

    /** In lower case, without the dot; empty where there is none. */
    public static String ending(Path file) {
        return FolderWalk.ending(file);
    }

    @Override
    public Map<String, Integer> ignored() {
        return ignored;
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
    public String noun() {
        return "images";
    }

    @Override
    public Path source() {
        return source;
    }

    @Override
    public Frames read(Item item, RandomGenerator random) throws IOException {
        return reader.read(item.file());
    }

    @Override
    public Frames readView(Item item, int view, int views) throws IOException {
        if (views > 1) {
            throw new IllegalArgumentException(
                    "an image has no length for " + views + " views in time to cover; ask for 1");
        }
        Clips.checkView(view, views);
        return reader.read(item.file());
    }
}
