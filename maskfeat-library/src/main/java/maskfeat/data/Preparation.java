package maskfeat.data;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import maskfeat.archive.Archives;
import maskfeat.data.FileCopies.Done;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.PathText;
import maskfeat.media.TrainingVideo;

/**
 * Writes a copy of a folder or archive of data that is read fast in training: videos and images scaled, videos with many key frames. Every
 * file keeps its name and place, whatever it holds then, so that class folders, lists, names of classes and boxes (as fractions)
 * stay right.
 *
 * <p>A file of the copy is there as a whole or not at all, and carries the time of its original. So a run that was killed goes
 * on, and a second one does only what is new or has changed. The originals are only read. Copies of files that are not there any
 * more stay, unless they are to be deleted; what another has put into the folder is left alone.
 *
 * <p>Instead of a folder of files the copy may be tar shards, which are read as that folder ({@link Archives#openShards}).
 */
public final class Preparation {
    /**
     * What copies are like.
     *
     * @param video of videos; images have the same short side
     * @param imageQuality of JPEG, 1 to 100
     * @param shardBytes after which a tar shard ends; empty for a folder of files
     * @param animations what GIF and APNG become; empty to decide by what else there is, or as an earlier run did
     */
    public record Config(
            TrainingVideo.Config video, int imageQuality, OptionalLong shardBytes, Optional<Animations> animations) {
        private static final int VERSION = 1;
        private static final long LEAST_SHARD = 1 << 10;

        public Config {
            if (imageQuality < 1 || imageQuality > 100) {
                throw new IllegalArgumentException("a quality of " + imageQuality + " must lie between 1 and 100");
            }
            if (shardBytes.isPresent() && shardBytes.getAsLong() < LEAST_SHARD) {
                throw new IllegalArgumentException("shards of " + shardBytes.getAsLong() + " bytes must have at least "
                        + LEAST_SHARD + "; a gigabyte is usual");
            }
        }

        /** A folder of files. */
        public Config(TrainingVideo.Config video, int imageQuality) {
            this(video, imageQuality, OptionalLong.empty(), Optional.empty());
        }

        private String text(Animations of) {
            return "version " + VERSION + "\nshort-side " + video.shortSide() + "\ngop " + video.keyframeDistance()
                    + "\nquantiser " + video.quantiser() + "\nquality " + imageQuality + "\n"
                    + (shardBytes.isPresent() ? "shards " + shardBytes.getAsLong() + "\n" : "")
                    + (of == Animations.COPIED ? "" : Animations.KEY + of.name().toLowerCase(Locale.ROOT) + "\n");
        }
    }

    /** What becomes of animations, which are videos to recipes of videos and their first picture to those of images. */
    public enum Animations {
        /** Videos, if they have more than one picture. */
        VIDEOS,
        /** GIF becomes its first picture, if that is to be scaled. */
        IMAGES,
        /** They are copied as they are. So it was in copies that do not say what they do. */
        COPIED;

        private static final String KEY = "animations ";

