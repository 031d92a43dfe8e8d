package maskfeat.foreign;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import maskfeat.weights.Pieced;
import maskfeat.weights.TensorEntry;
import maskfeat.weights.TensorReader;
import maskfeat.weights.TorchCheckpoint;
import org.jspecify.annotations.Nullable;

/** A file of whatever {@link Layout} under our names and shapes. Nothing is copied; bytes are put together as they are read. */
public final class Renamed implements TensorReader {
    private static final String PATCHES = "patch_embed.proj.weight";
    private static final String SAVE_WIDER = "convert the weights to bfloat16 or float32, and save them again";
    private static final String POSITIONS = "pos_embed";

    /** Layers of every block that some networks build without a bias. */
    private static final List<String> MAY_LACK_BIAS = List.of("attn.qkv", "attn.proj", "mlp.fc1", "mlp.fc2");

    /** Parts that a backbone feeds, never the other way round. */
    private static final Pattern HEADS =
            Pattern.compile("(^|\\.)\\w*(head|heads|decoder|classifier|neck|loss|criterion|fc_cls)\\w*\\.");

    private final TensorReader foreign;
    private final Layout layout;
    private final Names names;
    private final Dialect.Variant variant;
    private final SortedMap<String, Pieced> tensors = new TreeMap<>();
    private final SortedMap<String, Scaled> scaled = new TreeMap<>();
    private final SortedMap<String, TensorEntry> entries = new TreeMap<>();
    private final SortedMap<String, String> unused = new TreeMap<>();
    private final List<String> notes = new ArrayList<>();
    private final Claims claims = new Claims();
    private String refusal = "";

    private Renamed(TensorReader foreign, Layout.Recognised recognised) {
        this.foreign = foreign;
        this.layout = recognised.layout();
        this.names = recognised.names();
        this.variant = layout.dialect().variant(names);
    }

    /** @param network which of several networks; empty where there should be one alone */
    static Renamed of(TensorReader foreign, Optional<String> network) throws IOException {
        // Under that key nothing else was read.
        boolean taken = foreign instanceof TorchCheckpoint torch && network.equals(torch.stateDictKey());
        if (foreign.entries().isEmpty()
                && foreign instanceof TorchCheckpoint torch
                && !torch.unreadable().isEmpty()) {
            String first = torch.unreadable().firstKey();
            throw new UnfitWeights(
                    foreign.file(),
                    "has tensors that cannot be read alone: '" + first + "' is "
                            + torch.unreadable().get(first) + "; " + SAVE_WIDER);
        }
        Renamed renamed = new Renamed(
                foreign, Layout.find(foreign.file(), foreign.entries().values(), taken ? Optional.empty() : network));
        renamed.rename();
        renamed.readClaims();
        return renamed;
    }

    /** Reads what programs of this layout write beside the tensors. */
    private void readClaims() throws IOException {
        String cfg = metadata().get(SlowFastConfig.KEY);
        if (layout == Layout.SLOWFAST && cfg != null) {
            SlowFastConfig.read(file(), cfg, variant.multiscale(), claims);
        } else {
            ConfigBeside.read(file(), claims);
        }
        claims.refusals().forEach(this::refuse);
        if (foreign instanceof TorchCheckpoint torch && !torch.otherKeys().isEmpty()) {
            notes.add("the weights under '" + torch.stateDictKey().orElse("")
                    + "' are taken; --network NAME takes those under '" + String.join("' or '", torch.otherKeys())
                    + "'");
        }
        notes.addAll(claims.notes());
    }

