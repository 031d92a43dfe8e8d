package maskfeat.media;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.function.Consumer;
import maskfeat.media.UnreadableFile.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * Reads videos: MP4 and QuickTime, Matroska and WebM, AVI, MPEG streams, FLV, Ogg, ASF, raw H.264, HEVC and MJPEG,
 * animated GIF and APNG, and other formats that libav decodes.
 *
 * <p>The bytes decide the format, not the name. libav reads through callbacks and never gets the name, so no playlist,
 * script or stream description is followed, and no second file, device or address is opened. Images, sound, and sound
 * with a cover image are not videos. Of several video streams, the one that libav prefers is read.
 *
 * <p>The pixels are 8-bit RGB:
 *
 * <ul>
 *   <li>YUV is converted to RGB with the matrix and range stated in the frame, otherwise with BT.601 in studio range,
 *       whatever the size. Halved chroma is repeated, not interpolated: the default of swscale, as in ffmpeg, PyAV and
 *       torchvision;
 *   <li>more than 8 bits are rounded to 8; gray is repeated, palettes are looked up, transparency is blended over
 *       white;
 *   <li>quarter turns and mirrors of the container's display matrix are undone, also in the stated size;
 *   <li>the sample aspect ratio is ignored, as in the authors' loader, and frames are not deinterlaced;
 *   <li>frames whose size changes within a file are scaled, bilinearly, to the size of the video.
 * </ul>
 *
 * <p>Frames that an edit list cuts off or that are marked to be discarded do not count. A truncated file has the frames
 * that are present. A damaged one gives those that decode without error since their last key packet, and fails for the
 * others.
 *
 * <p>Thread-safe.
 */
public final class VideoReader {
    /**
     * Limits on the size and the decoding time of videos.
     *
     * @param maxPixels width times height of a frame
     * @param maxFrames most frames, and most packets, of a file
     * @param deadline processor time of the thread for opening a file, and again for each call that decodes; for files
     *     above 16 MiB it grows with the size. Waiting for the disk may take 20 times as long
     */
    public record Limits(long maxPixels, int maxFrames, Duration deadline) {
        private static final Duration LONGEST = Duration.ofDays(10);

        /** 8192 x 4320 pixels, a million frames, one minute. */
        public static final Limits DEFAULT = new Limits(8192L * 4320, 1_000_000, Duration.ofSeconds(60));

        private static final long BYTES_OF_A_DEADLINE = 16L << 20;

        // Some virtual machines reserve a few indices.
        static final int LARGEST_ARRAY = Integer.MAX_VALUE - 16;

        public Limits {
            if (maxPixels < 1 || maxPixels > LARGEST_ARRAY / Frames.CHANNELS) {
                throw new IllegalArgumentException(
                        "maxPixels " + maxPixels + " must lie between 1 and " + LARGEST_ARRAY / Frames.CHANNELS);
            }
            if (maxFrames < 1) {
                throw new IllegalArgumentException("maxFrames " + maxFrames + " must be at least 1");
            }
            if (deadline.isNegative() || deadline.isZero() || deadline.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("a deadline of " + deadline + " must be longer than nothing and not"
                        + " longer than " + LONGEST);
            }
        }

        Duration deadline(long bytes) {
            return deadline.multipliedBy(Math.max(1, bytes / BYTES_OF_A_DEADLINE));
        }

        void check(int width, int height) throws Refused {
            if (width < 1 || height < 1) {
                throw Refused.damaged("it declares " + width + " x " + height + " pixels");
            }
            if (width > maxPixels / height) {
                throw new Refused(
                        Verdict.TOO_LARGE,
                        "has frames of " + width + " x " + height + " pixels; " + maxPixels + " are allowed");
            }
        }

        Refused tooMany() {
            return new Refused(Verdict.TOO_LARGE, "holds more frames than the " + maxFrames + " allowed");
        }
    }

    // Enough for clips of any usual quality, but not for films, because loaders hold one open on every thread.
    private static final long KEPT_BYTES = 64L << 20;

    private final Limits limits;
    private final long keptBytes;
    private final int shortSide;
    private final int multiple;
    private final VideoIndexes indexes = new VideoIndexes();

    /** A reader with the {@linkplain Limits#DEFAULT default limits}. */
    public VideoReader() {
        this(Limits.DEFAULT);
    }

    public VideoReader(Limits limits) {
        this(limits, KEPT_BYTES);
    }

