package maskfeat.settings;

import java.util.Optional;

/**
 * A whole number, or the word {@code auto}: then the program decides, and the number is what it begins from, the one that would
 * stand there without the word, such as the recipe's. As {@code auto 32} the word brings it along.
 *
 * @param number what to begin from where it is {@code auto}; 0 where there is none
 */
public record NumberOrAuto(int number, boolean isAuto) {
    static final String AUTO = "auto";

    /** This number. */
    public static NumberOrAuto of(int number) {
        return new NumberOrAuto(number, false);
    }

    /** The word, alone or with a number behind it; empty for other text. */
    static Optional<NumberOrAuto> word(String text) {
        if (text.equals(AUTO)) {
            return Optional.of(new NumberOrAuto(0, true));
        }
        return text.matches(AUTO + " [1-9][0-9]{0,8}")
                ? Optional.of(new NumberOrAuto(Integer.parseInt(text.substring(AUTO.length() + 1)), true))
                : Optional.empty();
    }

    /** The word alone takes the number that stood there before. */
    NumberOrAuto over(NumberOrAuto before) {
        return isAuto && number == 0 ? new NumberOrAuto(before.number, true) : this;
    }

    /** As files have it. */
    @Override
    public String toString() {
        if (!isAuto) {
            return Integer.toString(number);
        }
        return number == 0 ? AUTO : AUTO + " " + number;
    }
}
