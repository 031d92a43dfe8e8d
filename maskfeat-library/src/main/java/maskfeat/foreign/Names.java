package maskfeat.foreign;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import maskfeat.weights.TensorEntry;

/**
 * Tensors by the names that their own program gives them, without what wrappers put before all of them.
 *
 * @param wrapper what was taken off, such as {@code module.}
 * @param tensors by the rest of their names
 */
record Names(String wrapper, SortedMap<String, TensorEntry> tensors) {
    /** What training programs put before the names of a whole model. */
    private static final List<String> WRAPPERS =
            List.of("module.", "model.", "network.", "net.", "state_dict.", "encoder.", "backbone.");

    private static final Pattern BLOCK = Pattern.compile("(?:^|\\.)(?:blocks|layers|layer)\\.(\\d{1,5})\\.");

    /** The names as they are, then without one wrapper, without two, as long as all names have one. */
    static List<Names> of(Collection<TensorEntry> entries) {
        SortedMap<String, TensorEntry> tensors = new TreeMap<>();
        entries.forEach(entry -> tensors.put(entry.name(), entry));
        List<Names> all = new ArrayList<>(List.of(new Names("", tensors)));
        for (int i = 0; i < all.size() && !tensors.isEmpty(); i++) {
            Names names = all.get(i);
            WRAPPERS.stream()
                    .filter(w -> names.tensors.keySet().stream()
                            .allMatch(name -> name.startsWith(w) && name.length() > w.length()))
                    .findFirst()
                    .ifPresent(w -> all.add(names.without(w)));
        }
        return all;
    }

    private Names without(String prefix) {
        SortedMap<String, TensorEntry> rest = new TreeMap<>();
        tensors.forEach((name, entry) -> rest.put(name.substring(prefix.length()), entry));
        return new Names(wrapper + prefix, rest);
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
