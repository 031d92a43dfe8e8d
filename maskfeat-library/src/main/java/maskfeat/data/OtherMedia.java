package maskfeat.data;

import maskfeat.disk.Plural;

/** A folder or list that holds images alone where videos are wanted, or the other way round. */
public final class OtherMedia extends DatasetException {
    private final boolean images;

    private OtherMedia(String message, boolean images) {
        super(message);
        this.images = images;
    }

    /** @param found what was looked for and where, as the beginning of a sentence */
    static OtherMedia images(String found, int images) {
        return new OtherMedia(found + "; it has " + Plural.of(images, "image"), true);
    }

    /** @param found what was looked for and where, as the beginning of a sentence */
    static OtherMedia videos(String found, int videos) {
        return new OtherMedia(found + "; it has " + Plural.of(videos, "video"), false);
    }

    /** Whether images are there and videos are wanted. */
    public boolean hasImages() {
        return images;
    }

    /** The same with what is to be done about it. */
    public OtherMedia with(String advice) {
        OtherMedia advised = new OtherMedia(getMessage() + advice, images);
        advised.initCause(this);
        return advised;
    }
}
