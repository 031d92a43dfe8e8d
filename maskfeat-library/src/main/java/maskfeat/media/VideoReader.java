package maskfeat.media;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import maskfeat.media.UnreadableFile.Verdict;

/**
 * Reads videos: MP4 and QuickTime, Matroska and WebM, AVI, MPEG streams, FLV, Ogg, ASF, raw H.264, HEVC and MJPEG, animated
 * GIF and APNG, and what else libav decodes.
 *
 * <p>What a file is, its bytes say, not its name. libav reads it through callbacks and never learns its name: no play list,
 * script or stream description is followed, and no second file, device or address is opened. Stills, sound, and sound with
 * a cover picture are no videos. Of several video streams libav's favourite is read.
 *
 * <p>The pixels are 8-bit RGB:
 *
 * <ul>
 *   <li>YUV becomes RGB by the matrix and range that the frame states; one that states none counts as BT.601, whatever its
 *       size, in studio range. Halved chroma is repeated, not interpolated: the plain path of swscale, as ffmpeg, PyAV and
 *       torchvision have it;
 *   <li>more than 8 bits are rounded to 8; gray is repeated, palettes are looked up, transparency is blended over white;
 *   <li>quarter turns and mirrors of the container's display matrix are undone, also in the stated size;
 *   <li>the shape of a pixel (sample aspect ratio) is ignored, as the authors' loader does, and interlaced frames stay as
 *       they are decoded;
 *   <li>frames whose size changes within a file are scaled, bilinearly, to the size of the video.
 * </ul>
 *
 * <p>Frames that an edit list cuts off or that are marked to be discarded are no frames of the video. A file whose end is
 * missing has the frames that are there; a damaged one gives those that decode without complaint since their last key
 * packet, and refuses the others.
 *
 * <p>One reader serves any number of threads.
 */
public final class VideoReader {
    /**
     * What a file may ask for.
     *
     * @param maxPixels width times height of a picture
     * @param maxFrames frames, and packets, of a file
     * @param deadline for each of opening a file and one call that decodes
     */
    public record Limits(long maxPixels, int maxFrames, Duration deadline) {
        private static final Duration LONGEST = Duration.ofDays(10);

        /** 8192 x 4320 pixels, a million frames, a minute. */
        public static final Limits DEFAULT = new Limits(8192L * 4320, 1_000_000, Duration.ofSeconds(60));

        // Some virtual machines keep a few indices for themselves.
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

    // Clips fit in, at any quality in use; films do not, and loaders hold one open on every thread.
    private static final long KEPT_BYTES = 64L << 20;

    private final Limits limits;
    private final long keptBytes;
    private final int shortSide;

    /** A reader with the {@linkplain Limits#DEFAULT default limits}. */
    public VideoReader() {
        this(Limits.DEFAULT);
    }

    public VideoReader(Limits limits) {
        this(limits, KEPT_BYTES);
    }

    /** @param keptBytes files with more bytes of packets than this are read again for every clip */
    VideoReader(Limits limits, long keptBytes) {
        this(limits, keptBytes, Integer.MAX_VALUE);
    }

    private VideoReader(Limits limits, long keptBytes, int shortSide) {
        this.limits = limits;
        this.keptBytes = keptBytes;
        this.shortSide = shortSide;
    }

    /**
     * A reader with the default limits whose frames are scaled while they are decoded, so that clips of any resolution
     * take little memory; smaller ones stay as they are.
     *
     * @param shortSide of the frames in pixels, at most; the long side keeps the aspect, rounded
     */
    public static VideoReader scalingTo(int shortSide) {
        if (shortSide < 1) {
            throw new IllegalArgumentException("a short side of " + shortSide + " px must be at least 1");
        }
        return new VideoReader(Limits.DEFAULT, KEPT_BYTES, shortSide);
    }

    /**
     * Opens one video and lists its frames: from its packets where they tell, else by decoding them all once.
     *
     * @return to be closed by the caller
     * @throws UnreadableFile if there is no such file, no video in it, or one beyond the limits
     * @throws ClosedByInterruptException if the thread was interrupted
     */
    public Video open(Path file) throws IOException {
        return open(MediaSource.of(file));
    }

    /** As {@link #open(Path)}, of a file or of bytes in memory. */
    public Video open(MediaSource source) throws IOException {
        try {
            checkThatThereIsSomething(source);
            return Video.open(source, limits, keptBytes, shortSide);
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
            throw new UnreadableFile(
                    source, new Refused(Verdict.UNREADABLE, "could not be read: " + failed.getMessage(), failed));
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
        } else {
            size = ((MediaSource.InMemory) source).data().length;
        }
        if (size == 0) {
            throw new Refused(Verdict.EMPTY, "is empty");
        }
    }
}