    private void rename() {
        Dialect dialect = layout.dialect();
        int blocks = names.blocks();
        List<Rule> rules = dialect.rules(variant).stream()
                .flatMap(rule -> rule.each(blocks, blocks).stream())
                .toList();
        refuseUnreadable(rules);
        SortedSet<String> unscaled = new TreeSet<>(names.tensors().keySet());
        rules.forEach(rule -> {
            unscaled.removeAll(rule.scales());
            unscaled.removeAll(rule.theirs());
        });
        refuse(Unsupported.of(unscaled));
        refuse(dialect.lacks(names, variant));
        Set<String> used = new HashSet<>();
        for (Rule rule : rules) {
            put(rule, used);
        }
        checkScales(rules);
        scaled.values().stream()
                .findFirst()
                .ifPresent(one -> notes.add("'" + one.scale().name()
                        + "' and the like (LayerScale) are multiplied into the layers before them"));
        addZeroBiases(blocks);
        addClassTokensPosition();
        for (String name : names.tensors().keySet()) {
            if (!used.contains(name)) {
                leave(name, dialect.unused(variant));
            }
        }
        for (String name : names.outside()) {
            unused.put(
                    name,
                    remark(name, dialect.unused(variant))
                            .orElse("is not of the network under '" + names.wrapper() + "'"));
        }
        refuse(Unsupported.ofShapes(entries));
    }

    /** Tensors of the network that are there, in a form that nothing here can hold. */
    private void refuseUnreadable(List<Rule> rules) {
        if (foreign instanceof TorchCheckpoint torch) {
            Set<String> needed = new HashSet<>();
            rules.forEach(rule -> rule.theirs().forEach(name -> needed.add(names.wrapper() + name)));
            torch.unreadable().forEach((name, why) -> {
                if (needed.contains(name)) {
                    refuse("has '" + name + "', which is " + why + "; " + SAVE_WIDER);
                }
            });
        }
    }

    /** One block alone that has a scale, or lacks it, is not what the program made. */
    private void checkScales(List<Rule> rules) {
        for (String layer : List.of("attn.proj", "mlp.fc2")) {
            List<Rule> ofLayer = rules.stream()
                    .filter(rule -> rule.ours().endsWith("." + layer + ".weight") && entries.containsKey(rule.ours()))
                    .toList();
            Optional<Rule> without = ofLayer.stream()
                    .filter(rule -> !scaled.containsKey(rule.ours()))
                    .findFirst();
            Optional<Rule> with = ofLayer.stream()
                    .filter(rule -> scaled.containsKey(rule.ours()))
                    .findFirst();
            if (without.isPresent() && with.isPresent()) {
                Scaled one = scaled.get(with.get().ours());
                refuse("has '" + (one == null ? "" : one.scale().name()) + "' (LayerScale) and nothing like it for '"
                        + without.get().theirs().get(0) + "'");
            }
        }
    }

    /** A layer without a bias is one whose bias is zero. One block alone that lacks it has lost it. */
    private void addZeroBiases(int blocks) {
        for (String layer : MAY_LACK_BIAS) {
            List<TensorEntry> weights = new ArrayList<>();
            boolean any = false;
            for (int i = 0; i < blocks; i++) {
                TensorEntry weight = entries.get("blocks." + i + "." + layer + ".weight");
                any |= entries.containsKey("blocks." + i + "." + layer + ".bias");
                if (weight != null && weight.shape().size() == 2) {
                    weights.add(weight);
                }
            }
            if (any || weights.isEmpty()) {
                continue;
            }
            for (TensorEntry weight : weights) {
                String bias = weight.name().replaceFirst("weight$", "bias");
                TensorEntry zeros =
                        new TensorEntry(bias, weight.type(), weight.shape().subList(0, 1));
                tensors.put(bias, new Pieced(zeros, List.of(new Pieced.Piece(null, 0, zeros.size()))));
                entries.put(bias, zeros);
            }
            notes.add("'blocks.*." + layer + "' (by our names) has no bias; it is zero here, which is the same");
        }
    }

