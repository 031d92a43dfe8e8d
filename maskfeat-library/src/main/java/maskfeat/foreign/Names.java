package maskfeat.foreign;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import maskfeat.weights.TensorEntry;

/**
 * The tensors of one network by the names that its own program gives them, without what training programs put before them.
 *
 * @param wrapper what was taken off, such as {@code module.}
 * @param tensors by the rest of their names
 * @param outside whole names in the file of tensors that are not under the wrapper
 */
record Names(String wrapper, SortedMap<String, TensorEntry> tensors, SortedSet<String> outside) {
    private static final Pattern BLOCK =
            Pattern.compile("(?:^|\\.)(?:(?:blocks|layers|layer)\\.|encoder_layer_)(\\d{1,5})\\.");

    /** All tensors, under their whole names. */
    Names(SortedMap<String, TensorEntry> tensors) {
        this("", tensors, new TreeSet<>());
    }

    /**
     * A network's tensors under each wrapper that its patch embedding may have, from none to the longest.
     *
     * @param prefix what stands before the patch embedding's name
     * @param others what stands before those of other networks in the file, which are not of this one
     */
    static List<Names> of(Collection<TensorEntry> entries, String prefix, Collection<String> others) {
        List<String> foreign = others.stream()
                .map(other -> Networks.distinguishing(other, List.of(prefix)))
                .filter(other -> !other.isEmpty())
                .toList();
        // Under a wrapper that is another network's own, its tensors would be among these.
        int begin = others.stream()
                .filter(prefix::startsWith)
                .mapToInt(other -> next(prefix, other.length()))
                .max()
                .orElse(0);
        List<Names> all = new ArrayList<>();
        for (int end = begin; end <= prefix.length(); end = next(prefix, end)) {
            String wrapper = prefix.substring(0, end);
            SortedMap<String, TensorEntry> tensors = new TreeMap<>();
            SortedSet<String> outside = new TreeSet<>();
            for (TensorEntry entry : entries) {
                String name = entry.name();
                if (name.startsWith(wrapper)
                        && name.length() > wrapper.length()
                        && foreign.stream().noneMatch(name::startsWith)) {
                    tensors.put(name.substring(wrapper.length()), entry);
                } else {
                    outside.add(name);
                }
            }
            all.add(new Names(wrapper, tensors, outside));
        }
        return all;
    }

    /** Where the next part of a name ends, with its dot; beyond the end after the last. */
    static int next(String prefix, int end) {
        int dot = prefix.indexOf('.', end);
        return dot < 0 ? prefix.length() + 1 : dot + 1;
    }

    boolean has(String name) {
        return tensors.containsKey(name);
    }

    /** Whether any name begins so. */
    boolean hasPart(String prefix) {
        SortedMap<String, TensorEntry> tail = tensors.tailMap(prefix);
        return !tail.isEmpty() && tail.firstKey().startsWith(prefix);
    }

    /** Whether any name has this in it. */
    boolean any(Pattern part) {
        return tensors.keySet().stream().anyMatch(name -> part.matcher(name).find());
    }

    /** How many different numbers of blocks there are. */
    int blocks() {
        TreeSet<String> numbers = new TreeSet<>();
        for (String name : tensors.keySet()) {
            Matcher block = BLOCK.matcher(name);
            if (block.find()) {
                numbers.add(block.group(1));
            }
        }
        return numbers.size();
    }
}
