package maskfeat.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import maskfeat.archive.Archives;
import maskfeat.augment.Box;
import maskfeat.augment.Resize;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.Content;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.PathText;
import maskfeat.media.Frames;
import maskfeat.media.ImageReader;
import maskfeat.media.JpegWriter;
import maskfeat.media.TrainingVideo;
import maskfeat.media.UnreadableFile;
import org.jspecify.annotations.Nullable;

/**
 * Writes a copy of a folder or archive of data that is read fast in training: videos and images scaled, videos with many key frames. Every
 * file keeps its name and place, whatever it holds then, so that class folders, lists, names of classes and boxes (as fractions)
 * stay right.
 *
 * <p>A file of the copy is there as a whole or not at all, and carries the time of its original. So a run that was killed goes
 * on, and a second one does only what is new or has changed. The originals are only read.
 */
public final class Preparation {
    /**
     * What copies are like.
     *
     * @param video of videos; images have the same short side
     * @param imageQuality of JPEG, 1 to 100
     */
    public record Config(TrainingVideo.Config video, int imageQuality) {
        private static final int VERSION = 1;

        public Config {
            if (imageQuality < 1 || imageQuality > 100) {
                throw new IllegalArgumentException("a quality of " + imageQuality + " must lie between 1 and 100");
            }
        }

        private String text() {
            return "version " + VERSION + "\nshort-side " + video.shortSide() + "\ngop " + video.keyframeDistance()
                    + "\nquantiser " + video.quantiser() + "\nquality " + imageQuality + "\n";
        }
    }

    /** What became of a file. */
    public enum Result {
        /** Written anew. */
        MADE,
        /** Needs nothing, or is none of the media: copied as it is. */
        COPIED,
        /** Was there from an earlier run. */
        THERE,
        /** Cannot be read; there is no copy. */
        UNREADABLE
    }

    /**
     * What was done, or would be.
     *
     * @param counts files by {@link Result}, in its order
     * @param bytesBefore size of the originals of which there are copies
     * @param bytesAfter size of the copies, as far as it is known
     * @param unknown number of copies whose size shows only when they are made; 0 once they are
     */
    public record Outcome(List<Integer> counts, long bytesBefore, long bytesAfter, int unknown) {
        public int count(Result result) {
            return counts.get(result.ordinal());
        }
    }

    /** Told while it works, on the thread that runs it. */
    public interface Watcher {
        /**
         * At least every half second.
         *
         * @param files done
         * @param of all files
         * @param frames of videos written so far
         */
        void at(int files, int of, long frames);

        /** A file that cannot be read. */
        void unreadable(Path file, IOException why);
    }

    private static final String RECORD = ".maskfeat-prepared";
    private static final String LOCK = ".maskfeat-lock";

    /** Animations, which are videos to some recipes and images to others. */
    private static final Set<String> EITHER = Set.of("gif", "apng");

    private static final Set<String> TEXTS = Set.of("csv", "txt", "tsv", "json", "jsonl", "lst", "list", "xml");
    private static final Set<String> IN_PIXELS = Set.of("pkl", "xml");
    private static final long LARGEST_TEXT = 1L << 28;
    private static final long WAIT_MILLIS = 500;

    private static final long UNKNOWN = -1;

    /** Some file systems keep times to two seconds. */
    private static final long CLOCK_MILLIS = 2000;

    private final Path in;
    private final Path out;
    private final Config config;
    private final List<Path> files;
    private final List<String> notices;
    private final TrainingVideo videos;
    private final ImageReader images = new ImageReader();
    private final AtomicLong frames = new AtomicLong();

    private Preparation(Path in, Path out, Config config, FolderWalk walk) {
        this.in = in;
        this.out = out;
        this.config = config;
        this.files = walk.files();
        this.notices = new ArrayList<>(walk.notices());
        this.videos = new TrainingVideo(config.video);
        noteWhatIsNotPrepared();
    }

    /**
     * Looks at what there is, and writes nothing.
     *
     * @param data folder of data in any layout, or one zip or tar file of it
     * @param out folder that is not there, or one of an earlier run with the same options
     * @throws IllegalArgumentException if one of the folders lies in the other, or {@code out} holds something else
     */
    public static Preparation of(Path data, Path out, Config config) throws IOException {
        if (!Files.exists(data)) {
            throw new NoSuchFileException(data.toString(), null, "there is no such folder, zip or tar file");
        }
        Path in = Files.isDirectory(data) ? data : Sources.of(data);
        if (!Files.isDirectory(in)) {
            throw new IllegalArgumentException(
                    data + " is not a folder, zip or tar file; give what holds the data and its lists");
        }
        Path from = data.toRealPath();
        Path to = real(out);
        if (to.startsWith(from) || from.startsWith(to)) {
            throw new IllegalArgumentException(
                    out + " and " + data + " lie in each other; the copy needs a folder outside of the data");
        }
        checkIsOurs(out, config);
        FolderWalk walk = FolderWalk.of(in);
        if (walk.files().isEmpty()) {
            throw new DatasetException(data + " holds no file");
        }
        if (Archives.isInside(in) && Shards.isWebDataset(walk)) {
            throw new IllegalArgumentException(data + " holds samples of WebDataset, whose labels are not read from a"
                    + " folder; unpack it into a folder for each class first");
        }
        return new Preparation(in, out, config, walk);
    }

