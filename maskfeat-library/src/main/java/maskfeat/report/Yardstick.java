package maskfeat.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What figures were measured by, or on. Figures of two runs compare unless something that is known of both differs.
 *
 * @param name for a person, such as {@code hog} or {@code 400 images}; empty if nothing is known
 * @param known what is known, by what it is
 */
public record Yardstick(String name, Map<String, String> known) {
    /** Nothing is known, so that nothing speaks against a comparison. */
    public static final Yardstick UNKNOWN = new Yardstick("", Map.of());

    public Yardstick {
        known = Map.copyOf(known);
    }

    /** Whether figures of both compare, as far as is known. */
    public boolean agreesWith(Yardstick other) {
        return known.entrySet().stream()
                .allMatch(each ->
                        other.known.getOrDefault(each.getKey(), each.getValue()).equals(each.getValue()));
    }

    /**
     * Some of what is compared, which does compare with each other.
     *
     * @param name different from those of the others
     */
    record Alike<T>(String name, List<T> members) {}

    /** Sorts into parts that compare with each other, in the order given; one part if all do. */
    static <T> List<Alike<T>> sorted(List<T> all, Function<T, Yardstick> of) {
        List<List<T>> parts = new ArrayList<>();
        for (T each : all) {
            parts.stream()
                    .filter(part ->
                            part.stream().allMatch(member -> of.apply(member).agreesWith(of.apply(each))))
                    .findFirst()
                    .orElseGet(() -> {
                        List<T> fresh = new ArrayList<>();
                        parts.add(fresh);
                        return fresh;
                    })
                    .add(each);
        }
        Map<String, Integer> seen = new LinkedHashMap<>();
        List<Alike<T>> alike = new ArrayList<>();
        for (List<T> part : parts) {
            String plain = part.stream()
                    .map(member -> of.apply(member).name())
                    .filter(name -> !name.isEmpty())
                    .findFirst()
                    .orElse("not known");
            int number = seen.merge(plain, 1, Integer::sum);
            alike.add(new Alike<>(number == 1 ? plain : plain + ", other settings " + number, List.copyOf(part)));
        }
        return alike;
    }

    /** As in "hog: a, b; pixels: c". */
    static <T> String text(List<Alike<T>> parts, Function<T, String> name) {
        return parts.stream()
                .map(part ->
                        part.name() + ": " + part.members().stream().map(name).collect(Collectors.joining(", ")))
                .collect(Collectors.joining("; "));
    }
}
