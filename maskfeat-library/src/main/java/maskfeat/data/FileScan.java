package maskfeat.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import maskfeat.data.Scan.As;
import maskfeat.data.Scan.Facts;
import maskfeat.data.Scan.Finding;
import maskfeat.data.Scan.Kind;
import maskfeat.media.ImageReader;
import maskfeat.media.MediaSource;
import maskfeat.media.UnreadableFile;
import maskfeat.media.UnreadableFile.Verdict;
import maskfeat.media.Video;
import maskfeat.media.VideoReader;

/** Reads files one by one, to the last pixel and frame, and says of each whether it can be used. Thread-safe. */
public final class FileScan {
    /** What becomes of texts, sounds and the like, which are no fault of the data unless their names promise more. */
    private static final Set<String> NO_MEDIA = Stream.of(
                    Verdict.EMPTY, Verdict.NOT_AN_IMAGE, Verdict.NOT_A_VIDEO, Verdict.NO_VIDEO_STREAM)
            .map(Verdict::toString)
            .collect(Collectors.toUnmodifiableSet());

    private static final int SIGNATURE = 12; // bytes that tell all kinds of picture

    private final As as;
    private final VideoReader videos;
    private final ImageReader images = new ImageReader();

    /** @param deadline for each video */
    public FileScan(As as, Duration deadline) {
        VideoReader.Limits limits = VideoReader.Limits.DEFAULT;
        this.as = as;
        this.videos = new VideoReader(new VideoReader.Limits(limits.maxPixels(), limits.maxFrames(), deadline));
    }

    /** As {@link Scan#keepIndexesIn}. */
    void keepIndexesIn(Path folder, Consumer<String> notices) {
        videos.keepIndexesIn(folder, notices);
    }

    /** Whether somebody who looks for such files takes one of this name. */
    static boolean hasEnding(As as, Path file) {
        String ending = FolderWalk.ending(file);
        return as != As.VIDEOS && ImageDataset.ENDINGS.contains(ending)
                || as != As.IMAGES && VideoDataset.ENDINGS.contains(ending);
    }

    /** Looks at a file that somebody named. */
    Finding look(Item item) {
        return look(item, MediaSource.of(item.file()));
    }

    /**
     * Looks at the bytes of a file that somebody named.
     *
     * @param item whose file has the name with the ending; it is not opened
     * @param source its bytes, by the name that sentences begin with
     */
    public Finding look(Item item, MediaSource source) {
        boolean isImage =
                as == As.IMAGES || as == As.AUTO && startsAsImage(item.file(), source) && !isSeveralJpegs(item.file());
        if (isImage) {
            return image(item, source);
        }
        Finding video = video(item, source);
        // Text with the name of a picture is no picture rather than no video.
        boolean none = video.verdict().equals(Verdict.NOT_A_VIDEO.toString());
        return none && as == As.AUTO && VideoDataset.isImageOnly(ending(item)) ? image(item, source) : video;
    }

    /** What is to be said of a file that nobody named, but that lies in a folder with others: a text there is no fault. */
    public Finding unexpected(Finding finding) {
        return NO_MEDIA.contains(finding.verdict())
                        && !hasEnding(as, finding.item().file())
                ? new Finding(finding.item(), Scan.PASSED_OVER, Facts.UNKNOWN, finding.reason())
                : finding;
    }

    /** A raw MJPEG stream is one JPEG after the other, and begins as a picture does. */
    private static boolean isSeveralJpegs(Path file) {
        return List.of("mjpeg", "mjpg").contains(FolderWalk.ending(file));
    }

    private Finding image(Item item, MediaSource source) {
        try {
            return good(item, Facts.of(images.read(source)), ImageDataset.ENDINGS.contains(ending(item)), source);
        } catch (UnreadableFile bad) {
            return bad(item, bad, Facts.UNKNOWN);
        }
    }

    private Finding video(Item item, MediaSource source) {
        try (Video video = videos.open(source)) {
            Facts facts = Facts.of(Kind.VIDEO, video.info());
            try {
                video.decodeAll();
            } catch (UnreadableFile bad) {
                return bad(item, bad, startIsGood(video) ? facts : Facts.UNKNOWN);
            }
            return good(item, facts, VideoDataset.ENDINGS.contains(ending(item)), source);
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

    /** @param name what the sentence begins with */
    static Finding good(Item item, Facts facts, boolean named, Object name) {
        return named
                ? new Finding(item, Scan.OK, facts, "")
                : new Finding(
                        item,
                        Scan.WRONG_ENDING,
                        facts,
                        name + " can be read as " + (facts.kind() == Kind.IMAGE ? "an image" : "a video")
                                + ", but training looks only for the usual endings of these; rename it or use a list"
                                + " file");
    }

    static Finding bad(Item item, IOException bad, Facts facts) {
        Verdict verdict = bad instanceof UnreadableFile unreadable ? unreadable.verdict() : Verdict.DAMAGED;
        String reason = String.valueOf(bad.getMessage())
                + (facts.kind() == Kind.UNKNOWN ? "" : "; training uses clips of what is sound");
        return new Finding(item, verdict.toString(), facts, reason);
    }

    private static String ending(Item item) {
        return FolderWalk.ending(item.file());
    }

    private static boolean startsAsImage(Path file, MediaSource source) {
        if (source instanceof MediaSource.OfFile && (!Files.isRegularFile(file) || !Files.isReadable(file))) {
            return hasEnding(As.IMAGES, file); // whichever reader looks will say what is wrong
        }
        byte[] start;
        try {
            start = start(source);
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

    private static byte[] start(MediaSource source) throws IOException {
        if (source instanceof MediaSource.InMemory memory) {
            return Arrays.copyOf(memory.data(), Math.min(SIGNATURE, memory.data().length));
        }
        try (InputStream in = source instanceof MediaSource.OfChannel behind
                ? Channels.newInputStream(behind.opening().open())
                : Files.newInputStream(((MediaSource.OfFile) source).file())) {
            return in.readNBytes(SIGNATURE);
        }
    }
}
