package maskfeat.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import maskfeat.augment.Box;
import maskfeat.augment.Resize;
import maskfeat.data.Preparation.Result;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.Content;
import maskfeat.disk.DamagedFile;
import maskfeat.media.Frames;
import maskfeat.media.ImageReader;
import maskfeat.media.JpegWriter;
import maskfeat.media.TrainingVideo;
import maskfeat.media.UnreadableFile;
import org.jspecify.annotations.Nullable;

/** Makes the copies of {@link Preparation}, each for itself. Thread-safe. */
final class FileCopies {
    /** Animations, which are videos to some recipes and images to others. */
    static final Set<String> EITHER = Set.of("gif", "apng");

    private static final Set<String> TEXTS = Set.of("csv", "txt", "tsv", "json", "jsonl", "lst", "list", "xml");
    private static final long LARGEST_TEXT = 1L << 28;

    /** Some file systems keep times to two seconds. */
    private static final long CLOCK_MILLIS = 2000;

    private static final long UNKNOWN = -1;

    private final Path in;
    private final Path out;
    private final Preparation.Config config;
    private final Preparation.Animations animations;
    private final TrainingVideo videos;
    private final ImageReader images = new ImageReader();
    private final AtomicLong frames = new AtomicLong();

    FileCopies(Path in, Path out, Preparation.Config config, Preparation.Animations animations) {
        this.in = in;
        this.out = out;
        this.config = config;
        this.animations = animations;
        this.videos = new TrainingVideo(config.video());
    }

    /**
     * What became of a file.
     *
     * @param file the original
     * @param before its size in bytes
     * @param after size of the copy in bytes; negative where it shows only when the copy is made
     * @param why it cannot be read
     */
    record Done(
            Path file,
            Result result,
            long before,
            long after,
            @Nullable IOException why) {
        boolean isSizeUnknown() {
            return after == UNKNOWN;
        }
    }

    /** Frames of videos written so far. */
    long frames() {
        return frames.get();
    }

    /** Whether a file became a video that is an image to some recipes. */
    boolean isMovingPicture(Path file) {
        return isAnimation(file) && isVideo(file);
    }

    /** Makes the copy, unless it is there from an earlier run. */
    Done made(Path file, Path to) throws IOException {
        Path from = in.resolve(file);
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

    /** Finds what would become of a file; writes nothing. */
    Done examined(Path file, Path to) throws IOException {
        Path from = in.resolve(file);
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

    static boolean isReadable(Path from) {
        return Files.isRegularFile(from) && Files.isReadable(from);
    }

    static Done missing(Path from) {
        return new Done(from, Result.UNREADABLE, 0, 0, new IOException(from + " is not there, or may not be read"));
    }

    private static boolean isThere(Path from, Path to) throws IOException {
        return Files.exists(to)
                && isSameTime(
                        Files.getLastModifiedTime(from).toMillis(),
                        Files.getLastModifiedTime(to).toMillis());
    }

    /** @param one in milliseconds */
    static boolean isSameTime(long one, long other) {
        return Math.abs(one - other) < CLOCK_MILLIS;
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

    private static boolean isAnimation(Path file) {
        return EITHER.contains(FolderWalk.ending(file));
    }

    private boolean isVideo(Path file) {
        return VideoDataset.ENDINGS.contains(FolderWalk.ending(file))
                && (!isAnimation(file) || animations == Preparation.Animations.VIDEOS);
    }

    private boolean isImage(Path file) {
        return ImageDataset.ENDINGS.contains(FolderWalk.ending(file))
                && (!isAnimation(file) || animations == Preparation.Animations.IMAGES);
    }

    /** An image as JPEG; empty if it is small enough. */
    private Optional<byte[]> scaled(Path from) throws IOException {
        Frames image = images.read(from);
        int shortSide = Math.min(image.height(), image.width());
        if (shortSide <= config.video().shortSide()) {
            return Optional.empty();
        }
        double scale = (double) config.video().shortSide() / shortSide;
        Frames small = Resize.bilinear(image, Box.whole(image), (int) Math.rint(image.height() * scale), (int)
                Math.rint(image.width() * scale));
        return Optional.of(JpegWriter.bytes(small, config.imageQuality()));
    }

    private void copy(Path file, Path from, Path to) throws IOException {
        AtomicFile.write(to, list(file, from).map(Content::of).orElseGet(() -> Content.of(from)));
    }

    /** A list that names files of the data from the root on, with those of the copy; empty for what is copied as it is. */
    private Optional<byte[]> list(Path file, Path from) throws IOException {
        if (!TEXTS.contains(FolderWalk.ending(file)) || Files.size(from) > LARGEST_TEXT) {
            return Optional.empty();
        }
        byte[] text = Files.readAllBytes(from);
        return config.shardBytes().isEmpty()
                ? MovedPaths.in(text, in, out)
                : MovedPaths.in(text, in, "../".repeat(file.getNameCount() - 1)); // shards have no place on the disk
    }
}
