package maskfeat.foreign;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import maskfeat.model.Classifier;
import maskfeat.weights.Pieced;
import maskfeat.weights.Safetensors;
import maskfeat.weights.TensorEntry;
import maskfeat.weights.TensorReader;
import org.jspecify.annotations.Nullable;

/**
 * Our tensors under the names of another program.
 *
 * @param layout whose names
 * @param tensors to be written, in the order of our names; data is read when its turn comes
 * @param left our tensors that the other program has no place for, each with the reason
 * @param notes what must be known besides; a sentence each
 */
public record Export(
        Layout layout, List<Safetensors.Source> tensors, SortedMap<String, String> left, List<String> notes) {
    public Export {
        tensors = List.copyOf(tensors);
        left = Collections.unmodifiableSortedMap(new TreeMap<>(left));
        notes = List.copyOf(notes);
    }

    /**
     * Our tensors in another layout.
     *
     * @throws UnfitWeights if the layout has no such network as ours, or these are not our names
     */
    static Export of(TensorReader ours, Layout layout, Classifier.@Nullable Pooling pooling) throws IOException {
        Names names = new Names(new TreeMap<>(ours.entries()));
        if (!Layout.SLOWFAST.dialect().recognises(names)) {
            throw new UnfitWeights(ours.file(), "does not have our names; read it as the layout that it has first");
        }
        Dialect dialect = layout.dialect();
        String cannot = dialect.unsupported(names);
        if (!cannot.isEmpty()) {
            throw new UnfitWeights(ours.file(), cannot);
        }
        Dialect.Variant variant = dialect.variantFor(names, pooling);
        List<Safetensors.Source> tensors = new ArrayList<>();
        List<String> notes = new ArrayList<>(dialect.notesOnWriting(variant));
        Set<String> written = new HashSet<>();
        for (Rule rule : dialect.rules(variant)) {
            for (Rule one : rule.each(names.blocks(), names.blocks())) {
                TensorEntry entry = ours.entries().get(one.ours());
                if (entry != null && written.add(entry.name())) {
                    boolean keyBias = split(ours, entry, one, tensors);
                    if (keyBias) {
                        // The same for all keys of a query, so that softmax takes it out again.
                        notes.add("'" + entry.name() + "' has a bias for keys, which " + layout.title()
                                + " does not store; without it results are the same");
                    }
                }
            }
        }
        SortedMap<String, String> left = new TreeMap<>();
        for (String name : names.tensors().keySet()) {
            if (!written.contains(name)) {
                left.put(
                        name,
                        dialect.withoutPlace(variant).stream()
                                .filter(remark -> remark.isAbout(name))
                                .findFirst()
                                .map(Dialect.Remark::reason)
                                .orElse("has no counterpart in " + layout.title()));
            }
        }
        return new Export(layout, tensors, left, notes);
    }

    /** Whether a part that should be zeros, and is not stored, is something else. */
    private static boolean split(TensorReader ours, TensorEntry entry, Rule rule, List<Safetensors.Source> tensors)
            throws IOException {
        List<String> theirs = rule.theirs();
        int parts = theirs.size();
        List<Long> shape = rule.flat() ? new ArrayList<>(List.of(entry.count())) : new ArrayList<>(entry.shape());
        if (parts > 1) {
            if (shape.isEmpty() || shape.get(0) % parts != 0) {
                throw new UnfitWeights(
                        ours.file(),
                        "has '" + entry.name() + "' " + entry.shape() + ", which are not " + parts + " of a size");
            }
            shape.set(0, shape.get(0) / parts);
        }
        long size = entry.size() / parts;
        boolean lost = false;
        for (int i = 0; i < parts; i++) {
            boolean stored = !theirs.get(i).equals(Rule.ZEROS);
            Pieced part = new Pieced(
                    new TensorEntry(stored ? theirs.get(i) : "zeros", entry.type(), shape),
                    List.of(new Pieced.Piece(entry, i * size, size)));
            if (stored) {
                tensors.add(new Safetensors.Source(part.entry(), out -> part.writeTo(ours, out)));
            } else {
                lost |= !isZero(ours, part);
            }
        }
        return lost;
    }

    private static boolean isZero(TensorReader ours, Pieced part) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(part.entry().size())); // a bias
        part.read(ours, 0, bytes);
        for (byte b : bytes.array()) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }
}