    /** @param keptBytes files with more bytes of packets than this are read again for each clip */
    VideoReader(Limits limits, long keptBytes) {
        this(limits, keptBytes, Integer.MAX_VALUE, 1);
    }

    private VideoReader(Limits limits, long keptBytes, int shortSide, int multiple) {
        this.limits = limits;
        this.keptBytes = keptBytes;
        this.shortSide = shortSide;
        this.multiple = multiple;
    }

    /** A reader as {@link #scalingTo}, of frames with even sides, as halved chroma needs: odd ones lose a row or a column. */
    static VideoReader scalingToEven(int shortSide, Limits limits) {
        return new VideoReader(limits, KEPT_BYTES, shortSide, 2);
    }

    /**
     * A reader with the default limits that scales frames down while decoding, so that clips of any resolution take
     * little memory. Smaller frames are not enlarged.
     *
     * @param shortSide of the frames in pixels, at most; the long side keeps the aspect, rounded
     */
    public static VideoReader scalingTo(int shortSide) {
        if (shortSide < 1) {
            throw new IllegalArgumentException("a short side of " + shortSide + " px must be at least 1");
        }
        return new VideoReader(Limits.DEFAULT, KEPT_BYTES, shortSide, 1);
    }

    /**
     * From now on also keeps the indexes of files in a folder, for later processes. It is made when the first is written.
     * The index of a video whose size or time has changed, one of another version or a damaged one is not used but made
     * again.
     *
     * @param folder null to keep them only in memory
     * @param notices takes a sentence, once, when an index cannot be used, and one when an index cannot be written
     */
    public void keepIndexesIn(@Nullable Path folder, Consumer<String> notices) {
        indexes.keepIn(folder, notices);
    }

    /**
     * Opens a video. The first time its frames are indexed: by the header of the container, if it lists all packets, as MP4
     * and QuickTime do; otherwise the file is read as a whole, and if its packets do not tell enough, all of them are
     * decoded. If a packet is not what the header let expect, all are read after all. The index is kept as long as this reader, up to a number of bytes, so that the
     * same file, unless its size or time has changed, is opened later without reading it, and only what the wanted
     * frames need is read.
     *
     * @return the video, to be closed by the caller
     * @throws UnreadableFile if the file is missing, not a video, or beyond the limits
     * @throws ClosedByInterruptException if the thread was interrupted
     */
    public Video open(Path file) throws IOException {
        return open(MediaSource.of(file));
    }

    /** As {@link #open(Path)}, from a file, from bytes in memory or behind a channel. */
    public Video open(MediaSource source) throws IOException {
        try {
            checkThatThereIsSomething(source);
            if (!(source instanceof MediaSource.OfFile of)) {
                return Video.open(source, limits, keptBytes, shortSide, multiple, null, index -> {});
            }
            VideoIndexes.Key key = VideoIndexes.Key.of(of.file(), limits);
            return indexes.with(
                    key,
                    known -> Video.open(
                            source, limits, keptBytes, shortSide, multiple, known, index -> indexes.put(key, index)));
        } catch (Refused refused) {
            throw new UnreadableFile(source, refused);
        } catch (NoSuchFileException gone) {
            throw new UnreadableFile(source, new Refused(Verdict.MISSING, "does not exist", gone));
        } catch (AccessDeniedException denied) {
            throw new UnreadableFile(
                    source, new Refused(Verdict.UNREADABLE, "may not be read: permission denied", denied));
        } catch (UnreadableFile | ClosedByInterruptException known) {
            throw known;
        } catch (IOException failed) {
            throw new UnreadableFile(source, new Refused(Verdict.UNREADABLE, Refused.why(failed), failed));
        }
    }

    private static void checkThatThereIsSomething(MediaSource source) throws Refused, IOException {
        long size;
        if (source instanceof MediaSource.OfFile of) {
            BasicFileAttributes found = Files.readAttributes(of.file(), BasicFileAttributes.class);
            if (!found.isRegularFile()) {
                throw new Refused(Verdict.UNREADABLE, found.isDirectory() ? "is a directory" : "is not a regular file");
            }
            size = found.size();
        } else if (source instanceof MediaSource.OfChannel behind) {
            size = behind.size();
        } else {
            size = ((MediaSource.InMemory) source).data().length;
        }
        if (size == 0) {
            throw new Refused(Verdict.EMPTY, "is empty");
        }
    }
}
