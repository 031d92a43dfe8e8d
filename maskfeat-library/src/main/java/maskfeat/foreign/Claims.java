package maskfeat.foreign;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import maskfeat.model.Classifier;
import org.jspecify.annotations.Nullable;

/** What is written about a network beside its tensors. What several places say counts as the first says it. */
final class Claims {
    /** A number that says how a network is built. */
    enum Fact {
        HEADS("heads"),
        DEPTH("blocks"),
        DIM("width"),
        PATCH("patch"),
        CUBE_FRAMES("frames a cube"),
        SIDE("side"),
        FRAMES("frames"),
        STRIDE_FRAMES("frames from one to the next"),
        CLASSES("classes"),
        CLASS_TOKEN("class tokens"),
        WIDEN_IN_ATTENTION("widening in attention"),
        KV_STRIDE("stride of the first keys"),
        HIDDEN_DIM("hidden width of the MLP");

        private final String title;

        Fact(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }
    }

    /**
     * A number and who says so.
     *
     * @param where such as "cfg MVIT.DEPTH"
     */
    record Claim(long value, String where) {}

    /**
     * A multiple and who says so.
     *
     * @param where such as "cfg MVIT.MLP_RATIO"
     */
    record Ratio(double value, String where) {}

    private final Map<Fact, Claim> facts = new EnumMap<>(Fact.class);
    private final List<String> refusals = new ArrayList<>();
    private List<Double> mean = List.of();
    private List<Double> std = List.of();
    private List<String> classNames = List.of();
    private List<Integer> depths = List.of();
    private final SortedMap<Integer, Integer> qStrides = new TreeMap<>();
    private Classifier.@Nullable Pooling pooling;
    private @Nullable Ratio mlpRatio;
    private double epsilon = Double.NaN;

    void add(Fact fact, long value, String where) {
        facts.putIfAbsent(fact, new Claim(value, where));
    }

    @Nullable Claim of(Fact fact) {
        return facts.get(fact);
    }

    /** Says that the network computes something which ours do not; goes on where the path of the file ends. */
    void refuse(String why) {
        refusals.add(why);
    }

    List<String> refusals() {
        return refusals;
    }

    void colours(List<Double> ofMean, List<Double> ofStd) {
        if (mean.isEmpty() && ofMean.size() == 3 && ofStd.size() == 3) {
            mean = ofMean;
            std = ofStd;
        }
    }

    /** Of each colour; empty where it is not said. */
    List<Double> mean() {
        return mean;
    }

    /** Of each colour; empty where it is not said. */
    List<Double> std() {
        return std;
    }

    void classNames(List<String> names) {
        if (classNames.isEmpty()) {
            classNames = names;
        }
    }

    List<String> classNames() {
        return classNames;
    }

    void depths(List<Integer> blocks) {
        depths = blocks;
    }

    /** Blocks after which is predicted; empty where it is not said. */
    List<Integer> depths() {
        return depths;
    }

    void qStride(int block, int stride) {
        qStrides.put(block, stride);
    }

    /** Rows and columns from one query to the next, for blocks of which it is said. */
    SortedMap<Integer, Integer> qStrides() {
        return qStrides;
    }

    void pooling(Classifier.Pooling said) {
        if (pooling == null) {
            pooling = said;
        }
    }

    Classifier.@Nullable Pooling pooling() {
        return pooling;
    }

    void mlpRatio(double ratio, String where) {
        if (mlpRatio == null) {
            mlpRatio = new Ratio(ratio, where);
        }
    }

    /** Hidden width of an MLP as a multiple of the width that it reads; null where it is not said. */
    @Nullable Ratio mlpRatio() {
        return mlpRatio;
    }

    void epsilon(double ofNorms) {
        epsilon = ofNorms;
    }

    /** What norms add to the variance; NaN where it is not said. */
    double epsilon() {
        return epsilon;
    }
}
