package maskfeat.media;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** A file that gives no picture; the message is one sentence that names the file and what was found in it. */
public final class UnreadableImage extends IOException {
    /** What is wrong with a file, as reports count it. */
    public enum Verdict {
        OK,
        MISSING,
        EMPTY,
        NOT_AN_IMAGE,
        /** A picture, of a kind that is not read here. */
        UNSUPPORTED,
        /** Ends before its last pixel. */
        TRUNCATED,
        /** Contradicts itself, fails a checksum or does not decode. */
        DAMAGED,
        /** Declares more pixels, or holds more bytes, than {@link ImageReader.Limits} allow. */
        TOO_LARGE,
        /** Not a regular file, no permission, or the disk failed. */
        UNREADABLE;

        /** The words for reports, such as {@code not an image}. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    private static final long serialVersionUID = 1;

    private final transient Path file;
    private final Verdict verdict;

    UnreadableImage(Path file, Refused refused) {
        super(file + " " + refused.getMessage(), refused);
        this.file = file;
        this.verdict = refused.verdict();
    }

    /** The file as it was asked for. */
    public Path file() {
        return file;
    }

    /** Never {@link Verdict#OK}. */
    public Verdict verdict() {
        return verdict;
    }
}
