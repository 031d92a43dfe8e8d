package maskfeat.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
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
import java.util.stream.Stream;
import maskfeat.archive.Archives;
import maskfeat.disk.PathText;
import maskfeat.media.Frames;
import maskfeat.media.ImageReader;
import maskfeat.media.UnreadableFile;
import maskfeat.media.UnreadableFile.Verdict;
import maskfeat.media.Video;
import maskfeat.media.VideoInfo;
import maskfeat.media.VideoReader;
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

    /** What becomes of texts, sounds and the like, which are no fault of the data unless their names promise more. */
    private static final Set<String> NO_MEDIA = Stream.of(
                    Verdict.EMPTY, Verdict.NOT_AN_IMAGE, Verdict.NOT_A_VIDEO, Verdict.NO_VIDEO_STREAM)
            .map(Verdict::toString)
            .collect(Collectors.toUnmodifiableSet());

    private static final int AHEAD = 64; // findings kept in order before the slowest is through
    private static final int SIGNATURE = 12; // bytes that tell all kinds of picture

    private final Path source;
    private final As as;
    private final List<Item> items;
    private final List<String> classes;
    private final List<String> notices;
    private final Map<Path, Finding> known;
    private final VideoReader videos;
    private final ImageReader images = new ImageReader();
    private @Nullable Companion maps;

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
        VideoReader.Limits limits = VideoReader.Limits.DEFAULT;
        this.source = source;
        this.as = as;
        this.videos = new VideoReader(new VideoReader.Limits(limits.maxPixels(), limits.maxFrames(), deadline));
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
            throw new NoSuchFileException(source.toString(), null, "there is no such folder or list file");
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
                (hasEnding(as, file) ? wanted : rest).add(file);
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
                    : walk.files().stream().filter(file -> hasEnding(as, file)).toList();
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
        members.forEach((member, why) ->
                findings.add(known(member, hasEnding(as, member) ? Verdict.UNREADABLE.toString() : PASSED_OVER, why)));
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

    private static boolean hasEnding(As as, Path file) {
        String ending = FolderWalk.ending(file);
        return as != As.VIDEOS && ImageDataset.ENDINGS.contains(ending)
                || as != As.IMAGES && VideoDataset.ENDINGS.contains(ending);
    }

    /**
     * Also writes the indexes of videos into a folder, as a run keeps them, and takes those that are there.
     *
     * @param notices takes what a person should know, a sentence each
     */
    public void keepIndexesIn(Path folder, Consumer<String> notices) {
        videos.keepIndexesIn(folder, notices);
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
        Finding finding = withMap(Files.isDirectory(item.file()) ? frames(item) : file(item));
        boolean expected = hasEnding(as, item.file()) || !Files.isDirectory(source);
        return NO_MEDIA.contains(finding.verdict()) && !expected
                ? new Finding(item, PASSED_OVER, Facts.UNKNOWN, finding.reason())
                : finding;
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

    private Finding file(Item item) {
        boolean isImage =
                as == As.IMAGES || as == As.AUTO && startsAsImage(item.file()) && !isSeveralJpegs(item.file());
        if (isImage) {
            return image(item);
        }
        Finding video = video(item);
        // Text with the name of a picture is no picture rather than no video.
        boolean none = video.verdict().equals(Verdict.NOT_A_VIDEO.toString());
        return none && as == As.AUTO && VideoDataset.isImageOnly(FolderWalk.ending(item.file())) ? image(item) : video;
    }

    /** A raw MJPEG stream is one JPEG after the other, and begins as a picture does. */
    private static boolean isSeveralJpegs(Path file) {
        return List.of("mjpeg", "mjpg").contains(FolderWalk.ending(file));
    }

    private Finding image(Item item) {
        try {
            return good(item, Facts.of(images.read(item.file())), ImageDataset.ENDINGS.contains(ending(item)));
        } catch (UnreadableFile bad) {
            return bad(item, bad, Facts.UNKNOWN);
        }
    }

    private Finding video(Item item) {
        try (Video video = videos.open(item.file())) {
            Facts facts = Facts.of(Kind.VIDEO, video.info());
            try {
                video.decodeAll();
            } catch (UnreadableFile bad) {
                return bad(item, bad, startIsGood(video) ? facts : Facts.UNKNOWN);
            }
            return good(item, facts, VideoDataset.ENDINGS.contains(ending(item)));
        } catch (IOException bad) {
            return bad(item, bad, Facts.UNKNOWN);
        }
    }

    private static boolean startIsGood(Video video) {
        try {
            video.frames(0);
            return true;
        } catch (IOException bad) {
            return false;
        }
    }

    private static Finding frames(Item item) {
        try {
            FrameFolder folder = FrameFolder.open(item.file());
            folder.readAll();
            return good(item, Facts.of(Kind.FRAMES, folder.info()), true);
        } catch (IOException bad) {
            return bad(item, bad, Facts.UNKNOWN);
        }
    }

    private static Finding good(Item item, Facts facts, boolean named) {
        return named
                ? new Finding(item, OK, facts, "")
                : new Finding(
                        item,
                        WRONG_ENDING,
                        facts,
                        item.file() + " can be read as " + (facts.kind() == Kind.IMAGE ? "an image" : "a video")
                                + ", but training looks only for the usual endings of these; rename it or use a list"
                                + " file");
    }

    private static Finding bad(Item item, IOException bad, Facts facts) {
        Verdict verdict = bad instanceof UnreadableFile unreadable ? unreadable.verdict() : Verdict.DAMAGED;
        String reason = String.valueOf(bad.getMessage())
                + (facts.kind() == Kind.UNKNOWN ? "" : "; training uses clips of what is sound");
        return new Finding(item, verdict.toString(), facts, reason);
    }

    private static String ending(Item item) {
        return FolderWalk.ending(item.file());
    }

    private static boolean startsAsImage(Path file) {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            return hasEnding(As.IMAGES, file); // whichever reader looks will say what is wrong
        }
        byte[] start;
        try (InputStream in = Files.newInputStream(file)) {
            start = in.readNBytes(SIGNATURE);
        } catch (IOException unreadable) {
            return hasEnding(As.IMAGES, file);
        }
        String text = new String(start, StandardCharsets.ISO_8859_1);
        String brand = text.startsWith("ftyp", 4) ? text.substring(8) : "";
        return text.isEmpty() && hasEnding(As.IMAGES, file)
                || text.startsWith("\u00ff\u00d8\u00ff") // JPEG
                || text.startsWith("\u0089PNG") && !FolderWalk.ending(file).equals("apng")
                || text.startsWith("GIF8")
                || text.startsWith("RIFF") && text.startsWith("WEBP", 8)
                || text.startsWith("BM")
                || text.startsWith("II*\0")
                || text.startsWith("MM\0*")
                || text.matches("(?s)P[1-7][#\\s].*")
                || brand.matches("avi[fs]|hei.|hev.|mif[12]|msf1")
                // Less known brands of HEIF.
                || List.of("heic", "heif", "hif", "avif").contains(FolderWalk.ending(file))
                        && !brand.isEmpty()
                        && !brand.matches("iso.|mp4.|qt  |M4V |avc1|3g.*");
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
