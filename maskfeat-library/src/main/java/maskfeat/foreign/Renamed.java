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
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import maskfeat.weights.Pieced;
import maskfeat.weights.TensorEntry;
import maskfeat.weights.TensorReader;
import org.jspecify.annotations.Nullable;

/** A file of whatever {@link Layout} under our names and shapes. Nothing is copied; bytes are put together as they are read. */
public final class Renamed implements TensorReader {
    private static final String PATCHES = "patch_embed.proj.weight";

    /** Parts that a backbone feeds, never the other way round. */
    private static final Pattern HEADS =
            Pattern.compile("(^|\\.)\\w*(head|heads|decoder|classifier|neck|loss|criterion|fc_cls)\\w*\\.");

    private final TensorReader foreign;
    private final Layout layout;
    private final Names names;
    private final Dialect.Variant variant;
    private final SortedMap<String, Pieced> tensors = new TreeMap<>();
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

    static Renamed of(TensorReader foreign) throws IOException {
        Renamed renamed = new Renamed(
                foreign, Layout.find(foreign.file(), foreign.entries().values()));
        renamed.rename();
        renamed.readClaims();
        return renamed;
    }

    /** Reads what programs of this layout write beside the tensors. */
    private void readClaims() throws IOException {
        String cfg = metadata().get(SlowFastConfig.KEY);
        if (layout == Layout.SLOWFAST && cfg != null) {
            SlowFastConfig.read(file(), cfg, variant.multiscale(), claims);
        } else if (layout != Layout.SLOWFAST && layout != Layout.OPENMMLAB) {
            ConfigBeside.read(file(), claims);
        }
        claims.refusals().forEach(this::refuse);
        notes.addAll(layout.dialect().notesOnReading(variant, claims.epsilon()));
    }

    private void rename() {
        Dialect dialect = layout.dialect();
        refuse(Unsupported.of(names));
        refuse(dialect.lacks(names, variant));
        Set<String> used = new HashSet<>();
        int blocks = names.blocks();
        for (Rule rule : dialect.rules(variant)) {
            for (Rule one : rule.each(blocks, blocks)) {
                put(one, used);
            }
        }
        for (String name : names.tensors().keySet()) {
            if (!used.contains(name)) {
                leave(name, dialect.unused(variant));
            }
        }
        refuse(Unsupported.ofShapes(entries));
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
        stack(rule.ours(), there.get(0), parts);
    }

    /** One after the other along the first dimension; where one is not stored, zeros as large as the first. */
    private void stack(String ours, String first, List<@Nullable TensorEntry> parts) {
        TensorEntry model = names.tensors().get(first);
        List<Long> shape = new ArrayList<>(model == null ? List.of() : model.shape());
        if (model == null || (parts.size() > 1 && shape.isEmpty())) {
            refuse("has '" + first + "' of a single number");
            return;
        }
        List<Pieced.Piece> pieces = new ArrayList<>();
        for (TensorEntry part : parts) {
            if (part != null && (part.type() != model.type() || !part.shape().equals(model.shape()))) {
                refuse("has '" + first + "' of " + model.type() + " " + model.shape() + " beside '" + part.name()
                        + "' of " + part.type() + " " + part.shape());
                return;
            }
            pieces.add(part == null ? new Pieced.Piece(null, 0, model.size()) : Pieced.Piece.all(part));
        }
        if (parts.size() > 1) {
            shape.set(0, shape.get(0) * parts.size());
        }
        if (ours.equals(PATCHES) && shape.size() == 5 && shape.get(2) == 1) {
            notes.add("'" + first + "' " + shape + " is taken without its one step of time");
            shape.remove(2);
        }
        TensorEntry entry = new TensorEntry(ours, model.type(), shape);
        tensors.put(ours, new Pieced(entry, pieces));
        entries.put(ours, entry);
    }

    private void leave(String name, List<Dialect.Remark> remarks) {
        String full = names.wrapper() + name;
        Optional<Dialect.Remark> known =
                remarks.stream().filter(remark -> remark.isAbout(name)).findFirst();
        if (known.isPresent()) {
            unused.put(full, known.get().reason());
        } else if (HEADS.matcher(name).find()) {
            unused.put(full, "belongs to a head that our networks do not have");
        } else {
            unused.put(full, "has no counterpart in our networks");
            refuse("has '" + full + "', which has no counterpart in our networks");
        }
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
        if (tensor == null || !tensor.entry().equals(entry)) {
            throw new IllegalArgumentException(file() + " has no tensor " + entry);
        }
        tensor.read(foreign, offset, into);
    }

    @Override
    public void close() throws IOException {
        foreign.close();
    }
}
