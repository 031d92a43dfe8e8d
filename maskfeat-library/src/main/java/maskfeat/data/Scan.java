package maskfeat.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import maskfeat.archive.Archives;
import maskfeat.disk.PathText;
import maskfeat.media.Frames;
import maskfeat.media.UnreadableFile.Verdict;
import maskfeat.media.VideoInfo;
import org.jspecify.annotations.Nullable;

/**
 * Reads every file of a folder or list once, to its last pixel and frame, and says of each whether it can be used and if
 * not why.
 *
 * <p>What a file is, its content says. Every file of a folder is looked at, also those that training passes over for
 * their endings.
 */
public final class Scan {
    /** What the files are to be read as. */
    public enum As {
        /**
         * Each as what it is. What is known for a picture is read as one, an animation too; a folder of numbered pictures
         * is so many pictures, unless a list names it.
         */
        AUTO,
        /** As training on images reads them. */
        IMAGES,
        /** As training on videos reads them: an animated GIF is a video, a folder of numbered pictures one clip. */
        VIDEOS
    }

    /** What a file was found to be. */
    public enum Kind {
        IMAGE,
        VIDEO,
        /** A folder of numbered pictures. */
        FRAMES,
        UNKNOWN
    }

    /**
     * What a good file is like.
     *
     * @param width in pixels as the network would see it; 0 if unknown
     * @param height in pixels as the network would see it; 0 if unknown
     * @param frames 1 for an image; 0 if unknown
     * @param rate frames a second on average; 0 for an image
     * @param seconds length; 0 for an image
     * @param codec libav's name of the coding; empty for an image
     */
    public record Facts(Kind kind, int width, int height, int frames, double rate, double seconds, String codec) {
        static final Facts UNKNOWN = new Facts(Kind.UNKNOWN, 0, 0, 0, 0, 0, "");

        static Facts of(Kind kind, VideoInfo info) {
            return new Facts(
                    kind,
                    info.width(),
                    info.height(),
                    info.timeline().frames(),
                    info.timeline().rate(),
                    info.timeline().duration(),
                    info.codec());
        }

        static Facts of(Frames image) {
            return new Facts(Kind.IMAGE, image.width(), image.height(), 1, 0, 0, "");
        }
    }

    /**
     * What is to be said of a file.
     *
     * @param item the file
     * @param verdict {@code ok}, or what is wrong in a word or two
     * @param facts of a file that can be used, be it in part
     * @param reason a sentence that begins with the file; empty if all is well
     */
    public record Finding(Item item, String verdict, Facts facts, String reason) {
        /** Whether all of it can be used. */
        public boolean usable() {
            return verdict.equals(OK) || verdict.equals(WRONG_ENDING);
        }

        /** Whether it is a damaged video of which some clips can be used. */
        public boolean usableInPart() {
            return !usable() && facts.kind() != Kind.UNKNOWN;
        }

        /** Whether it is nothing that training would have looked at, such as a text that describes the data. */
        public boolean passedOver() {
            return verdict.equals(PASSED_OVER);
        }
    }

    /** Looks at what belongs to a picture beside itself, such as a map of classes. Called by several threads. */
    @FunctionalInterface
    public interface Companion {
        /**
         * Looks at the file of one picture that can be read.
         *
         * @throws NoSuchFileException if there is none
         * @throws IOException naming the file, if it cannot be used
         */
        void check(Item picture) throws IOException;
    }

    private static final String NO_MAP = "no map";
    private static final String BAD_MAP = "bad map";

    static final String OK = "ok";
    /** Readable, but a folder is only searched for the usual endings. */
    static final String WRONG_ENDING = "ok, but not by its name";

    static final String PASSED_OVER = "passed over";

    private static final int AHEAD = 64; // findings kept in order before the slowest is through

    private final Path source;
    private final As as;
    private final List<Item> items;
    private final List<String> classes;
    private final List<String> notices;
    private final Map<Path, Finding> known;
    private @Nullable Companion maps;
    private final FileScan files;

