package maskfeat.boxes;

/** What may be odd about rows of boxes without making their file useless. */
public enum Oddity {
    SECOND_OUTSIDE("has a second outside of the annotated part", "have a second outside of the annotated part", true),
    UNLISTED_VIDEO("is of a video that is not listed", "are of videos that are not listed", true),
    LOW_SCORE("has a score below the threshold", "have a score below the threshold", true),
    LABEL_OUTSIDE("has a class outside of those there can be", "have a class outside of those there can be", true),
    UNKNOWN_NAME("has a class that the label map does not name", "have a class that the label map does not name", true),
    NOT_EVALUATED(
            "has a class that the label map does not name", "have a class that the label map does not name", false),
    EXCLUDED("is at an excluded moment", "are at excluded moments", true),
    NO_LABEL("has no class", "have no class", false),
    NOT_MEASURED("has no class", "have no class", true),
    OUTSIDE_FRAME("has a box that reaches outside of its frame", "have boxes that reach outside of their frame", false),
    DEGENERATE("has a box without width or height", "have boxes without width or height", false),
    DUPLICATE("says what another said", "say what others said", false),
    VIDEO_WITHOUT_BOXES("of the listed videos has no boxes", "of the listed videos have no boxes", true);

    private final String one;
    private final String many;
    private final boolean skipped;

    Oddity(String one, String many, boolean skipped) {
        this.one = one;
        this.many = many;
        this.skipped = skipped;
    }

    /** Whether such rows were left out; others are used as they are. */
    public boolean isSkipped() {
        return skipped;
    }

    /** Goes on where a number of rows, or of videos, ends. */
    String said(long count) {
        return count == 1 ? one : many;
    }
}
