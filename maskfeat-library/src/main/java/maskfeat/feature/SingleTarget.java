package maskfeat.feature;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.List;

/** Settings of one target, which has one head and one loss. */
public sealed interface SingleTarget extends TargetConfig permits FeatureTarget.Config, TeacherTarget {
    /**
     * Number of outputs per token that the head has, without building anything.
     *
     * @param patch side of a token in pixels
     */
    int dim(int patch);

    /** Its name in settings, such as {@code hog}. */
    default String kind() {
        return requireNonNull(getClass().getAnnotation(JsonTypeName.class)).value();
    }

    @Override
    default List<Weighted> parts() {
        return List.of(new Weighted("", 1, this));
    }
}
