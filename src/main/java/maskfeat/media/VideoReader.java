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

/** Reads videos. One reader serves any number of threads. */
public final class VideoReader {
    /**
     * What a file may ask for.
     *
     * @param maxPixels width times height of a picture
     * @param maxFrames frames, and packets, of a file
     * @param deadline for each of opening a file and one call that decodes
     */
    public record Limits(long maxPixels, int maxFrames, Duration deadline) {
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
            if (deadline.isNegative() || deadline.isZero()) {
                throw new IllegalArgumentException("a deadline of " + deadline + " must be longer than nothing");
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

    // Two thirds of the bytes of a clip are kept in most data sets; films are not.
    private static final long KEPT_BYTES = 64L << 20;

    private final Limits limits;
    private final long keptBytes;

    /** A reader with the {@linkplain Limits#DEFAULT default limits}. */
    public VideoReader() {
        this(Limits.DEFAULT);
    }

    public VideoReader(Limits limits) {
        this(limits, KEPT_BYTES);
    }

    /** @param keptBytes files with more bytes of packets than this are read again for every clip */
    VideoReader(Limits limits, long keptBytes) {
        this.limits = limits;
        this.keptBytes = keptBytes;
    }

    /**
     * Opens one video.
     *
     * @throws UnreadableFile if there is no such file, no video in it, or one beyond the limits
     */
    public Video open(Path file) throws IOException {
        try {
            BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
            if (!found.isRegularFile()) {
                throw new Refused(Verdict.UNREADABLE, found.isDirectory() ? "is a directory" : "is not a regular file");
            }
            if (found.size() == 0) {
                throw new Refused(Verdict.EMPTY, "is empty");
            }
            return Video.open(file, limits, keptBytes);
        } catch (Refused refused) {
            throw new UnreadableFile(file, refused);
        } catch (NoSuchFileException gone) {
            throw new UnreadableFile(file, new Refused(Verdict.MISSING, "does not exist", gone));
        } catch (AccessDeniedException denied) {
            throw new UnreadableFile(
                    file, new Refused(Verdict.UNREADABLE, "may not be read: permission denied", denied));
        } catch (UnreadableFile | ClosedByInterruptException known) {
            throw known;
        } catch (IOException failed) {
            throw new UnreadableFile(
                    file, new Refused(Verdict.UNREADABLE, "could not be read: " + failed.getMessage(), failed));
        }
    }
}
