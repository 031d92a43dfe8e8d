package maskfeat.ablation;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * An order that the paper found.
 *
 * @param text what it says, such as {@code HOG over pixels}
 * @param upper name of the row that is ahead in the paper, or of one of two that are alike
 * @param lower name of the other
 * @param measure by which
 * @param kind how far apart they are in the paper
 */
public record Claim(String text, String upper, String lower, Measure measure, Kind kind) {
    /** Whether the paper sees a difference. */
    public enum Kind {
        /** The upper one is ahead. */
        OVER,
        /** The upper one is ahead or alike. */
        AT_LEAST,
        /** They are about alike. */
        ALIKE
    }

    /** What the figures say. */
    public enum Verdict {
        /** As in the paper. */
        SEEN("seen"),
        /** The difference is within the error. */
        NOT_TOLD_APART("not told apart"),
        /** The difference is within the error, where the paper has them alike; it proves less than a difference would. */
        NO_DIFFERENCE("no difference seen"),
        /** Against the paper. */
        OTHERWISE("not seen: the other way round"),
        /** The paper has them alike, here they differ. */
        DIFFERENT("not seen: they differ"),
        /** A row or a measure is missing. */
        NOT_RUN("not run"),
        /** One seed cannot tell. */
        ONE_SEED("one seed only");

        private final String words;

        Verdict(String words) {
            this.words = words;
        }

        /** In words. */
        public String words() {
            return words;
        }
    }

    /**
     * Compares the difference of the means of two rows with {@code sqrt(a^2 + b^2)} of their errors.
     *
     * @see MeanOfSeeds#error
     */
    public Verdict verdict(Map<String, Figures> rows) {
        Optional<MeanOfSeeds> a = of(upper, rows);
        Optional<MeanOfSeeds> b = of(lower, rows);
        if (a.isEmpty() || b.isEmpty()) {
            return Verdict.NOT_RUN;
        }
        MeanOfSeeds high = a.get();
        MeanOfSeeds low = b.get();
        if (high.seeds() < 2 || low.seeds() < 2) {
            return Verdict.ONE_SEED;
        }
        double difference = high.mean() - low.mean();
        boolean within = Math.abs(difference) <= Math.hypot(high.error(), low.error());
        if (kind == Kind.ALIKE) {
            return within ? Verdict.NO_DIFFERENCE : Verdict.DIFFERENT;
        }
        if (kind == Kind.AT_LEAST) {
            return within ? Verdict.NO_DIFFERENCE : difference > 0 ? Verdict.SEEN : Verdict.OTHERWISE;
        }
        return within ? Verdict.NOT_TOLD_APART : difference > 0 ? Verdict.SEEN : Verdict.OTHERWISE;
    }

    /** Such as {@code HOG over pixels, fine-tuned: seen (43.8 ± 2.4 against 30.1 ± 1.0)}. */
    public String sentence(Map<String, Figures> rows) {
        Optional<MeanOfSeeds> a = of(upper, rows);
        Optional<MeanOfSeeds> b = of(lower, rows);
        String figures = a.isEmpty() || b.isEmpty()
                ? ""
                : String.format(
                        Locale.ROOT, " (%s against %s)", a.get().text(), b.get().text());
        return text + ", " + measure.label() + ": " + verdict(rows).words() + figures;
    }

    /** Whether only one of the two rows was measured. */
    boolean isHalf(Map<String, Figures> rows) {
        return of(upper, rows).isPresent() != of(lower, rows).isPresent();
    }

    private Optional<MeanOfSeeds> of(String row, Map<String, Figures> rows) {
        return rows.getOrDefault(row, Figures.none()).of(measure);
    }
}
