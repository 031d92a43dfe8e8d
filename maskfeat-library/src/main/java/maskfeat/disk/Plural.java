package maskfeat.disk;

/** Counts in sentences. */
public final class Plural {
    private Plural() {}

    /** As in "1 image" and "2 images". */
    public static String of(long count, String noun) {
        return of(count, noun, noun + "s");
    }

    /** As in "1 person" and "2 people". */
    public static String of(long count, String one, String several) {
        return count + " " + (count == 1 ? one : several);
    }
}
