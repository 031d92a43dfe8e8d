package maskfeat.feature;

import com.fasterxml.jackson.annotation.JsonTypeName;

/**
 * Features of a frozen network: the last stage of a ResNet, or the tokens of a vision transformer after its last norm
 * (Wei et al. 2022, section 3.1).
 *
 * @param teacher the frozen network
 * @param fit how its cells become tokens
 * @param loss distance of the predicted from the teacher's feature
 */
@JsonTypeName("features")
public record FeaturesTarget(TeacherFile teacher, CellFit fit, Distance loss) implements TeacherTarget {
    /** Distance of two features p and t; p' and t' are scaled to unit length. Each is a mean over the hidden tokens. */
    public enum Distance {
        /** {@code sum (p' - t')^2 = 2 - 2 cos}: the usual. */
        SQUARED,
        /** {@code 1 - cos}. */
        COSINE,
        /** {@code mean (p' - t')^2} over the numbers as well, {@code (2 - 2 cos) / width}. */
        MSE,
        /** {@code mean (p - t')^2} over the numbers as well: the prediction keeps its length. */
        MSE_TEACHER_ONLY
    }

    /** Defaults of {@code kind: features}. */
    public static FeaturesTarget defaults() {
        return new FeaturesTarget(TeacherFile.NONE, CellFit.NEAREST, Distance.SQUARED);
    }

    @Override
    public FeaturesTarget with(TeacherFile known) {
        return new FeaturesTarget(known, fit, loss);
    }

    @Override
    public String wants() {
        return "the network whose features are predicted: a file of weights (ResNet-50, a vision transformer) or a run folder";
    }
}
