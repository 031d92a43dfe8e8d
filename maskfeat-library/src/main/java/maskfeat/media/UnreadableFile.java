package maskfeat.media;

import java.io.IOException;
import java.util.Locale;

/** A file that gives no picture or clip; the message is one sentence that names the file and what was found in it. */
public final class UnreadableFile extends IOException {
    /** What is wrong with a file, as reports count it. */
    public enum Verdict {
        OK,
        MISSING,
        EMPTY,
        NOT_AN_IMAGE,
        NOT_A_VIDEO,
        /** A recording of sound alone, or the like: a media file without moving pictures. */
        NO_VIDEO_STREAM,
        /** A picture or video, of a kind that is not read here. */
        UNSUPPORTED,
        /** Ends before its last pixel or frame. */
        TRUNCATED,
        /** Contradicts itself, fails a checksum or does not decode. */
        DAMAGED,
        /** Declares more pixels, or holds more bytes, than {@link ImageReader.Limits} allow. */
        TOO_LARGE,
        /** Was not through when its time was up. */
        TOO_SLOW,
        /** Not a regular file, no permission, or the disk failed. */
        UNREADABLE;

        /** The words for reports, such as {@code not an image}. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    private static final long serialVersionUID = 1;

    private final transient MediaSource source;
    private final Verdict verdict;

    UnreadableFile(MediaSource source, Refused refused) {
        super(source + " " + refused.getMessage(), refused);
        this.source = source;
        this.verdict = refused.verdict();
    }

    /** What was to be read. */
    public MediaSource source() {
        return source;
    }

    /** Never {@link Verdict#OK}. */
    public Verdict verdict() {
        return verdict;
    }
}
