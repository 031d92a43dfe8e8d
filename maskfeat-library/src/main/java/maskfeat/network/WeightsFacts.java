package maskfeat.network;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import maskfeat.disk.Plural;
import maskfeat.foreign.DalleEncoder;
import maskfeat.foreign.ForeignNetwork;
import maskfeat.foreign.FrozenNetwork;
import maskfeat.foreign.FrozenWeights;
import maskfeat.foreign.Layout;
import maskfeat.foreign.Preprocessing;
import maskfeat.foreign.Renamed;
import maskfeat.foreign.Told;
import maskfeat.foreign.UnfitWeights;
import maskfeat.weights.ShardedSafetensors;
import maskfeat.weights.TensorEntry;
import maskfeat.weights.TensorReader;
import maskfeat.weights.TorchCheckpoint;
import org.jspecify.annotations.Nullable;

/** What can be said of a file of weights, ours or not: its format, whose names its tensors have, what network they are for. */
public final class WeightsFacts {
    private static final String AS_TEACHER = "as teacher";

    private WeightsFacts() {}

    /**
     * Describes an open file.
     *
     * @return a text, or a list of texts, by name, in the order in which they are shown
     */
    public static Map<String, Object> of(TensorReader reader) throws IOException {
        return of(reader, Told.NOTHING);
    }

    /** As {@link #of(TensorReader)}, with what the file does not tell. */
    public static Map<String, Object> of(TensorReader reader, Told told) throws IOException {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("file", reader.file().toString());
        if (reader instanceof TorchCheckpoint torch) {
            facts.put("format", "PyTorch checkpoint");
            torch.stateDictKey().ifPresent(key -> facts.put("weights in", key));
            if (!torch.otherKeys().isEmpty()) {
                facts.put("others in", String.join(", ", torch.otherKeys()));
            }
            if (!torch.unreadable().isEmpty()) {
                facts.put("unreadable", String.join(", ", torch.unreadable().keySet()));
            }
        } else {
            facts.put(
                    "format",
                    reader instanceof ShardedSafetensors sharded
                            ? sharded.isTorch() ? "PyTorch checkpoints, sharded" : "safetensors, sharded"
                            : "safetensors");
        }
        long numbers =
                reader.entries().values().stream().mapToLong(TensorEntry::count).sum();
        facts.put("tensors", reader.entries().size() + ", " + String.format(Locale.ROOT, "%,d", numbers) + " numbers");
        if (FrozenWeights.isOne(reader)) {
            facts.putAll(frozen(reader, told));
        } else {
            List<String> networks = Layout.networks(reader);
            putNetworks(facts, networks);
            Optional<String> one = told.network().or(() -> FrozenWeights.preferred(networks));
            if (networks.size() > 1 && told.network().isEmpty() && one.isPresent()) {
                facts.put("described", "'" + one.get() + "'; --network NAME describes another");
            }
            facts.putAll(identity(reader, new Told(told.heads(), one)));
        }
        if (!reader.metadata().isEmpty()) {
            facts.put("beside", String.join(", ", reader.metadata().keySet()));
        }
        return facts;
    }

    private static void putNetworks(Map<String, Object> facts, List<String> networks) {
        if (networks.size() > 1) {
            facts.put("networks", String.join(", ", networks));
        }
    }

    /** Of a network that can only be a teacher: whose names, what network, and what it gives. */
    private static Map<String, Object> frozen(TensorReader reader, Told told) {
        Map<String, Object> facts = new LinkedHashMap<>();
        try {
            FrozenWeights weights = FrozenWeights.in(reader, told).orElseThrow(); // as isOne said
            FrozenNetwork network = weights.network();
            putNetworks(facts, weights.networks());
            facts.put(
                    "names",
                    weights.title() + (weights.wrapper().isEmpty() ? "" : ", under '" + weights.wrapper() + "'"));
            facts.put("network", network.describe());
            String given = network instanceof DalleEncoder
                    ? String.format(
                            Locale.ROOT,
                            "tokens of a vocabulary of %,d, a cell of %d px",
                            network.dim(),
                            network.cellSide())
                    : features(network.dim(), network.cellSide(), network.classes());
            facts.put(AS_TEACHER, given + "; it is not trained here");
            if (!weights.unused().isEmpty()) {
                facts.put(
                        "not used",
                        weights.unused().entrySet().stream()
                                .map(entry -> entry.getKey() + ", which " + entry.getValue())
                                .toList());
            }
        } catch (UnfitWeights unfit) {
            facts.put("network", "cannot be built here: it " + unfit.reason());
        }
        return facts;
    }

