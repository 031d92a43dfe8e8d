package maskfeat.shard;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What is done to the files, the same for all shards. Only what changes results belongs in here.
 *
 * @param command such as {@code embed}
 * @param network what tells it from any other; empty where there is none
 * @param options by the names that a person gives them by
 * @param classes names by number; empty where there are none
 */
public record Job(String command, String network, SortedMap<String, String> options, List<String> classes) {
    public Job {
        options = Collections.unmodifiableSortedMap(new TreeMap<>(options));
        classes = List.copyOf(classes);
    }

    /** As the record, of options in any order. */
    public static Job of(String command, String network, Map<String, String> options, List<String> classes) {
        return new Job(command, network, new TreeMap<>(options), classes);
    }

    /**
     * What another job does otherwise, the classes apart.
     *
     * @return such as {@code "are of predict, not of embed"}; empty if nothing
     */
    Optional<String> difference(Job wanted) {
        if (!command.equals(wanted.command)) {
            return Optional.of("are of " + command + ", not of " + wanted.command);
        }
        if (!network.equals(wanted.network)) {
            return Optional.of("are of another network, " + brief(network) + ", not " + brief(wanted.network));
        }
        TreeSet<String> names = new TreeSet<>(options.keySet());
        names.addAll(wanted.options.keySet());
        return names.stream()
                .filter(name -> !said(name).equals(wanted.said(name)))
                .findFirst()
                .map(name -> "were made with " + name + " " + said(name) + ", not " + wanted.said(name));
    }

    private String said(String name) {
        return options.getOrDefault(name, "not said");
    }

    private static String brief(String network) {
        return network.length() <= 12 ? network : network.substring(0, 12) + "...";
    }
}
