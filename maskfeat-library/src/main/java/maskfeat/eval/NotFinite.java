package maskfeat.eval;

/** A network that gives numbers which are not finite: its weights have grown beyond measure, or are damaged. */
public final class NotFinite extends IllegalArgumentException {
    /** @param what is not finite, such as the scores of an item */
    public NotFinite(String what) {
        super(what + " are not finite");
    }
}