    /** Where a path leads, whether or not its end is there. */
    private static Path real(Path path) throws IOException {
        Path there = path.toAbsolutePath().normalize();
        Path rest = there.getFileSystem().getPath("");
        while (!Files.exists(there) && there.getParent() != null) {
            rest = there.getFileName().resolve(rest);
            there = there.getParent();
        }
        return there.toRealPath().resolve(rest).normalize();
    }

    private static void checkIsOurs(Path out, Config config) throws IOException {
        if (!Files.exists(out)) {
            return;
        }
        if (!Files.isDirectory(out)) {
            throw new IllegalArgumentException(out + " is a file; give the name of a folder");
        }
        Path record = out.resolve(RECORD);
        if (!Files.exists(record)) {
            try (Stream<Path> entries = Files.list(out)) {
                if (entries.anyMatch(entry -> !FolderWalk.isHidden(entry))) {
                    throw new IllegalArgumentException(
                            out + " holds other things already; give the name of a folder to make");
                }
            }
            return;
        }
        String before = Files.readString(record);
        if (!before.equals(config.text())) {
            throw new IllegalArgumentException(out + " was made with other options: " + inLine(before) + " and not "
                    + inLine(config.text()) + "; give the same, or another folder");
        }
    }

    private static String inLine(String record) {
        return record.strip().replace("\n", ", ");
    }

    private void noteWhatIsNotPrepared() {
        note(Sources.ARCHIVES, "zip or tar files, which are copied as they are and not looked into; unpack them first");
        note(EITHER, "animations, which are copied as they are");
        note(IN_PIXELS, "files that may hold boxes in pixels, which are those of the videos before they were scaled");
    }

    private void note(Set<String> endings, String what) {
        int count = FolderWalk.count(FolderWalk.endings(files), endings);
        if (count > 0) {
            notices.add(in + " holds " + count + " " + what);
        }
    }

    /** What a person should know, a sentence each. */
    public List<String> notices() {
        return notices;
    }

    /** Whether it is about videos more than about images. */
    public boolean isMostlyVideo() {
        Map<String, Integer> endings = FolderWalk.endings(files);
        return FolderWalk.count(endings, VideoDataset.ENDINGS) >= FolderWalk.count(endings, ImageDataset.ENDINGS);
    }

    /** How many files there are. */
    public int size() {
        return files.size();
    }

