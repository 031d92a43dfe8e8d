package maskfeat.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Formats numbers, identically on every machine and Java version. */
final class Numbers {
    /** Nine digits distinguish any two floats. */
    private static final int FLOAT_DIGITS = 9;

    private static final int PLAIN_ZEROS = 15;

    private Numbers() {}

    /**
     * The shortest decimal that reads back as the same float, valid in JSON; the word {@code null} if not finite.
     *
     * <p>Not {@link Float#toString(float)}, which before Java 19 writes some numbers longer than necessary, so files
     * would depend on the Java version.
     */
    static String shortest(double value) {
        float single = (float) value;
        if (!Float.isFinite(single)) {
            return "null";
        }
        if (single == 0) {
            return "0";
        }
        BigDecimal exact = new BigDecimal(single);
        BigDecimal text = exact;
        for (int digits = 1; digits <= FLOAT_DIGITS; digits++) {
            text = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
            if (text.floatValue() == single) {
                break;
            }
        }
        text = text.stripTrailingZeros();
        return text.scale() < 0 && text.precision() - text.scale() <= PLAIN_ZEROS
                ? text.toPlainString()
                : text.toString();
    }

    /** The same as a number for Jackson; null if not finite. */
    static @Nullable BigDecimal json(double value) {
        return Float.isFinite((float) value) ? new BigDecimal(shortest(value)) : null;
    }

    /** A loss, with four decimals where they are significant. */
    static String loss(double value) {
        double size = Math.abs(value);
        if (!Double.isFinite(value) || value == 0) {
            return Double.isFinite(value) ? "0" : Double.toString(value);
        }
        return format(size < 0.01 || size >= 1e6 ? "%.2e" : size < 100 ? "%.4f" : "%.1f", value);
    }

    /** A rate, with two or three digits. */
    static String rate(double value) {
        double size = Math.abs(value);
        return format(size < 1 ? "%.2f" : size < 10 ? "%.1f" : "%.0f", value);
    }

    /** A learning rate, never {@code 0.00000}. */
    static String scientific(double value) {
        return format("%.2e", value);
    }

    /** {@code 45s}, {@code 2m10s}, {@code 3h05m}, {@code 2d04h}. */
    static String duration(double seconds) {
        long s = Math.round(seconds);
        if (s < 60) {
            return s + "s";
        }
        if (s < 3600) {
            return format("%dm%02ds", s / 60, s % 60);
        }
        long minutes = Math.round(seconds / 60);
        if (minutes < 24 * 60) {
            return format("%dh%02dm", minutes / 60, minutes % 60);
        }
        long hours = Math.round(seconds / 3600);
        return format("%dd%02dh", hours / 24, hours % 24);
    }

    /** {@code 640 ms}, {@code 2.1 s}, {@code 45 s}, {@code 8 min}, {@code 3 h 20 min}. */
    static String words(double seconds) {
        if (seconds < 1) {
            return format("%.0f ms", 1000 * seconds);
        }
        if (seconds < 100) {
            return format(seconds < 10 ? "%.1f s" : "%.0f s", seconds);
        }
        long minutes = Math.round(seconds / 60);
        return minutes < 100 ? minutes + " min" : format("%d h %d min", minutes / 60, minutes % 60);
    }

    /** A time in a video: {@code 1:05}, {@code 1:05.5}, {@code 1:00:05}. */
    static String clock(double second) {
        long tenths = Math.round(Math.abs(second) * 10);
        long s = tenths / 10;
        String text =
                s < 3600 ? format("%d:%02d", s / 60, s % 60) : format("%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
        return (second < 0 && tenths > 0 ? "-" : "") + text + (tenths % 10 == 0 ? "" : "." + tenths % 10);
    }

    static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
