package maskfeat.settings;

/**
 * A whole number, or the word {@code auto}: then the program decides, and the number is the one that would stand there without the
 * word, such as the recipe's.
 *
 * @param number what to begin from where it is {@code auto}; 0 where there is none
 */
public record NumberOrAuto(int number, boolean isAuto) {
    static final String AUTO = "auto";

    /** This number. */
    public static NumberOrAuto of(int number) {
        return new NumberOrAuto(number, false);
    }

    /** The word, over what stood there before. */
    NumberOrAuto over(NumberOrAuto before) {
        return isAuto ? new NumberOrAuto(before.number, true) : this;
    }

    /** As files have it. */
    @Override
    public String toString() {
        return isAuto ? AUTO : Integer.toString(number);
    }
}
