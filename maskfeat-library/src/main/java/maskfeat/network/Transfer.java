package maskfeat.network;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import maskfeat.disk.Plural;
import maskfeat.mask.Grid;
import maskfeat.model.Positions;
import maskfeat.weights.TensorFile;
import maskfeat.weights.WeightsMismatch;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What became of the weights of one network in another, name by name: the rules are SlowFast's (checkpoint.py), and
 * absolute positions of another size are resized where the official code leaves them random.
 *
 * @param loaded as they are
 * @param resized positions of another size
 * @param fresh weights of the network that begin at random: nothing in the file is for them
 * @param ignored in the file and not in the network, or of a head that begins anew
 */
public record Transfer(List<String> loaded, List<Resized> resized, List<String> fresh, List<String> ignored) {
    private static final Pattern RELATIVE = Pattern.compile(".*\\.rel_pos_[hwt]");
    private static final String ABSOLUTE = "pos_embed";

    /**
     * Positions that were brought to another size.
     *
     * @param from shape in the file
     * @param to shape in the network
     */
    public record Resized(String name, List<Long> from, List<Long> to) {
        @Override
        public String toString() {
            return name + " " + from + " to " + to;
        }
    }

    public Transfer {
        loaded = List.copyOf(loaded);
        resized = List.copyOf(resized);
        fresh = List.copyOf(fresh);
        ignored = List.copyOf(ignored);
    }

    /** Nothing was carried over: training from scratch. */
    public static Transfer none(Map<String, Tensor> network) {
        return new Transfer(List.of(), List.of(), List.copyOf(network.keySet()), List.of());
    }

    /**
     * Puts weights into a network. All are compared before any is changed.
     *
     * @param to what the network is. Where the weights are for the same head, it is taken over too; else it begins anew
     * @throws WeightsMismatch if a weight of the backbone is missing or has another shape: a network that silently begins
     *     at random is the worst outcome
     */
    static Transfer into(Map<String, Tensor> network, NetworkSpec to, OpenedWeights weights) throws IOException {
        boolean fits = weights.isClassifier()
                || weights.isDetector()
                || weights.spec().backbone().equals(to.backbone());
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Map<String, Tensor> source = TensorFile.read(weights.tensors());
            TensorFile.checkFinite(weights.tensors(), source);
            TreeSet<String> ignored = new TreeSet<>(source.keySet());
            Set<String> backbone = to.backboneShapes().keySet();
            ignored.removeIf(name -> network.containsKey(name)
                    && (backbone.contains(name)
                            || fits && to.head().takes(weights.spec().head(), name)));
            source.keySet().removeAll(ignored);
            ignored.addAll(weights.unused());
            return into(
                    network,
                    backbone,
                    weights.file(),
                    source,
                    weights.spec().backbone().embedGrid(weights.spec().size()),
                    to.backbone().embedGrid(to.size()),
                    ignored);
        }
    }

    private static Transfer into(
            Map<String, Tensor> network,
            Set<String> backbone,
            Path file,
            Map<String, Tensor> source,
            Grid from,
            Grid to,
            Collection<String> ignored)
            throws WeightsMismatch {
        List<String> loaded = new ArrayList<>();
        List<Resized> resized = new ArrayList<>();
        List<String> fresh = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        List<String> misshaped = new ArrayList<>();
        Map<String, Tensor> values = new LinkedHashMap<>();
        network.forEach((name, wanted) -> {
            Tensor found = source.get(name);
            if (found == null) {
                (backbone.contains(name) ? missing : fresh).add(name);
            } else if (isAsWanted(name, found, wanted, from, to)) {
                loaded.add(name);
                values.put(name, found);
            } else if (canResize(name, found, wanted)) {
                resized.add(new Resized(name, shape(found), shape(wanted)));
                values.put(name, resize(name, found, wanted, from, to));
            } else {
                misshaped.add(name + " " + shape(found) + " instead of " + shape(wanted));
            }
        });
        if (!missing.isEmpty() || !misshaped.isEmpty()) {
            throw new WeightsMismatch(file, missing, List.of(), misshaped);
        }
        network.forEach((name, wanted) -> {
            Tensor value = values.get(name);
            if (value != null) {
                wanted.copy_(value);
            }
        });
        return new Transfer(loaded, resized, fresh, List.copyOf(ignored));
    }

    private static boolean isAsWanted(String name, Tensor found, Tensor wanted, Grid from, Grid to) {
        return shape(found).equals(shape(wanted)) && !(name.equals(ABSOLUTE) && !from.equals(to));
    }

    private static Tensor resize(String name, Tensor found, Tensor wanted, Grid from, Grid to) {
        Tensor exact = found.to(ScalarType.Float);
        return name.equals(ABSOLUTE) ? Positions.absolute(exact, from, to) : Positions.relative(exact, wanted.size(0));
    }

    /**
     * Lets a network of another clip size use the weights of one: they share what has the same shape, and positions are resized.
     *
     * @param from grid of the tokens of the network that has the weights
     * @param to grid of the tokens of the other
     */
    static void share(Map<String, Tensor> weights, Grid from, Map<String, Tensor> other, Grid to) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            other.forEach((name, wanted) -> {
                Tensor found = weights.get(name);
                if (found == null) {
                    throw new IllegalStateException("networks of one kind and another size differ in " + name);
                }
                wanted.set_data(
                        isAsWanted(name, found, wanted, from, to)
                                ? found.detach()
                                : resize(name, found, wanted, from, to));
            });
        }
    }

    private static boolean canResize(String name, Tensor found, Tensor wanted) {
        long last = found.dim() - 1;
        return found.dim() == wanted.dim()
                && found.size(last) == wanted.size(last)
                && (name.equals(ABSOLUTE) || RELATIVE.matcher(name).matches());
    }

    private static List<Long> shape(Tensor tensor) {
        return Arrays.stream(tensor.shape()).boxed().toList();
    }

    /** In a sentence. */
    public String summary() {
        return Plural.of(loaded.size(), "weight") + " loaded, " + resized.size() + " resized, " + fresh.size()
                + " new, " + ignored.size() + " of the file not used";
    }
}