    private static String features(int dim, int cellSide, OptionalInt classes) {
        return String.format(Locale.ROOT, "features of %,d numbers, a cell of %d px", dim, cellSide)
                + (classes.isPresent()
                        ? "; scores of " + Plural.of(classes.getAsInt(), "class", "classes") + " a cell"
                        : "");
    }

    /** What a network that can be trained here gives as a teacher, or why it is none. */
    private static String asTeacher(NetworkSpec spec) {
        if (!spec.input().ofImages()) {
            return "none: it reads clips of " + spec.size().frames() + " frames, and a teacher reads single pictures";
        }
        OptionalInt classes = spec.head() instanceof Head.Classes of
                ? OptionalInt.of(of.names().size())
                : OptionalInt.empty();
        return features(spec.backbone().embedDim(), spec.backbone().patch(spec.blocks() - 1), classes);
    }

    /** Whose names, and what network. */
    private static Map<String, Object> identity(TensorReader reader, Told told) throws IOException {
        Map<String, Object> facts = new LinkedHashMap<>();
        try {
            Renamed renamed = Layout.read(reader, told);
            facts.put(
                    "names",
                    renamed.layout().title()
                            + (renamed.wrapper().isEmpty() ? "" : ", under '" + renamed.wrapper() + "'"));
            Optional<NetworkSpec> ours = OpenedWeights.saidBy(reader);
            try {
                // Shapes do not tell the number of heads; our own files say it.
                OptionalInt heads =
                        ours.map(spec -> spec.backbone().attentionHeads()).orElseGet(told::heads);
                ForeignNetwork network = ForeignNetwork.of(renamed, heads);
                facts.put("network", network.describe(output(network, ours)));
                NetworkSpec spec = ours.isPresent() ? ours.get() : ForeignSpec.of(network, renamed.layout());
                facts.put(
                        "prepared",
                        spec.input().describe() + saidBy(network.input().preprocessing()));
                if (!network.assumed().isEmpty() && heads.isEmpty()) {
                    facts.put("assumed", network.assumed());
                }
                facts.put(AS_TEACHER, asTeacher(spec));
            } catch (UnfitWeights | IllegalArgumentException unfit) {
                String reason = unfit instanceof UnfitWeights why
                        ? why.reason()
                        : "is for a network that cannot be: " + unfit.getMessage();
                facts.put(
                        "network",
                        ours.map(spec -> spec.backbone().describe()).orElse("cannot be built here: it " + reason));
                ours.ifPresent(spec -> facts.put(AS_TEACHER, asTeacher(spec)));
            }
            if (!renamed.notes().isEmpty()) {
                facts.put("notes", renamed.notes());
            }
            if (ours.isEmpty() && !renamed.unused().isEmpty()) {
                facts.put(
                        "not used",
                        renamed.unused().entrySet().stream()
                                .map(entry -> entry.getKey() + ", which " + entry.getValue())
                                .toList());
            }
        } catch (UnfitWeights unknown) {
            facts.put("names", "unknown: it " + unknown.reason());
        }
        return facts;
    }

    /** A detector's tensors are those of a classifier; our own files say which of the two it is. */
    private static String output(ForeignNetwork network, Optional<NetworkSpec> ours) {
        if (ours.isPresent() && ours.get().head() instanceof ActionHead actions) {
            int count = actions.names().size();
            return Plural.of(count, "action") + " in given boxes";
        }
        return network.output().describe();
    }

    private static String saidBy(@Nullable Preprocessing said) {
        return said == null ? "" : " (" + said.where() + ")";
    }
}