    /** Positions for the patches alone leave the class token as it is: its own is zero. */
    private void addClassTokensPosition() {
        Pieced places = tensors.get(POSITIONS);
        TensorEntry patches = entries.get(PATCHES);
        if (places == null
                || !entries.containsKey("cls_token")
                || patches == null
                || patches.shape().size() != 4) {
            return;
        }
        List<Long> shape = places.entry().shape();
        if (shape.size() != 3 || shape.get(0) != 1 || !isSquare(shape.get(1)) || isSquare(shape.get(1) - 1)) {
            return;
        }
        TensorEntry entry =
                new TensorEntry(POSITIONS, places.entry().type(), List.of(1L, shape.get(1) + 1, shape.get(2)));
        List<Pieced.Piece> pieces = new ArrayList<>(places.pieces());
        pieces.add(0, new Pieced.Piece(null, 0, entry.size() - places.entry().size()));
        tensors.put(POSITIONS, new Pieced(entry, pieces));
        entries.put(POSITIONS, entry);
        notes.add("'" + nameInFile(POSITIONS) + "' " + shape
                + " has no position for the class token; it is zero here, which is the same");
    }

    private static boolean isSquare(long number) {
        long root = Math.round(Math.sqrt((double) number));
        return root * root == number;
    }

    private void refuse(String why) {
        if (refusal.isEmpty()) {
            refusal = why;
        }
    }

    private void put(Rule rule, Set<String> used) {
        List<String> stored =
                rule.theirs().stream().filter(name -> !name.equals(Rule.ZEROS)).toList();
        List<String> there = stored.stream().filter(names::has).toList();
        if (there.isEmpty()) {
            return;
        }
        used.addAll(there);
        if (there.size() < stored.size()) {
            List<String> gone = new ArrayList<>(stored);
            gone.removeAll(there);
            refuse("has '" + there.get(0) + "' and not '" + gone.get(0) + "', which belongs to it");
            return;
        }
        List<@Nullable TensorEntry> parts = new ArrayList<>();
        rule.theirs().forEach(name -> parts.add(names.tensors().get(name)));
        if (stack(rule, there.get(0), parts)) {
            rule.scales().stream()
                    .map(names.tensors()::get)
                    .filter(Objects::nonNull)
                    .findFirst()
                    .ifPresent(scale -> scale(rule.ours(), scale, used));
        }
    }

    private void scale(String ours, TensorEntry scale, Set<String> used) {
        Pieced plain = tensors.get(ours);
        used.add(scale.name().substring(names.wrapper().length()));
        if (plain == null || !Scaled.fits(plain.entry(), scale)) {
            refuse("has '" + scale.name() + "' of " + scale.type() + " " + scale.shape() + ", which is not a number for"
                    + " each row of '" + nameInFile(ours) + "'");
            return;
        }
        Scaled one = Scaled.of(plain, scale);
        scaled.put(ours, one);
        entries.put(ours, one.entry());
    }

    /**
     * One after the other along the first dimension; where one is not stored, zeros as large as the first.
     *
     * @return false if they cannot be put together
     */
    private boolean stack(Rule rule, String first, List<@Nullable TensorEntry> parts) {
        String ours = rule.ours();
        TensorEntry model = names.tensors().get(first);
        List<Long> shape = new ArrayList<>(model == null ? List.of() : model.shape());
        if (model == null || (parts.size() > 1 && shape.isEmpty())) {
            refuse("has '" + first + "' of a single number");
            return false;
        }
        List<Pieced.Piece> pieces = new ArrayList<>();
        for (TensorEntry part : parts) {
            if (part != null && (part.type() != model.type() || !part.shape().equals(model.shape()))) {
                refuse("has '" + first + "' of " + model.type() + " " + model.shape() + " beside '" + part.name()
                        + "' of " + part.type() + " " + part.shape());
                return false;
            }
            pieces.add(part == null ? new Pieced.Piece(null, 0, model.size()) : Pieced.Piece.all(part));
        }
        if (parts.size() > 1) {
            shape.set(0, shape.get(0) * parts.size());
        }
        if (rule.flat() && shape.size() == 1) {
            shape.addAll(0, List.of(1L, 1L));
        }
        if (ours.equals(PATCHES) && shape.size() == 5 && shape.get(2) == 1) {
            notes.add("'" + first + "' " + shape + " is taken without its one step of time");
            shape.remove(2);
        }
        TensorEntry entry = new TensorEntry(ours, model.type(), shape);
        tensors.put(ours, new Pieced(entry, pieces));
        entries.put(ours, entry);
        return true;
    }

