package maskfeat.feature;

import java.util.function.UnaryOperator;

/**
 * What a frozen image network says of the picture that a token stands for: of the intact frame, after the same crop and flip
 * as the student's. Made on the training thread, a batch at a time.
 */
public sealed interface TeacherTarget extends SingleTarget, Target permits FeaturesTarget, TokensTarget, PseudoLabels {
    /** The frozen network. */
    TeacherFile teacher();

    /** Whether a network is run at all; files may say what one said. */
    default boolean hasNetwork() {
        return true;
    }

    /** The same with what was found in the network's file. */
    TeacherTarget with(TeacherFile known);

    /** What it needs, for messages: as in "the network whose features are predicted". */
    String wants();

    @Override
    default TeacherTarget withTeachers(UnaryOperator<TeacherTarget> known) {
        return known.apply(this);
    }

    @Override
    default String name() {
        return kind();
    }

    /** @throws IllegalStateException until the file has been looked at */
    @Override
    default int dim() {
        Integer width = teacher().width();
        if (width == null) {
            throw new IllegalStateException("the width of the teacher is not known yet; look at its file first");
        }
        return width;
    }

    @Override
    default int dim(int patch) {
        return dim();
    }

    /** Refuses nothing: the file is asked for when a run begins, so that settings can be shown and explained before. */
    @Override
    default void check(int side, int patch) {}
}
