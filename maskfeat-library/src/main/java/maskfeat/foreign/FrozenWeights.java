package maskfeat.foreign;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import maskfeat.disk.Shown;
import maskfeat.weights.Misfit;
import maskfeat.weights.TensorEntry;
import maskfeat.weights.TensorReader;
import maskfeat.weights.TorchCheckpoint;

/**
 * An open file with the weights of a {@link FrozenNetwork}, under the names of its first program, torchvision or DALL-E. Nothing
 * is copied and nothing is built.
 */
public final class FrozenWeights implements TensorReader {
    private static final int NAMED = 3;
    private static final int MOST_BLOCKS = 1000;
    private static final int MOST_GROUPS = 16;
    private static final int MOST_WIDTH = 1 << 20;

    /** Which of several networks is taken where none is named: the one that its program goes on with. */
    private static final List<String> PREFERRED = List.of("teacher", "base_encoder", "encoder_q", "encoder");

    private static final Pattern RESNET = Pattern.compile("^(|.*\\.)layer1\\.0\\.conv1\\.weight$");
    private static final Pattern DALLE = Pattern.compile(
            "^(|.*\\.)blocks\\.group_1\\.(?:group\\.)?block_1\\.res_path\\.(?:path\\.)?conv_1\\.(w|weight)$");

    /** Names in the file of tensors that belong to a network of a kind and are of no use. */
    private static final Pattern COUNTS = Pattern.compile("(^|\\.)num_batches_tracked$");

    private static final Pattern HEAD = Pattern.compile("^(fc|heads?|projector|classifier)\\b");

    /** What stands before a network that was trained without classes: its {@code fc}, if any, is a projector. */
    private static final Pattern SELF_SUPERVISED =
            Pattern.compile("(^|\\.)(encoder_[qk]|base_encoder|momentum_encoder|student|teacher)\\.");

    private final TensorReader foreign;
    private final String title;
    private final String wrapper;
    private final List<String> networks;
    private final FrozenNetwork network;
    private final SortedMap<String, TensorEntry> origins = new TreeMap<>();
    private final SortedMap<String, TensorEntry> entries = new TreeMap<>();
    private final SortedMap<String, String> unused = new TreeMap<>();

    /** Programs whose files have such networks. */
    private enum Kind {
        RESNET,
        DALLE,
        FLAVA
    }

    private FrozenWeights(TensorReader foreign, Kind kind, String wrapper, List<String> networks) throws UnfitWeights {
        this.foreign = foreign;
        this.wrapper = wrapper;
        this.networks = networks;
        this.title = title(kind, wrapper);
        for (TensorEntry entry : foreign.entries().values()) {
            String name = entry.name();
            if (!name.startsWith(wrapper)) {
                unused.put(name, "is not of the network under '" + wrapper + "'");
            } else {
                String own = name.substring(wrapper.length());
                TensorEntry twin = origins.put(kind == Kind.FLAVA ? ofFlava(own) : own, entry);
                if (twin != null) {
                    throw unfit("has '" + name + "' beside '" + twin.name() + "', which mean the same");
                }
            }
        }
        network = kind == Kind.RESNET ? resNet() : encoder();
        leave(kind);
        compare();
        origins.forEach((own, entry) -> entries.put(own, new TensorEntry(own, entry.type(), entry.shape())));
    }

    /** Whether an open file has such weights, as far as names tell. */
    public static boolean isOne(TensorReader reader) {
        return areSome(reader.entries().values());
    }

    static boolean areSome(Collection<TensorEntry> tensors) {
        return tensors.stream().anyMatch(entry -> DALLE.matcher(entry.name()).find() || isResNet(entry));
    }

    private static boolean isResNet(TensorEntry entry) {
        return entry.shape().size() == 4 && RESNET.matcher(entry.name()).find();
    }

    /**
     * Recognises such weights by their names.
     *
     * @param told which of several networks; where nothing is told, the one that is the teacher of the others, or whose
     *     weights the file's program goes on with
     * @return empty if the file has none; otherwise closed with the reader
     * @throws UnfitWeights if a tensor is missing or of another shape, or there is one that shows that the network computes
     *     something else, or none of the networks is of the name that was told
     */
    public static Optional<FrozenWeights> in(TensorReader reader, Told told) throws UnfitWeights {
        SortedMap<String, String> prefixes = new TreeMap<>();
        Kind kind = Kind.RESNET;
        for (TensorEntry entry : reader.entries().values()) {
            Matcher dalle = DALLE.matcher(entry.name());
            if (dalle.find()) {
                if (kind == Kind.RESNET) {
                    prefixes.clear();
                }
                kind = dalle.group(2).equals("w") ? Kind.DALLE : Kind.FLAVA;
                prefixes.put(dalle.group(1), dalle.group(1));
                continue;
            }
            Matcher resnet = RESNET.matcher(entry.name());
            if (kind == Kind.RESNET && isResNet(entry) && resnet.find()) {
                prefixes.put(resnet.group(1), resnet.group(1));
            }
        }
        if (prefixes.isEmpty()) {
            return Optional.empty();
        }
        SortedMap<String, String> networks = Networks.named(prefixes.keySet());
        // Under that key nothing else was read.
        boolean taken =
                reader instanceof TorchCheckpoint torch && told.network().equals(torch.stateDictKey());
        String prefix = choose(reader.file(), networks, taken ? Told.NOTHING : told);
        return Optional.of(new FrozenWeights(reader, kind, prefix, List.copyOf(networks.keySet())));
    }