        private static Animations of(String record) {
            return record.lines()
                    .filter(line -> line.startsWith(KEY))
                    .map(line -> valueOf(line.substring(KEY.length()).toUpperCase(Locale.ROOT)))
                    .findFirst()
                    .orElse(COPIED);
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
     * @param animations how many of the written ones were animations and are videos now
     * @param extra names of copies whose originals are not there any more, in order
     * @param deleted whether these were deleted
     * @param shards number of tar shards; 0 for a folder of files
     */
    public record Outcome(
            List<Integer> counts,
            long bytesBefore,
            long bytesAfter,
            int unknown,
            int animations,
            List<String> extra,
            boolean deleted,
            int shards) {
        public Outcome {
            counts = List.copyOf(counts);
            extra = List.copyOf(extra);
        }

        private Outcome with(List<String> extra, boolean deleted, int shards) {
            return new Outcome(counts, bytesBefore, bytesAfter, unknown, animations, extra, deleted, shards);
        }

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

    private static final Set<String> IN_PIXELS = Set.of("pkl", "xml");

    private final Path in;
    private final Path out;
    private final Config config;
    private final Animations animations;
    private final List<Path> files;
    private final List<String> notices;
    private final FileCopies copies;

    private Preparation(Path in, Path out, Config config, Animations animations, FolderWalk walk) {
        this.in = in;
        this.out = out;
        this.config = config;
        this.animations = animations;
        this.files = walk.files();
        this.notices = new ArrayList<>(walk.notices());
        this.copies = new FileCopies(in, out, config, animations);
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
            throw new NoSuchFileException(PathText.shown(data), null, "there is no such folder, zip or tar file");
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
        FolderWalk walk = FolderWalk.of(in);
        Animations animations = checkIsOurs(out, config).orElseGet(() -> fitting(walk));
        if (walk.files().isEmpty()) {
            throw new DatasetException(data + " holds no file");
        }
        if (Archives.isInside(in) && Shards.isWebDataset(walk)) {
            throw new IllegalArgumentException(data + " holds samples of WebDataset, whose labels are not read from a"
                    + " folder; unpack it into a folder for each class first");
        }
        return new Preparation(in, out, config, animations, walk);
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

    /** What recipes for most of the files take animations for. */
    private static Animations fitting(FolderWalk walk) {
        Map<String, Integer> endings = FolderWalk.endings(walk.files());
        FileCopies.EITHER.forEach(endings::remove);
        return FolderWalk.count(endings, VideoDataset.ENDINGS) >= FolderWalk.count(endings, ImageDataset.ENDINGS)
                ? Animations.VIDEOS
                : Animations.IMAGES;
    }

    /** @return what becomes of animations, as far as that is said */
    private static Optional<Animations> checkIsOurs(Path out, Config config) throws IOException {
        if (!Files.exists(out)) {
            return config.animations;
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
            return config.animations;
        }
        String before = Files.readString(record);
        Animations was = Animations.of(before);
        String now = config.text(config.animations.orElse(was));
        if (!before.equals(now)) {
            throw new IllegalArgumentException(out + " was made with other options: " + inLine(before) + " and not "
                    + inLine(now) + "; give the same, or another folder");
        }
        return Optional.of(was);
    }

    private static String inLine(String record) {
        return record.strip().replace("\n", ", ");
    }

    private void noteWhatIsNotPrepared() {
        note(Sources.ARCHIVES, "zip or tar files, which are copied as they are and not looked into; unpack them first");
        note(
                FileCopies.EITHER,
                switch (animations) {
                    case VIDEOS ->
                        "animations (GIF, APNG), which become videos; --animations images is for recipes of images";
                    case IMAGES ->
                        "animations (GIF, APNG), of which large GIFs become their first picture, as recipes of images read them;"
                                + " --animations videos keeps the others";
                    case COPIED -> "animations (GIF, APNG), which are copied as they are, as before in this copy";
                });
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
     * @param deleteExtra whether copies are deleted whose originals are not there any more
     * @throws maskfeat.disk.WriteFailed if something cannot be written; what is done stays
     * @throws IllegalArgumentException if another process prepares the same folder
     */
    public Outcome run(int threads, boolean deleteExtra, Watcher watcher) throws IOException, InterruptedException {
        AtomicFile.folder(out);
        try (FileChannel lock =
                        FileChannel.open(out.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = lock.tryLock();
                PreparedFiles known = PreparedFiles.read(out)) {
            if (held == null) {
                throw new IllegalArgumentException(out + " is being written by another process; wait for it");
            }
            if (!Files.exists(out.resolve(RECORD))) {
                AtomicFile.writeText(out.resolve(RECORD), config.text(animations));
            }
            removeUnfinished();
            known.begin();
            if (config.shardBytes.isPresent()) {
                return inShards(threads, deleteExtra, watcher, known);
            }
            Outcome outcome = work(threads, watcher, file -> takenDown(file, known));
            List<String> extra = ExtraCopies.of(out, known, names());
            if (deleteExtra) {
                for (String name : extra) {
                    ExtraCopies.delete(out, name);
                    known.gone(name);
                }
            }
            return outcome.with(extra, deleteExtra, 0);
        } catch (OverlappingFileLockException here) {
            throw new IllegalArgumentException(out + " is being written by this process; wait for it", here);
        }
    }

    private Done takenDown(Path file, PreparedFiles known) throws IOException {
        Done done = copies.made(file, copyOf(file));
        String name = FolderWalk.slashed(file);
        if (Files.exists(copyOf(file))) {
            known.wrote(name, PreparedFiles.of(copyOf(file)));
        } else {
            known.gone(name);
        }
        return done;
    }

    private Set<String> names() {
        return files.stream().map(FolderWalk::slashed).collect(Collectors.toCollection(HashSet::new));
    }

    private Outcome inShards(int threads, boolean deleteExtra, Watcher watcher, PreparedFiles known)
            throws IOException, InterruptedException {
        Map<String, Path> byName = new TreeMap<>();
        Map<String, PreparedFiles.Written> originals = new TreeMap<>();
        List<Done> missing = new ArrayList<>();
        for (Path file : files) {
            if (FileCopies.isReadable(in.resolve(file))) {
                byName.put(FolderWalk.slashed(file), file);
                originals.put(FolderWalk.slashed(file), PreparedFiles.of(in.resolve(file)));
            } else {
                missing.add(FileCopies.missing(in.resolve(file)));
            }
        }
        Map<String, PreparedFiles.Written> extra = ShardedCopy.others(out, known, names());
        if (!deleteExtra) {
            extra.forEach(originals::putIfAbsent);
        }
        ShardedCopy copy = new ShardedCopy(out, config.shardBytes.orElseThrow(), known, originals);
        Map<String, Long> there = copy.there();
        CopyTally tally = new CopyTally(copies);
        int shards;
        try (ShardFiles waiting = new ShardFiles(copies, out, files.size(), threads, watcher, byName)) {
            shards = copy.write(waiting);
            missing.forEach(each -> tally.add(each, watcher));
            for (Map.Entry<String, Path> each : byName.entrySet()) {
                Done done = waiting.done(each.getKey());
                Path from = in.resolve(each.getValue());
                tally.add(
                        done != null
                                ? done
                                : new Done(
                                        from,
                                        Result.THERE,
                                        Files.size(from),
                                        Objects.requireNonNull(there.get(each.getKey())),
                                        null),
                        watcher);
            }
        }
        known.forgetOldShards(out);
        watcher.at(files.size(), files.size(), copies.frames());
        return tally.outcome().with(List.copyOf(extra.keySet()), deleteExtra, shards);
    }

    /**
     * Finds what {@link #run} would do, and writes nothing. Images are read and scaled, of videos only the index is made: a
     * damaged frame, and how large a copy is, shows only when they are coded.
     */
    public Outcome dryRun(int threads, Watcher watcher) throws IOException, InterruptedException {
        PreparedFiles known = PreparedFiles.read(out);
        if (config.shardBytes.isEmpty()) {
            return work(threads, watcher, file -> copies.examined(file, copyOf(file)))
                    .with(ExtraCopies.of(out, known, names()), false, 0);
        }
        Map<String, PreparedFiles.Written> originals = new TreeMap<>();
        for (Path file : files) {
            if (FileCopies.isReadable(in.resolve(file))) {
                originals.put(FolderWalk.slashed(file), PreparedFiles.of(in.resolve(file)));
            }
        }
        Map<String, Long> there = new ShardedCopy(out, config.shardBytes.orElseThrow(), known, originals).there();
        return work(threads, watcher, file -> {
                    Path from = in.resolve(file);
                    Long size = there.get(FolderWalk.slashed(file));
                    return size != null
                            ? new Done(from, Result.THERE, Files.size(from), size, null)
                            : copies.examined(file, ShardedCopy.waiting(out, FolderWalk.slashed(file)));
                })
                .with(List.copyOf(ShardedCopy.others(out, known, names()).keySet()), false, 0);
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

    private Outcome work(int threads, Watcher watcher, Work work) throws IOException, InterruptedException {
        CopyTally tally = new CopyTally(copies);
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            CompletionService<Done> results = new ExecutorCompletionService<>(pool);
            files.forEach(file -> results.submit(() -> work.of(file)));
            watcher.at(0, files.size(), 0);
            for (int done = 0; done < files.size(); ) {
                Future<Done> next = results.poll(CopyTally.WAIT_MILLIS, TimeUnit.MILLISECONDS);
                if (next != null) {
                    tally.add(CopyTally.result(next), watcher);
                    done++;
                }
                watcher.at(done, files.size(), copies.frames());
            }
        } finally {
            pool.shutdownNow();
            pool.awaitTermination(1, TimeUnit.MINUTES); // they delete what they have not finished
        }
        return tally.outcome();
    }

    private Path copyOf(Path file) {
        return file.getFileSystem() == out.getFileSystem()
                ? out.resolve(file)
                : PathText.in(out, FolderWalk.slashed(file));
    }
}