    private Scan(Path source, As as, Duration deadline, List<Item> items, List<String> classes, List<String> notices) {
        this(source, as, deadline, items, classes, notices, List.of());
    }

    /** @param known what is to be said of some of the items without reading them */
    private Scan(
            Path source,
            As as,
            Duration deadline,
            List<Item> items,
            List<String> classes,
            List<String> notices,
            List<Finding> known) {
        this.source = source;
        this.as = as;
        this.files = new FileScan(as, deadline);
        this.items = List.copyOf(items);
        this.classes = List.copyOf(classes);
        this.notices = List.copyOf(notices);
        this.known = known.stream()
                .collect(
                        Collectors.toMap(finding -> finding.item().file(), finding -> finding, (first, more) -> first));
    }

    /**
     * Finds the files, and reads none yet.
     *
     * @param given folder, archive or list, in any form that training takes
     * @param deadline for each video
     * @throws NoSuchFileException if there is nothing at the path
     * @throws DatasetException if a folder is empty, or a line of a list makes no sense
     */
    public static Scan of(Path given, As as, Duration deadline) throws IOException {
        Path source = Sources.of(given);
        if (!Files.exists(source)) {
            throw new NoSuchFileException(PathText.shown(source), null, "there is no such folder or list file");
        }
        boolean inArchive = Archives.isInside(source) && Files.isDirectory(source);
        if (inArchive && new Shards(as == As.IMAGES).recognises(source)) {
            return shards(source, as, deadline);
        }
        Optional<ListingFormat> format =
                as == As.AUTO ? ListingFormats.of(source) : ListingFormats.of(source, as == As.IMAGES);
        if (format.isPresent()) {
            Listing listing = format.get().read(source);
            return new Scan(source, as, deadline, listing.items(), listing.classes(), listing.notices());
        }
        if (!Files.isDirectory(source)) {
            ListFile list = ListFile.read(source);
            return new Scan(source, as, deadline, list.items(), list.classes(), list.notices());
        }
        FolderWalk walk = FolderWalk.of(source);
        List<Path> rest = new ArrayList<>();
        List<Path> wanted = new ArrayList<>();
        if (as == As.VIDEOS) {
            wanted.addAll(VideoDataset.clips(walk, rest));
        } else {
            for (Path file : walk.files()) {
                (FileScan.hasEnding(as, file) ? wanted : rest).add(file);
            }
        }
        List<String> notices = new ArrayList<>(walk.notices());
        int archives = FolderWalk.count(FolderWalk.endings(rest), Sources.ARCHIVES);
        if (archives > 0) {
            notices.add(source + " holds " + archives
                    + " zip or tar files beside or below other things, which are not looked"
                    + " into; scan them, or the folder that holds them alone");
        }
        SplitLayout layout =
                SplitLayout.of(source, as == As.IMAGES ? StillImage.defaults() : TimedClip.defaults(), false);
        boolean hasParts = !source.equals(layout.train());
        boolean inLists = hasParts && layout.parts().stream().noneMatch(Files::isDirectory);
        List<String> classes = inLists ? List.of() : hasParts ? classesOfParts(wanted) : FolderWalk.classes(wanted);
        if (hasParts) {
            String names = layout.parts().stream()
                    .map(part -> String.valueOf(part.getFileName()))
                    .collect(Collectors.joining(", "));
            notices.addAll(layout.notices());
            notices.add(source + " holds parts of a data set, " + names
                    + ": a command takes the one that it needs; scan one" + " of them for "
                    + (inLists ? "its labels" : "a list of it"));
        }
        List<Item> items = new ArrayList<>(
                inLists
                        ? walk.items(wanted, List.of())
                        : hasParts ? inParts(walk, wanted, classes) : walk.items(wanted, classes));
        items.addAll(walk.items(rest, List.of()));
        return sorted(walk, as, deadline, items, classes, notices, new ArrayList<>());
    }