    private static String choose(Path file, SortedMap<String, String> networks, Told told) throws UnfitWeights {
        Optional<String> preferred =
                told.network().isEmpty() ? preferred(List.copyOf(networks.keySet())) : Optional.empty();
        return preferred.isPresent()
                ? networks.getOrDefault(preferred.get(), "")
                : Networks.choose(file, networks, told.network()).orElseThrow();
    }

    /**
     * Which of a file's networks is taken as a teacher where none is named.
     *
     * @param networks as {@link Layout#networks} lists them
     * @return empty if there is nothing to choose, or nothing tells
     */
    public static Optional<String> preferred(List<String> networks) {
        if (networks.size() < 2) {
            return Optional.empty();
        }
        for (String preferred : PREFERRED) {
            List<String> fitting = networks.stream()
                    .filter(name -> ("." + name + ".").contains("." + preferred + "."))
                    .toList();
            if (fitting.size() == 1) {
                return Optional.of(fitting.get(0));
            }
        }
        return Optional.empty();
    }

    private static String title(Kind kind, String wrapper) {
        return switch (kind) {
            case DALLE -> "DALL-E";
            case FLAVA -> "FLAVA's codebook";
            case RESNET ->
                wrapper.contains("base_encoder.") || wrapper.contains("momentum_encoder.")
                        ? "MoCo v3 ResNet"
                        : wrapper.contains("encoder_q.") || wrapper.contains("encoder_k.")
                                ? "MoCo v2 ResNet"
                                : wrapper.contains("teacher.") || wrapper.contains("student.")
                                        ? "DINO ResNet"
                                        : "torchvision ResNet (timm's and DINO's files have the same names)";
        };
    }

    /** DALL-E's name of what FLAVA's codebook names so. */
    private static String ofFlava(String name) {
        return name.replaceFirst("\\.group\\.", ".")
                .replaceFirst("\\.path\\.", ".")
                .replaceFirst("\\.weight$", ".w")
                .replaceFirst("\\.bias$", ".b");
    }

    private BottleneckResNet resNet() throws UnfitWeights {
        if (!origins.containsKey("layer1.0.conv3.weight")) {
            throw unfit("has no '" + wrapper + "layer1.0.conv3.weight': it is a ResNet of blocks of two convolutions"
                    + " (ResNet-18, -34); only bottlenecks of three (ResNet-50, -101, -152) are read");
        }
        if (origins.containsKey("conv1.0.weight")) {
            throw unfit("has '" + wrapper
                    + "conv1.0.weight': its stem is of several convolutions (ResNet-C, -D), which is" + " not read");
        }
        int stem = size("conv1.weight", 0);
        List<BottleneckResNet.Stage> stages = new ArrayList<>();
        for (int s = 0; s < BottleneckResNet.STAGES; s++) {
            int blocks = numbered(Pattern.compile("^layer" + (s + 1) + "\\.(\\d{1,4})\\.")) + 1;
            String first = BottleneckResNet.block(s, 0);
            int inner = size(first + "conv1.weight", 0);
            TensorEntry middle = origins.get(first + "conv2.weight");
            if (middle != null && middle.shape().size() == 4 && middle.shape().get(1) < inner) {
                throw unfit("has '" + middle.name() + "' " + middle.shape() + ": its convolutions are grouped"
                        + " (ResNeXt), which is not read");
            }
            stages.add(new BottleneckResNet.Stage(blocks, inner, size(first + "conv3.weight", 0)));
        }
        boolean classes = !SELF_SUPERVISED.matcher(wrapper).find() && origins.containsKey("fc.weight");
        return new BottleneckResNet(stem, stages, classes ? size("fc.weight", 0) : 0);
    }

