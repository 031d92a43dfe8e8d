package maskfeat.foreign;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import maskfeat.model.Classifier;
import org.jspecify.annotations.Nullable;

/** What is written about a network beside its tensors. If several places tell the same fact, the first counts. */
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
     * A number and where it is written.
     *
     * @param where such as "cfg MVIT.DEPTH"
     */
    record Claim(long value, String where) {}

    /**
     * A multiple and where it is written.
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
    private String architecture = "";
    private String otherPooling = "";
    private @Nullable Preprocessing preprocessing;
    private final List<String> notes = new ArrayList<>();

    void add(Fact fact, long value, String where) {
        facts.putIfAbsent(fact, new Claim(value, where));
    }

    @Nullable Claim of(Fact fact) {
        return facts.get(fact);
    }

    /** Notes that the network computes something that ours do not. The text follows the path of the file. */
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

    /** Of each colour; empty if unknown. */
    List<Double> mean() {
        return mean;
    }

    /** Of each colour; empty if unknown. */
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

    /** Blocks after which is predicted; empty if unknown. */
    List<Integer> depths() {
        return depths;
    }

    void qStride(int block, int stride) {
        qStrides.put(block, stride);
    }

    /** Rows and columns from one query to the next, for blocks for which it is known. */
    SortedMap<Integer, Integer> qStrides() {
        return qStrides;
    }

    void pooling(Classifier.Pooling claimed) {
        if (pooling == null) {
            pooling = claimed;
        }
    }

    void pooledOtherwise(String why) {
        otherPooling = why;
    }

    /** Why classes are pooled as ours never are, which goes on where the file is named; empty if they are not. */
    String otherPooling() {
        return otherPooling;
    }

    Classifier.@Nullable Pooling pooling() {
        return pooling;
    }

    void mlpRatio(double ratio, String where) {
        if (mlpRatio == null) {
            mlpRatio = new Ratio(ratio, where);
        }
    }

    /** Hidden width of an MLP as a multiple of the width that it reads; null if unknown. */
    @Nullable Ratio mlpRatio() {
        return mlpRatio;
    }

    void preprocessing(Preprocessing said) {
        if (preprocessing == null) {
            preprocessing = said;
        }
    }

    /** How pictures are prepared; null if unknown. */
    @Nullable Preprocessing preprocessing() {
        return preprocessing;
    }

    /** Notes what must be known besides, a sentence. */
    void note(String what) {
        notes.add(what);
    }

    List<String> notes() {
        return notes;
    }

    void architecture(String name) {
        architecture = name;
    }

    /** timm's name of the network; empty if unknown. */
    String architecture() {
        return architecture;
    }

    void epsilon(double ofNorms) {
        epsilon = ofNorms;
    }

    /** What norms add to the variance; NaN if unknown. */
    double epsilon() {
        return epsilon;
    }
}
