package maskfeat.foreign;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import maskfeat.disk.Shown;
import maskfeat.weights.TensorEntry;

/**
 * Which networks a file holds. Each has one patch embedding; what stands before its name stands before the names of the
 * whole network: {@code module.}, {@code _orig_mod.}, {@code teacher.backbone.}.
 */
final class Networks {
    /** The name of a network whose names have nothing before them. */
    private static final String BARE = ".";

    private static final Pattern PATCHES =
            Pattern.compile("(?:^|(?<=\\.))(?:patch_embed|embeddings\\.patch_embeddings|conv_proj)\\.");

    private Networks() {}

    /** What stands before each network's patch embedding, by the network's name. */
    static SortedMap<String, String> in(Collection<TensorEntry> tensors) {
        SortedSet<String> prefixes = new TreeSet<>();
        for (TensorEntry entry : tensors) {
            Matcher patches = PATCHES.matcher(entry.name());
            if (patches.find()) {
                prefixes.add(entry.name().substring(0, patches.start()));
            }
        }
        return named(prefixes);
    }

    /** Networks by their names: the shortest beginning of what stands before their tensors that tells each from the others. */
    static SortedMap<String, String> named(Collection<String> prefixes) {
        SortedMap<String, String> networks = new TreeMap<>();
        for (String prefix : prefixes) {
            List<String> others =
                    prefixes.stream().filter(other -> !other.equals(prefix)).toList();
            String own = distinguishing(prefix, others);
            networks.put(own.isEmpty() ? BARE : own.substring(0, own.length() - 1), prefix);
        }
        return networks;
    }

    /** The shortest beginning of a prefix, of whole parts, that none of the others has; empty if there is none. */
    static String distinguishing(String prefix, Collection<String> others) {
        for (int end = Names.next(prefix, 0); end <= prefix.length(); end = Names.next(prefix, end)) {
            String beginning = prefix.substring(0, end);
            if (others.stream().noneMatch(other -> other.startsWith(beginning))) {
                return beginning;
            }
        }
        return "";
    }

    /**
     * What stands before the patch embedding of the network that is wanted.
     *
     * @param wanted a name; empty where there should be one network alone
     * @return empty if there is no patch embedding
     * @throws UnfitWeights if there are several and none is named, or none is of the name, naming all
     */
    static Optional<String> choose(Path file, SortedMap<String, String> networks, Optional<String> wanted)
            throws UnfitWeights {
        if (wanted.isPresent()) {
            String name = wanted.get().endsWith(".") && wanted.get().length() > 1
                    ? wanted.get().substring(0, wanted.get().length() - 1)
                    : wanted.get();
            List<String> fitting = networks.entrySet().stream()
                    .filter(network -> network.getKey().equals(name)
                            || network.getValue().equals(name + ".")
                            || networks.size() == 1 && network.getValue().startsWith(name + "."))
                    .map(SortedMap.Entry::getValue)
                    .toList();
            if (fitting.size() != 1) {
                throw new UnfitWeights(
                        file, "has no network of the name '" + Shown.text(name) + "'; it has " + listed(networks));
            }
            return Optional.of(fitting.get(0));
        }
        if (networks.size() > 1) {
            throw new UnfitWeights(
                    file,
                    "has " + networks.size() + " networks: " + listed(networks) + "; say which with --network NAME");
        }
        return networks.values().stream().findFirst();
    }

    private static String listed(SortedMap<String, String> networks) {
        return networks.isEmpty()
                ? "none that is known"
                : Shown.text("'" + String.join("', '", networks.keySet()) + "'")
                        + (networks.containsKey(BARE) ? " ('.' is the one with nothing before its names)" : "");
    }
}
