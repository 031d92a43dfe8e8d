package maskfeat.media;

import java.io.IOException;
import maskfeat.disk.DamagedFile;
import maskfeat.media.UnreadableFile.Verdict;

/** Why bytes cannot be read as an image or a clip; the reader adds the file's name. */
class Refused extends Exception {
    private static final long serialVersionUID = 1;

    private final Verdict verdict;

    /** @param found continuation of a sentence that starts with the file's name */
    Refused(Verdict verdict, String found) {
        super(found);
        this.verdict = verdict;
    }

    Refused(Verdict verdict, String found, Throwable cause) {
        super(found, cause);
        this.verdict = verdict;
    }

    Verdict verdict() {
        return verdict;
    }

    /** Half a sentence about what failed below. */
    static String why(IOException failed) {
        return failed instanceof DamagedFile damaged ? damaged.found() : "could not be read: " + failed.getMessage();
    }

    static Refused truncated(String where) {
        return new Refused(Verdict.TRUNCATED, "is truncated: " + where);
    }

    static Refused damaged(String what) {
        return new Refused(Verdict.DAMAGED, "is damaged: " + what);
    }

    static Refused unsupported(String what) {
        return new Refused(Verdict.UNSUPPORTED, what);
    }
}