    private static Optional<String> remark(String name, List<Dialect.Remark> remarks) {
        return remarks.stream()
                .filter(remark -> remark.isAbout(name))
                .map(Dialect.Remark::reason)
                .findFirst();
    }

    private void leave(String name, List<Dialect.Remark> remarks) {
        String full = names.wrapper() + name;
        Optional<String> known = remark(name, remarks);
        if (known.isPresent()) {
            unused.put(full, known.get());
        } else if (HEADS.matcher(name).find()) {
            unused.put(full, "belongs to a head that our networks do not have");
        } else {
            unused.put(full, "has no counterpart in our networks");
            refuse("has '" + full + "', which has no counterpart in our networks");
        }
    }

    /** What stands before the names of the network, such as {@code module.}; empty if nothing does. */
    public String wrapper() {
        return names.wrapper();
    }

    /** Whose names the file has. */
    public Layout layout() {
        return layout;
    }

    /** Names in the file of tensors that are not needed here, each with the reason. */
    public SortedMap<String, String> unused() {
        return Collections.unmodifiableSortedMap(unused);
    }

    /** Names in the file by our names; several where ours is put together. */
    public Map<String, List<String>> origins() {
        Map<String, List<String>> origins = new LinkedHashMap<>();
        tensors.forEach((ours, tensor) -> {
            List<String> theirs = new ArrayList<>();
            for (Pieced.Piece piece : tensor.pieces()) {
                theirs.add(piece.from() == null ? "zeros" : piece.from().name());
            }
            Scaled product = scaled.get(ours);
            if (product != null) {
                theirs.add(product.scale().name());
            }
            origins.put(ours, theirs);
        });
        return origins;
    }

    /** What must be known besides, such as small differences in arithmetic; a sentence each. */
    public List<String> notes() {
        return Collections.unmodifiableList(notes);
    }

    /** Why no network of ours computes what these weights are for; empty if one does, as far as names tell. */
    public Optional<String> refusal() {
        return refusal.isEmpty() ? Optional.empty() : Optional.of(refusal);
    }

    /**
     * Makes sure that a network of ours computes what these weights are for.
     *
     * @throws UnfitWeights with the {@link #refusal}
     */
    public void checkUsable() throws UnfitWeights {
        if (!refusal.isEmpty()) {
            throw new UnfitWeights(file(), refusal);
        }
    }

    Dialect.Variant variant() {
        return variant;
    }

    /** What the norms of the network there add to the variance. */
    double epsilon() {
        return layout.dialect().epsilon(claims.epsilon());
    }

    /** What the norm in front of the classifier there adds to the variance. */
    double headEpsilon() {
        return layout.dialect().headEpsilon(variant, claims.epsilon());
    }

    Claims claims() {
        return claims;
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
        Pieced tensor = tensors.get(name);
        return tensor == null
                ? name
                : tensor.pieces().stream()
                        .map(Pieced.Piece::from)
                        .filter(Objects::nonNull)
                        .map(from -> foreign.nameInFile(from.name()))
                        .distinct()
                        .collect(Collectors.joining("', '"));
    }

    @Override
    public void read(TensorEntry entry, long offset, ByteBuffer into) throws IOException {
        Pieced tensor = tensors.get(entry.name());
        if (tensor == null || !entry.equals(entries.get(entry.name()))) {
            throw new IllegalArgumentException(file() + " has no tensor " + entry);
        }
        Scaled product = scaled.get(entry.name());
        if (product == null) {
            tensor.read(foreign, offset, into);
        } else {
            product.read(foreign, offset, into);
        }
    }

    @Override
    public void close() throws IOException {
        foreign.close();
    }
}
