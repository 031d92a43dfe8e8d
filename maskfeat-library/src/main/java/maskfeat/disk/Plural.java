package maskfeat.disk;

/** Counts in sentences. */
public final class Plural {
    private Plural() {}

    /** As in "1 image" and "2 images". */
    public static String of(long count, String noun) {
        return of(count, noun, noun + "s");
    }

    /** As in "1 image" and "2 images", of a noun that stands in the plural. */
    public static String ofMany(long count, String nouns) {
        return of(count, nouns.endsWith("s") ? nouns.substring(0, nouns.length() - 1) : nouns, nouns);
    }

    /** As in "1 person" and "2 people". */
    public static String of(long count, String one, String several) {
        return count + " " + (count == 1 ? one : several);
    }
}
