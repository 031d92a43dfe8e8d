package maskfeat.media;

import java.io.IOException;
import java.util.Locale;

/** A file cannot be read as an image or a clip. The message names the file and what was found. */
public final class UnreadableFile extends IOException {
    /** The kinds of problems, as reports count them. */
    public enum Verdict {
        OK,
        MISSING,
        EMPTY,
        NOT_AN_IMAGE,
        NOT_A_VIDEO,
        /** A media file without video, such as a sound recording. */
        NO_VIDEO_STREAM,
        /** An image or video in a format that is not supported. */
        UNSUPPORTED,
        /** Ends before its last pixel or frame. */
        TRUNCATED,
        /** Contradicts itself, fails a checksum or does not decode. */
        DAMAGED,
        /** Declares more pixels, or holds more bytes, than {@link ImageReader.Limits} allow. */
        TOO_LARGE,
        /** Was not read within the deadline. */
        TOO_SLOW,
        /** Not a regular file, no permission, or the disk failed. */
        UNREADABLE;

        /** Its text in reports, such as {@code not an image}. */
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

    /** The source that could not be read. */
    public MediaSource source() {
        return source;
    }

    /** Never {@link Verdict#OK}. */
    public Verdict verdict() {
        return verdict;
    }
}