    private static Scan sorted(
            FolderWalk walk,
            As as,
            Duration deadline,
            List<Item> items,
            List<String> classes,
            List<String> notices,
            List<Finding> known)
            throws DatasetException {
        Path source = walk.root();
        if (Archives.isInside(source)) {
            known.addAll(notFiles(walk, as));
        }
        known.forEach(finding -> items.add(finding.item()));
        items.sort(Comparator.comparing(Item::file));
        if (items.isEmpty()) {
            throw new DatasetException(source + " holds no file");
        }
        return new Scan(source, as, deadline, items, classes, notices, known);
    }

    /** Several archives, or samples of WebDataset. */
    private static Scan shards(Path source, As as, Duration deadline) throws IOException {
        FolderWalk walk = FolderWalk.of(source);
        List<Item> items = new ArrayList<>();
        List<String> notices = new ArrayList<>(walk.notices());
        List<Finding> known = new ArrayList<>();
        Listing listing;
        Set<Path> taken = new HashSet<>();
        if (Shards.isWebDataset(walk)) {
            Map<Path, String> faults = new LinkedHashMap<>();
            WebSamples samples = Shards.samples(walk);
            listing = samples.listing(faults);
            faults.forEach((member, why) -> known.add(known(member, Verdict.DAMAGED.toString(), why)));
            samples.parts().keySet().forEach(part -> taken.add(source.resolve(part)));
        } else {
            List<Path> wanted = as == As.VIDEOS
                    ? VideoDataset.clips(walk, new ArrayList<>())
                    : walk.files().stream()
                            .filter(file -> FileScan.hasEnding(as, file))
                            .toList();
            listing = Shards.folders(walk, wanted);
        }
        items.addAll(listing.items());
        notices.addAll(listing.notices());
        items.forEach(item -> taken.add(item.file()));
        List<Path> rest = walk.files().stream()
                .filter(file -> !taken.contains(source.resolve(file))
                        && !taken.contains(source.resolve(file).getParent()))
                .toList();
        items.addAll(walk.items(rest, List.of()));
        return sorted(walk, as, deadline, items, listing.classes(), notices, known);
    }

    /** What an archive holds that is no file, or cannot be one, and what is wrong with the archive. */
    private static List<Finding> notFiles(FolderWalk walk, As as) {
        List<Finding> findings = new ArrayList<>();
        Archives.damage(walk.root())
                .forEach((archive, why) -> findings.add(known(archive, Verdict.DAMAGED.toString(), why)));
        Map<Path, String> members = new LinkedHashMap<>(Archives.skipped(walk.root()));
        for (Path special : walk.special()) {
            Path member = walk.root().resolve(special);
            Archives.special(member).ifPresent(why -> members.put(member, why));
        }
        members.forEach((member, why) -> findings.add(
                known(member, FileScan.hasEnding(as, member) ? Verdict.UNREADABLE.toString() : PASSED_OVER, why)));
        return findings;
    }

    private static Finding known(Path member, String verdict, String why) {
        return new Finding(new Item(member, Item.UNLABELLED), verdict, Facts.UNKNOWN, why);
    }

    /** The class folders of all parts together, sorted. */
    private static List<String> classesOfParts(List<Path> files) {
        Map<String, String> names = new HashMap<>();
        for (Path file : files) {
            if (isInClassOfPart(file)) {
                String name = PathText.of(file.getName(1));
                names.putIfAbsent(ClassNames.key(name), name);
            }
        }
        return names.values().stream().sorted().toList();
    }

    private static boolean isInClassOfPart(Path file) {
        return file.getNameCount() > 2 && SplitLayout.isSplit(file.getName(0).toString());
    }

