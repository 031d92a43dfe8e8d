package maskfeat.feature;

import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Settings of what is predicted for hidden tokens: one target, or several.
 *
 * <p>A new target is a record in a file of its own and one name in a {@code permits}: of {@link FeatureTarget.Config} where it
 * is a function of the pixels, of {@link TeacherTarget} where a frozen network makes it.
 */
public sealed interface TargetConfig permits SingleTarget, BothTargets {
    /** The targets that stand in these settings, in the order of their heads. */
    List<Weighted> parts();

    /**
     * Checks that these settings fit, without building anything.
     *
     * @param side of the input in pixels
     * @param patch side of a token in pixels
     * @throws IllegalArgumentException if they do not fit, naming the setting and what would do
     */
    void check(int side, int patch);

    /** The same with other frozen networks, as one whose file has been looked at. */
    TargetConfig withTeachers(UnaryOperator<TeacherTarget> known);

    /**
     * One of several targets.
     *
     * @param place where it stands among these settings, such as {@code second.first.}; empty for one alone
     * @param weight of its loss in the sum
     */
    record Weighted(String place, double weight, SingleTarget target) {
        /** Name of one of its settings, such as {@code task.target.second.teacher.file} of {@code teacher.file}. */
        public String setting(String key) {
            return "task.target." + place + key;
        }
    }
}
