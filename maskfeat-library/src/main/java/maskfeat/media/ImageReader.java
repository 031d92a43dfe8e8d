package maskfeat.media;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import maskfeat.media.UnreadableFile.Verdict;

/**
 * Reads images: JPEG, PNG, WebP, GIF, BMP, TIFF, HEIC, AVIF and the PNM family.
 *
 * <p>The first bytes decide the format, not the name. The pixels are those of Pillow's
 * {@code ImageOps.exif_transpose(image).convert("RGB")} with transparency blended over white:
 *
 * <ul>
 *   <li>the Exif orientation is undone (JPEG, PNG eXIf, WebP, TIFF; one stated in XMP only is not); HEIC and AVIF
 *       are turned, mirrored and cropped as their own properties say;
 *   <li>gray is repeated in all three channels, palettes are looked up, transparency (alpha or PNG tRNS) is blended
 *       over white;
 *   <li>samples of more than 8 bits keep their high 8 bits ({@code v >> 8} of 16), unlike Pillow, which clips gray
 *       ones;
 *   <li>four inks become RGB without a profile; colour profiles and gamma are ignored;
 *   <li>only the first image of an animation or multi-page file is read.
 * </ul>
 *
 * <p>An image is returned complete or not at all: a file with missing pixels or a wrong checksum is truncated or
 * damaged, even if other readers fill the rest with grey. Only a missing end mark after complete data is accepted (JPEG
 * of one scan, PNG, GIF).
 *
 * <p>Sizes are checked in the file's header before memory is allocated, and decoders get only the data of the image
 * itself. Thread-safe.
 */
public final class ImageReader {
    /**
     * Limits on the size of files and images.
     *
     * @param maxPixels largest width times height
     * @param maxFileBytes largest size of a file, which is read whole into memory; at most 2^31 - 17
     */
    public record Limits(long maxPixels, long maxFileBytes) {
        // Pillow rejects images beyond twice its MAX_IMAGE_PIXELS of 2^30 / 4 / 3.
        private static final long PILLOW_PIXELS = 178_956_970;
        private static final long HALF_A_GIBIBYTE = 1L << 29;

        /** A decoder has the picture twice, and other threads have theirs. */
        private static final int SHARE_OF_HEAP = 3;

        // Frames hold three bytes per pixel in one array, and some virtual machines reserve a few indices.
        private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 16;

        public Limits {
            if (maxPixels < 1 || maxPixels > LARGEST_ARRAY / Frames.CHANNELS) {
                throw new IllegalArgumentException(
                        "maxPixels " + maxPixels + " must lie between 1 and " + LARGEST_ARRAY / Frames.CHANNELS);
            }
            if (maxFileBytes < 1 || maxFileBytes > LARGEST_ARRAY) {
                throw new IllegalArgumentException(
                        "maxFileBytes " + maxFileBytes + " must lie between 1 and " + LARGEST_ARRAY);
            }
        }

        /** 178 956 970 pixels, as Pillow, and 512 MiB. */
        public static Limits standard() {
            return new Limits(PILLOW_PIXELS, HALF_A_GIBIBYTE);
        }

        void check(long width, long height) throws Refused {
            if (width < 1 || height < 1) {
                throw Refused.damaged("it declares " + width + " x " + height + " pixels");
            }
            if (width > maxPixels / height) {
                throw new Refused(
                        Verdict.TOO_LARGE,
                        "declares " + width + " x " + height + " pixels; " + maxPixels + " are allowed");
            }
            long bytes = Frames.CHANNELS * width * height;
            long heap = Runtime.getRuntime().maxMemory();
            if (bytes > heap / SHARE_OF_HEAP) {
                throw new Refused(
                        Verdict.TOO_LARGE,
                        "declares " + width + " x " + height + " pixels, which take " + (bytes >> 20)
                                + " MiB of a Java heap of " + (heap >> 20)
                                + " MiB; make the picture smaller or the heap larger (-Xmx)");
            }
        }
    }

    private final Limits limits;

    /** A reader with the {@linkplain Limits#standard() standard limits}. */
    public ImageReader() {
        this(Limits.standard());
    }

    public ImageReader(Limits limits) {
        this.limits = limits;
    }

    /**
     * Reads one image.
     *
     * @return one frame, upright
     * @throws UnreadableFile if the file is missing, not an image, incomplete, damaged or beyond the limits
     */
    public Frames read(Path file) throws UnreadableFile {
        return read(MediaSource.of(file));
    }

    /** As {@link #read(Path)}, from a file, from bytes in memory or behind a channel. */
    public Frames read(MediaSource source) throws UnreadableFile {
        try {
            Still still = decode(bytes(source));
            return Orientation.upright(still.frames(), still.orientation());
        } catch (Refused refused) {
            throw new UnreadableFile(source, refused);
        } catch (OutOfMemoryError full) {
            throw named(source, full);
        }
    }

    /** The same error with the file that was being read, which is the first thing to look at. */
    static OutOfMemoryError named(MediaSource source, OutOfMemoryError full) {
        OutOfMemoryError named = new OutOfMemoryError("while " + source + " was read: " + full.getMessage());
        named.initCause(full);
        return named;
    }

    private byte[] bytes(MediaSource source) throws Refused {
        if (source instanceof MediaSource.InMemory memory) {
            check(memory.data().length);
            return notEmpty(memory.data());
        }
        try {
            return notEmpty(
                    source instanceof MediaSource.OfChannel behind
                            ? bytes(behind)
                            : bytes(((MediaSource.OfFile) source).file()));
        } catch (NoSuchFileException gone) {
            throw new Refused(Verdict.MISSING, "does not exist", gone);
        } catch (AccessDeniedException denied) {
            throw new Refused(Verdict.UNREADABLE, "may not be read: permission denied", denied);
        } catch (IOException failed) {
            throw new Refused(Verdict.UNREADABLE, Refused.why(failed), failed);
        }
    }

    private byte[] bytes(MediaSource.OfChannel behind) throws Refused, IOException {
        check(behind.size());
        try (InputStream in = Channels.newInputStream(behind.opening().open())) {
            return in.readNBytes((int) limits.maxFileBytes());
        }
    }

    private void check(long size) throws Refused {
        if (size > limits.maxFileBytes()) {
            throw new Refused(Verdict.TOO_LARGE, "is " + size + " bytes; " + limits.maxFileBytes() + " are allowed");
        }
    }

    private static byte[] notEmpty(byte[] data) throws Refused {
        if (data.length == 0) {
            throw new Refused(Verdict.EMPTY, "is empty");
        }
        return data;
    }

    private byte[] bytes(Path file) throws Refused, IOException {
        // Pipes and devices may never end, so they are not opened.
        BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
        if (!found.isRegularFile()) {
            throw new Refused(Verdict.UNREADABLE, found.isDirectory() ? "is a directory" : "is not a regular file");
        }
        check(found.size());
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes((int) limits.maxFileBytes());
        }
    }

    private Still decode(byte[] data) throws Refused {
        return switch (ImageFormat.of(data)) {
            case JPEG -> Jpeg.decode(data, limits);
            case PNG -> Png.decode(data, limits);
            case GIF -> Gif.decode(data, limits);
            case WEBP -> WebP.decode(data, limits);
            case BMP -> Bmp.decode(data, limits);
            case TIFF -> Tiff.decode(data, limits);
            case PNM -> Pnm.decode(data, limits);
            case HEIF -> Heif.decode(data, limits);
        };
    }
}
