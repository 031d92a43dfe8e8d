package maskfeat.spark;

import java.io.IOException;
import java.util.List;
import maskfeat.media.UnreadableFile;
import maskfeat.media.UnreadableFile.Verdict;

/** What rows say of files, in a word or two: as scans do, and one more. */
final class Verdicts {
    static final String OK = Verdict.OK.toString();

    /** The process that decoded the file apart died of it. */
    static final String CRASHED = "crashed";

    /** What may have been a passing fault of the network, the disk or the machine: such files are done again by the next job. */
    static final List<String> PASSING =
            List.of(Verdict.MISSING.toString(), Verdict.UNREADABLE.toString(), Verdict.TOO_SLOW.toString(), CRASHED);

    private Verdicts() {}

    static String of(IOException bad) {
        if (bad instanceof UnreadableFile unreadable) {
            return unreadable.verdict().toString();
        }
        if (bad instanceof DecoderApart.RefusedApart refused) {
            return refused.verdict();
        }
        return (bad instanceof DecoderApart.DecoderDied ? CRASHED : Verdict.DAMAGED.toString());
    }
}
