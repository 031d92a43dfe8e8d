package maskfeat.feature;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Several targets at once, each with a head and a loss of its own; the losses are added. Three are two of which one is two:
 * {@code second.kind=both}.
 *
 * @param first what is predicted
 * @param firstWeight of the loss of the first in the sum
 * @param second what is predicted as well
 * @param secondWeight of the loss of the second in the sum
 */
@JsonTypeName("both")
public record BothTargets(TargetConfig first, double firstWeight, TargetConfig second, double secondWeight)
        implements TargetConfig {
    public BothTargets {
        checkWeight("first-weight", firstWeight);
        checkWeight("second-weight", secondWeight);
    }

    private static void checkWeight(String name, double weight) {
        if (!(weight > 0) || Double.isInfinite(weight)) {
            throw new IllegalArgumentException(
                    name + " " + weight + " must be above 0; leave a target out to give it no weight");
        }
    }

    /** Defaults of {@code kind: both}: the paper's HOG and pixels, with equal weights. */
    public static BothTargets defaults() {
        return new BothTargets(HogTarget.Config.paper(), 1, PixelTarget.Config.defaults(), 1);
    }

    @Override
    public List<Weighted> parts() {
        return Stream.concat(under("first.", firstWeight, first), under("second.", secondWeight, second))
                .toList();
    }

    private static Stream<Weighted> under(String place, double weight, TargetConfig target) {
        return target.parts().stream()
                .map(part -> new Weighted(place + part.place(), weight * part.weight(), part.target()));
    }

    @Override
    public BothTargets withTeachers(UnaryOperator<TeacherTarget> known) {
        return new BothTargets(first.withTeachers(known), firstWeight, second.withTeachers(known), secondWeight);
    }

    @Override
    public void check(int side, int patch) {
        first.check(side, patch);
        second.check(side, patch);
    }
}