    /**
     * Does the work.
     *
     * @throws maskfeat.disk.WriteFailed if something cannot be written; what is done stays
     * @throws IllegalStateException if another process prepares the same folder
     */
    public Outcome run(int threads, Watcher watcher) throws IOException, InterruptedException {
        AtomicFile.folder(out);
        try (FileChannel lock =
                        FileChannel.open(out.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = lock.tryLock()) {
            if (held == null) {
                throw new IllegalArgumentException(out + " is being written by another process; wait for it");
            }
            if (!Files.exists(out.resolve(RECORD))) {
                AtomicFile.writeText(out.resolve(RECORD), config.text());
            }
            removeUnfinished();
            return work(threads, watcher, this::prepared);
        }
    }

    /**
     * Finds what {@link #run} would do, and writes nothing. Images are read and scaled, of videos only the index is made: a
     * damaged frame, and how large a copy is, shows only when they are coded.
     */
    public Outcome dryRun(int threads, Watcher watcher) throws IOException, InterruptedException {
        return work(threads, watcher, this::examined);
    }

    private interface Work {
        Done of(Path file) throws IOException;
    }

    private void removeUnfinished() throws IOException {
        try (Stream<Path> all = Files.walk(out)) {
            for (Path file : all.filter(AtomicFile::isUnfinished).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private record Done(
            Path file,
            Result result,
            long before,
            long after,
            @Nullable IOException why) {}

    private Outcome work(int threads, Watcher watcher, Work work) throws IOException, InterruptedException {
        int[] counts = new int[Result.values().length];
        long before = 0;
        long after = 0;
        int unknown = 0;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            CompletionService<Done> results = new ExecutorCompletionService<>(pool);
            files.forEach(file -> results.submit(() -> work.of(file)));
            watcher.at(0, files.size(), 0);
            for (int done = 0; done < files.size(); ) {
                Future<Done> next = results.poll(WAIT_MILLIS, TimeUnit.MILLISECONDS);
                if (next != null) {
                    Done each = get(next);
                    done++;
                    counts[each.result.ordinal()]++;
                    before += each.before;
                    after += Math.max(0, each.after);
                    unknown += each.after == UNKNOWN ? 1 : 0;
                    if (each.why != null) {
                        watcher.unreadable(each.file, each.why);
                    }
                }
                watcher.at(done, files.size(), frames.get());
            }
        } finally {
            pool.shutdownNow();
            pool.awaitTermination(1, TimeUnit.MINUTES); // they delete what they have not finished
        }
        return new Outcome(Arrays.stream(counts).boxed().toList(), before, after, unknown);
    }

    private static Done get(Future<Done> future) throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            if (cause instanceof IOException io) {
                throw io;
            }
            if (cause instanceof UncheckedIOException io) {
                throw io.getCause();
            }
            if (cause instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException("preparing a file failed: " + cause, cause);
        }
    }

    private Done prepared(Path file) throws IOException {
        Path from = in.resolve(file);
        Path to = copyOf(file);
        if (!isReadable(from)) {
            return missing(from);
        }
        try {
            if (isThere(from, to)) {
                return new Done(from, Result.THERE, Files.size(from), Files.size(to), null);
            }
            AtomicFile.folder(Objects.requireNonNull(to.getParent()));
            boolean made = make(file, from, to);
            if (!made) {
                copy(file, from, to);
            }
            Files.setLastModifiedTime(to, Files.getLastModifiedTime(from)); // last: only then is it done
            return new Done(from, made ? Result.MADE : Result.COPIED, Files.size(from), Files.size(to), null);
        } catch (UnreadableFile | DamagedFile bad) { // the latter of what an archive holds and is copied as it is
            Files.deleteIfExists(to); // of a file that was sound in an earlier run
            return new Done(from, Result.UNREADABLE, 0, 0, bad);
        }
    }

    private Done examined(Path file) throws IOException {
        Path from = in.resolve(file);
        Path to = copyOf(file);
        if (!isReadable(from)) {
            return missing(from);
        }
        try {
            long before = Files.size(from);
            if (isThere(from, to)) {
                return new Done(from, Result.THERE, before, Files.size(to), null);
            }
            if (isVideo(file)) {
                boolean coded = videos.isToBeCoded(from);
                return new Done(from, coded ? Result.MADE : Result.COPIED, before, coded ? UNKNOWN : before, null);
            }
            Optional<byte[]> made = isImage(file) ? scaled(from) : Optional.empty();
            if (made.isPresent()) {
                return new Done(from, Result.MADE, before, made.get().length, null);
            }
            return new Done(
                    from,
                    Result.COPIED,
                    before,
                    list(file, from).map(list -> (long) list.length).orElse(before),
                    null);
        } catch (UnreadableFile | DamagedFile bad) {
            return new Done(from, Result.UNREADABLE, 0, 0, bad);
        }
    }

    private Path copyOf(Path file) {
        return out.resolve(Archives.isInside(file) ? PathText.path(FolderWalk.slashed(file)) : file);
    }

    private static boolean isReadable(Path from) {
        return Files.isRegularFile(from) && Files.isReadable(from);
    }

    private static Done missing(Path from) {
        return new Done(from, Result.UNREADABLE, 0, 0, new IOException(from + " is not there, or may not be read"));
    }

    private static boolean isThere(Path from, Path to) throws IOException {
        return Files.exists(to)
                && Math.abs(Files.getLastModifiedTime(from).toMillis()
                                - Files.getLastModifiedTime(to).toMillis())
                        < CLOCK_MILLIS;
    }

    /** False if the file needs nothing. */
    private boolean make(Path file, Path from, Path to) throws IOException {
        if (isVideo(file)) {
            int[] before = {0};
            return videos.write(from, to, count -> {
                frames.addAndGet((long) count - before[0]);
                before[0] = count;
            });
        }
        Optional<byte[]> made = isImage(file) ? scaled(from) : Optional.empty();
        if (made.isPresent()) {
            AtomicFile.write(to, Content.of(made.get()));
        }
        return made.isPresent();
    }

    private static boolean isVideo(Path file) {
        String ending = FolderWalk.ending(file);
        return VideoDataset.ENDINGS.contains(ending) && !EITHER.contains(ending);
    }

    private static boolean isImage(Path file) {
        String ending = FolderWalk.ending(file);
        return ImageDataset.ENDINGS.contains(ending) && !EITHER.contains(ending);
    }

    /** An image as JPEG; empty if it is small enough. */
    private Optional<byte[]> scaled(Path from) throws IOException {
        Frames image = images.read(from);
        int shortSide = Math.min(image.height(), image.width());
        if (shortSide <= config.video.shortSide()) {
            return Optional.empty();
        }
        double scale = (double) config.video.shortSide() / shortSide;
        Frames small = Resize.bilinear(image, Box.whole(image), (int) Math.rint(image.height() * scale), (int)
                Math.rint(image.width() * scale));
        return Optional.of(JpegWriter.bytes(small, config.imageQuality));
    }

    private void copy(Path file, Path from, Path to) throws IOException {
        AtomicFile.write(to, list(file, from).map(Content::of).orElseGet(() -> Content.of(from)));
    }

    /** A list that names files of the data from the root on, with those of the copy; empty for what is copied as it is. */
    private Optional<byte[]> list(Path file, Path from) throws IOException {
        return TEXTS.contains(FolderWalk.ending(file)) && Files.size(from) <= LARGEST_TEXT
                ? MovedPaths.in(Files.readAllBytes(from), in, out)
                : Optional.empty();
    }
}