    private DalleEncoder encoder() throws UnfitWeights {
        int groups = numbered(Pattern.compile("^blocks\\.group_(\\d{1,4})\\."));
        int blocks = numbered(Pattern.compile("^blocks\\.group_\\d{1,4}\\.block_(\\d{1,4})\\."));
        if (groups > MOST_GROUPS) {
            throw unfit("has " + groups + " groups of blocks; DALL-E's encoder has 4");
        }
        return new DalleEncoder(size("blocks.input.w", 0), groups, blocks, size("blocks.output.conv.w", 0));
    }

    /** The highest number in the place of a pattern's group. */
    private int numbered(Pattern pattern) throws UnfitWeights {
        int highest = 0;
        for (String name : origins.keySet()) {
            Matcher numbered = pattern.matcher(name);
            if (numbered.find()) {
                highest = Math.max(highest, Integer.parseInt(numbered.group(1)));
            }
        }
        if (highest >= MOST_BLOCKS) {
            throw unfit("has a block of the number " + highest + "; nobody trains networks of so many");
        }
        return highest;
    }

    private int size(String name, int axis) throws UnfitWeights {
        TensorEntry entry = origins.get(name);
        if (entry == null) {
            throw unfit("has no '" + wrapper + name + "'");
        }
        if (entry.shape().size() <= axis
                || entry.shape().get(axis) < 1
                || entry.shape().get(axis) > MOST_WIDTH) {
            throw unfit("has '" + entry.name() + "' " + entry.shape() + ", which is of no such network");
        }
        return Math.toIntExact(entry.shape().get(axis));
    }

    /** Puts away what is not computed with. */
    private void leave(Kind kind) {
        Map<String, List<Long>> wanted = network.shapes();
        for (String own : List.copyOf(origins.keySet())) {
            if (wanted.containsKey(own) || kind != Kind.RESNET) {
                continue;
            }
            TensorEntry entry = origins.get(own);
            if (entry != null && COUNTS.matcher(own).find()) {
                unused.put(entry.name(), "counts steps of training");
                origins.remove(own);
            } else if (entry != null && HEAD.matcher(own).find()) {
                unused.put(entry.name(), "belongs to a head or projector that is not used");
                origins.remove(own);
            }
        }
    }

    private void compare() throws UnfitWeights {
        List<Misfit> misfits = Misfit.between(origins, network.shapes(), name -> false);
        List<String> missing = misfits.stream()
                .filter(misfit -> misfit.found() == null)
                .map(misfit -> wrapper + misfit.name())
                .toList();
        if (!missing.isEmpty()) {
            throw unfit("has no " + named(missing) + ", which " + network.describe() + " needs");
        }
        for (Misfit misfit : misfits) {
            TensorEntry entry = origins.get(misfit.name());
            String name = entry == null ? misfit.name() : entry.name();
            throw unfit("has '" + name + "' " + misfit.found()
                    + (misfit.wanted() == null
                            ? ", which has no place in a network of this kind"
                            : " instead of " + misfit.wanted()));
        }
    }

    private static String named(List<String> names) {
        return names.stream().limit(NAMED).map(name -> "'" + name + "'").collect(Collectors.joining(", "))
                + (names.size() > NAMED ? " and " + (names.size() - NAMED) + " more" : "");
    }

    private UnfitWeights unfit(String reason) {
        return new UnfitWeights(foreign.file(), reason);
    }

    /** Whose names the file has. */
    public String title() {
        return title;
    }

    /** What stands before the names of the network, such as {@code module.}; empty if nothing does. */
    public String wrapper() {
        return wrapper;
    }

    /** All networks of this kind in the file, by the names that {@link Told#network} takes. */
    public List<String> networks() {
        return networks;
    }

    /** The network. */
    public FrozenNetwork network() {
        return network;
    }

    /** Names in the file of tensors that are not computed with, each with the reason. */
    public SortedMap<String, String> unused() {
        return Collections.unmodifiableSortedMap(unused);
    }

    @Override
    public Path file() {
        return foreign.file();
    }

    @Override
    public SortedMap<String, TensorEntry> entries() {
        return Collections.unmodifiableSortedMap(entries);
    }

    @Override
    public SortedMap<String, String> metadata() {
        return foreign.metadata();
    }

    @Override
    public String nameInFile(String name) {
        TensorEntry origin = origins.get(name);
        return origin == null ? name : foreign.nameInFile(origin.name());
    }

    @Override
    public void read(TensorEntry entry, long offset, ByteBuffer into) throws IOException {
        TensorEntry origin = origins.get(entry.name());
        if (origin == null || !entry.equals(entries.get(entry.name()))) {
            throw new IllegalArgumentException(file() + " has no tensor '" + Shown.text(entry.name()) + "'");
        }
        foreign.read(origin, offset, into);
    }

    @Override
    public void close() throws IOException {
        foreign.close();
    }
}
