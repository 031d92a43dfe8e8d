package maskfeat.feature;

/** What a head predicts for a hidden token. */
public sealed interface Target permits FeatureTarget, TeacherTarget {
    /** Its name in settings, such as {@code hog}. */
    String name();

    /** Number of outputs of the head per token. */
    int dim();
}