    private static List<Item> inParts(FolderWalk walk, List<Path> files, List<String> classes) {
        Map<String, Integer> labels = new HashMap<>();
        classes.forEach(name -> labels.put(ClassNames.key(name), labels.size()));
        return files.stream()
                .map(file -> new Item(
                        walk.root().resolve(file),
                        isInClassOfPart(file)
                                ? Objects.requireNonNull(labels.get(ClassNames.key(PathText.of(file.getName(1)))))
                                : Item.UNLABELLED))
                .toList();
    }

    /**
     * Also writes the indexes of videos into a folder, as a run keeps them, and takes those that are there.
     *
     * @param notices takes what a person should know, a sentence each
     */
    public void keepIndexesIn(Path folder, Consumer<String> notices) {
        files.keepIndexesIn(folder, notices);
    }

    /**
     * Also looks at the map of classes of each picture that can be read. One without a usable map cannot be used, as no run that
     * learns from maps takes it.
     *
     * @throws IllegalArgumentException if the files are to be read as videos, which have no maps
     */
    public void checkMaps(Companion check) {
        if (as == As.VIDEOS) {
            throw new IllegalArgumentException("maps are of images, not of videos; leave --as videos or --maps away");
        }
        maps = check;
    }

    /** What is to be read, in order. */
    public List<Item> items() {
        return items;
    }

    /** Names of the classes by label, as training takes them; empty where there are none. */
    public List<String> classes() {
        return classes;
    }

    /** What a person should know of how the files were found, a sentence each. */
    public List<String> notices() {
        return notices;
    }

    /**
     * Reads all files, several at a time.
     *
     * @param each takes the findings in the order of the items
     * @return number of files by verdict
     */
    public Map<String, Integer> run(int threads, Consumer<Finding> each) throws InterruptedException {
        return run(items, threads, each);
    }

    /** As {@link #run(int, Consumer)}, some of the items alone. */
    public Map<String, Integer> run(List<Item> items, int threads, Consumer<Finding> each) throws InterruptedException {
        Map<String, Integer> counts = new TreeMap<>();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Finding>> window = new ArrayList<>();
            int next = 0;
            for (int done = 0; done < items.size(); done++) {
                while (next < items.size() && window.size() < AHEAD) {
                    Item item = items.get(next++);
                    window.add(pool.submit(() -> look(item)));
                }
                Finding finding = take(window.remove(0));
                counts.merge(finding.verdict(), 1, Integer::sum);
                each.accept(finding);
            }
        } finally {
            pool.shutdownNow();
        }
        return counts;
    }

    private Finding look(Item item) {
        Finding told = known.get(item.file());
        if (told != null) {
            return told;
        }
        Finding finding = withMap(Files.isDirectory(item.file()) ? frames(item) : files.look(item));
        return Files.isDirectory(source) ? files.unexpected(finding) : finding;
    }

    private Finding withMap(Finding finding) {
        Companion check = maps;
        if (check == null || !finding.usable() || finding.facts().kind() != Kind.IMAGE) {
            return finding;
        }
        Item item = finding.item();
        try {
            check.check(item);
            return finding;
        } catch (NoSuchFileException missing) {
            return new Finding(
                    item,
                    NO_MAP,
                    Facts.UNKNOWN,
                    item.file() + " has no map of classes: it should be " + missing.getFile());
        } catch (IOException | RuntimeException bad) {
            return new Finding(item, BAD_MAP, Facts.UNKNOWN, item.file() + ": its map " + bad.getMessage());
        }
    }

    private static Finding frames(Item item) {
        try {
            FrameFolder folder = FrameFolder.open(item.file());
            folder.readAll();
            return FileScan.good(item, Facts.of(Kind.FRAMES, folder.info()), true, item.file());
        } catch (IOException bad) {
            return FileScan.bad(item, bad, Facts.UNKNOWN);
        }
    }

    private static Finding take(Future<Finding> finding) throws InterruptedException {
        try {
            return finding.get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException("a scan failed: " + failed.getCause(), failed.getCause());
        }
    }
}
