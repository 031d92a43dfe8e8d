package maskfeat.feature;

import com.fasterxml.jackson.annotation.JsonTypeName;

/**
 * The discrete token that DALL-E's encoder gives to each cell, as BEiT predicts them. The encoder sees the crop of the
 * original at 8 px a token.
 *
 * @param teacher the encoder
 */
@JsonTypeName("tokens")
public record TokensTarget(TeacherFile teacher) implements TeacherTarget {
    /** Side in pixels of the encoder's cell. */
    public static final int CELL = 8;

    /** Defaults of {@code kind: tokens}. */
    public static TokensTarget defaults() {
        return new TokensTarget(TeacherFile.NONE);
    }

    @Override
    public TokensTarget with(TeacherFile known) {
        return new TokensTarget(known);
    }

    @Override
    public void check(int side, int patch) {
        TeacherTarget.super.check(side, patch);
        if (teacher.side() != null) {
            throw new IllegalArgumentException("task.target.teacher.side is " + teacher.side()
                    + ", and the encoder of kind tokens always sees " + CELL + " px a token; leave it out");
        }
    }

    @Override
    public String wants() {
        return "the encoder of DALL-E, encoder.pkl";
    }
}
