package maskfeat.data;

import java.io.IOException;
import java.lang.ref.SoftReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import maskfeat.archive.Archives;
import maskfeat.disk.PathText;
import maskfeat.disk.Plural;

/**
 * Several zip or tar files that are one data set, and samples of WebDataset in one file or several. A single archive with
 * folders in it is read as a folder on the disk is.
 *
 * @param images whether images are wanted, else videos
 */
record Shards(boolean images) implements ListingFormat {
    private static final String MARK = "!";

    @Override
    public boolean isOf(boolean images) {
        return images == this.images;
    }

    @Override
    public boolean recognises(Path source) throws IOException {
        return Archives.isInside(source)
                && Files.isDirectory(source)
                && !Archives.isOfShards(source)
                && (Archives.isSeveral(source) || isWebDataset(FolderWalk.of(source)));
    }

    /** Whether the members of an archive are samples of WebDataset, be they images or videos. */
    static boolean isWebDataset(FolderWalk walk) {
        Known known = last.get();
        if (known == null || known.walk() != walk) {
            known = new Known(walk, looksLikeWebDataset(walk));
            last = new SoftReference<>(known);
        }
        return known.isWebDataset();
    }

    /** What was found out about the last archive. */
    private record Known(FolderWalk walk, boolean isWebDataset) {}

    private static volatile SoftReference<Known> last = new SoftReference<>(null);

    private static boolean looksLikeWebDataset(FolderWalk walk) {
        WebSamples samples = samples(walk, ALL);
        if (samples.samples().isEmpty()) {
            return false;
        }
        boolean inFolders = samples.samples().stream()
                .allMatch(sample -> inArchive(walk.root(), sample.media()).getNameCount() > 1);
        return samples.hasLabels() || !inFolders && samples.haveParts();
    }

    private static final Set<String> ALL = Stream.concat(ImageDataset.ENDINGS.stream(), VideoDataset.ENDINGS.stream())
            .collect(Collectors.toUnmodifiableSet());

    private Set<String> endings() {
        return images ? ImageDataset.ENDINGS : VideoDataset.ENDINGS;
    }

    static WebSamples samples(FolderWalk walk, Set<String> endings) {
        return WebSamples.of(walk, endings);
    }

    /** All images and videos of samples of WebDataset, for looking at. */
    static WebSamples samples(FolderWalk walk) {
        return WebSamples.of(walk, ALL);
    }

    @Override
    public Listing read(Path source) throws IOException {
        FolderWalk walk = FolderWalk.of(source);
        Listing listing;
        if (isWebDataset(walk)) {
            Map<Path, String> faults = new LinkedHashMap<>();
            listing = samples(walk, endings()).listing(faults);
            if (!faults.isEmpty()) {
                throw new DatasetException(faults.values().iterator().next()
                        + (faults.size() > 1
                                ? ", and " + Plural.of(faults.size() - 1, "more label") + " cannot be read"
                                : ""));
            }
        } else {
            listing = folders(walk, files(walk));
        }
        if (listing.items().isEmpty()) {
            Map<String, Integer> endings = FolderWalk.endings(walk.files());
            int others = FolderWalk.count(endings, images ? VideoDataset.ENDINGS : ImageDataset.ENDINGS);
            String found = source + " holds no " + (images ? "image" : "video")
                    + (endings.isEmpty() ? "" : "; found " + FolderWalk.counted(endings));
            throw others == 0
                    ? new DatasetException(found)
                    : images ? OtherMedia.videos(found, others) : OtherMedia.images(found, others);
        }
        List<String> notices = new ArrayList<>(walk.notices());
        notices.addAll(listing.notices());
        return new Listing(listing.items(), listing.classes(), notices);
    }

    private List<Path> files(FolderWalk walk) {
        return images
                ? walk.files().stream()
                        .filter(file -> ImageDataset.ENDINGS.contains(FolderWalk.ending(file)))
                        .toList()
                : VideoDataset.clips(walk, new ArrayList<>());
    }

    /** The class folders of several archives together, with some of the files in them. */
    static Listing folders(FolderWalk walk, List<Path> files) throws DatasetException {
        List<Path> inside =
                files.stream().map(file -> inArchive(walk.root(), file)).toList();
        List<String> classes = FolderWalk.classes(inside);
        if (!classes.isEmpty() && classes.stream().allMatch(SplitLayout::isSplit)) {
            throw new DatasetException("each archive of " + walk.root() + " holds parts of a data set, "
                    + String.join(", ", classes) + "; make archives of each part, or give one archive alone");
        }
        Map<String, Integer> labels = new HashMap<>();
        classes.forEach(name -> labels.put(name, labels.size()));
        List<Item> items = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            int label = classes.isEmpty()
                    ? Item.UNLABELLED
                    : labels.getOrDefault(PathText.of(inside.get(i).getName(0)), Item.UNLABELLED);
            items.add(new Item(walk.root().resolve(files.get(i)), label));
        }
        return new Listing(items, classes);
    }

    /** A path from the folder of several archives, from the one that it lies in; another as it is. */
    private static Path inArchive(Path root, Path file) {
        if (Archives.isSeveral(root)) {
            for (int i = 0; i < file.getNameCount() - 1; i++) {
                if (file.getName(i).toString().endsWith(MARK)) {
                    return file.subpath(i + 1, file.getNameCount());
                }
            }
        }
        return file;
    }

    @Override
    public String whatNamesClasses() {
        return "folders, or its .cls and .json members";
    }

    /** Shards whose names begin with those of parts are these parts: {@code train-000.tar} and {@code val-000.tar}. */
    @Override
    public SplitLayout splits(Path folder) throws IOException {
        Map<String, List<Path>> parts = new TreeMap<>();
        List<Path> files = Archives.isSeveral(folder) ? Archives.files(folder) : List.of();
        for (Path file : files) {
            String name = PathText.of(file.getFileName()).toLowerCase(Locale.ROOT);
            parts.computeIfAbsent(name.split("[^a-z]", 2)[0], part -> new ArrayList<>())
                    .add(file);
        }
        boolean hasParts = parts.keySet().stream().allMatch(SplitLayout::isSplit) && !parts.isEmpty();
        if (!hasParts || new TreeSet<>(parts.keySet()).size() < 2) {
            return new SplitLayout(folder, null, List.of(), List.of());
        }
        Map<String, Path> places = new TreeMap<>();
        for (Map.Entry<String, List<Path>> part : parts.entrySet()) {
            List<Path> some = part.getValue();
            Path place =
                    some.size() == 1 ? some.get(0) : Archives.joined(some.get(0).resolveSibling(""), some);
            places.put(part.getKey(), place);
        }
        return SplitLayout.ofParts(folder, places);
    }
}
