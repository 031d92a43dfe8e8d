package maskfeat.feature;

import com.fasterxml.jackson.annotation.JsonTypeName;

/**
 * The classes that a trained classifier sees in each cell, as probabilities: its last layer applied to each cell before
 * pooling.
 *
 * @param teacher the classifier
 * @param fit how its cells become tokens
 */
@JsonTypeName("pseudo-labels")
public record PseudoLabels(TeacherFile teacher, CellFit fit) implements TeacherTarget {
    /** Defaults of {@code kind: pseudo-labels}. */
    public static PseudoLabels defaults() {
        return new PseudoLabels(TeacherFile.NONE, CellFit.NEAREST);
    }

    @Override
    public PseudoLabels with(TeacherFile known) {
        return new PseudoLabels(known, fit);
    }

    @Override
    public String wants() {
        return "the classifier whose scores are predicted: a file of weights (ResNet-50, a vision transformer) or a run folder";
    }
}
