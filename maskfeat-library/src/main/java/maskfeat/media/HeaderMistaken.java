package maskfeat.media;

import maskfeat.media.UnreadableFile.Verdict;

/** A packet is not what the header of its container let suppose, so that all packets have to be read. */
final class HeaderMistaken extends Refused {
    private static final long serialVersionUID = 1;

    HeaderMistaken() {
        super(
                Verdict.DAMAGED,
                "is damaged: its header lists other packets than it holds, or it has changed since it was opened");
    }
}
