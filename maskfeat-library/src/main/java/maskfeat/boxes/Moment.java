package maskfeat.boxes;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * When in a video: a second or a frame. Two are equal if their numbers are, so 902 is 0902 and 902.0.
 *
 * @param unit what is counted
 * @param value the number
 * @param text the number as it was written
 */
public record Moment(Unit unit, BigDecimal value, String text) implements Comparable<Moment> {
    /** What is counted. */
    public enum Unit {
        /** Seconds since the video's beginning, or of the film that it was cut from. */
        SECOND,
        /** Frames, from the number that the file begins with. */
        FRAME
    }

    private static final Pattern NUMBER = Pattern.compile("[+-]?\\d{1,12}(\\.\\d{0,12})?");

    /** A second; decimals are kept exactly. */
    public static Moment second(String text) {
        return new Moment(Unit.SECOND, new BigDecimal(text), text);
    }

    /** A frame by its number. */
    public static Moment frame(long number) {
        return new Moment(Unit.FRAME, BigDecimal.valueOf(number), Long.toString(number));
    }

    /** The text as a moment; null if it is no plain number, or no whole one where frames are counted. */
    static @Nullable Moment parse(Unit unit, String text) {
        if (!NUMBER.matcher(text).matches()) {
            return null;
        }
        Moment parsed = new Moment(unit, new BigDecimal(text), text);
        return unit == Unit.FRAME && !parsed.isWhole() ? null : parsed;
    }

    /** Whether the number has no fraction. */
    public boolean isWhole() {
        return value.signum() == 0 || value.stripTrailingZeros().scale() <= 0;
    }

    /** As AVA names it after the video: whole numbers with four digits, others without needless zeros. */
    public String key() {
        return isWhole()
                ? String.format(Locale.ROOT, "%04d", value.longValue())
                : value.stripTrailingZeros().toPlainString();
    }

    @Override
    public int compareTo(Moment other) {
        int byUnit = unit.compareTo(other.unit);
        return byUnit != 0 ? byUnit : value.compareTo(other.value);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Moment moment && compareTo(moment) == 0;
    }

    @Override
    public int hashCode() {
        return value.signum() == 0 ? 0 : value.stripTrailingZeros().hashCode();
    }
}
