package maskfeat.archive;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import maskfeat.disk.Plural;
import maskfeat.disk.Shown;

/** Collects what an archive holds, while it is read. */
final class Contents {
    private static final Pattern DRIVE = Pattern.compile("[A-Za-z]:[\\\\/].*");
    private static final int MOST_NAMED = 3;

    private final NavigableMap<String, Member> members = new TreeMap<>();
    private final Map<String, String> skipped = new LinkedHashMap<>();
    private final List<String> twice = new ArrayList<>();
    private final List<String> damage = new ArrayList<>();

    /**
     * Takes a member under its name, if that is one that stays inside the archive. Of several of one name the last counts, as
     * where the archive is unpacked.
     */
    void add(String name, Member member) {
        String reason = refused(name);
        if (!reason.isEmpty()) {
            skipped.putIfAbsent(name, reason);
            return;
        }
        String path = path(name);
        if (!path.isEmpty() && members.put(path, member) != null) {
            twice.add(path);
        }
    }

    /** The file of a name, if it is there so far. */
    Optional<Member> file(String name) {
        return Optional.ofNullable(members.get(path(name))).filter(Member::isFile);
    }

    /** Says that the archive itself is damaged: what follows its name in a sentence. */
    void damaged(String what) {
        damage.add(what);
    }

    private static String refused(String name) {
        if (name.startsWith("/") || DRIVE.matcher(name).matches()) {
            return "has an absolute name, and only names inside the archive are read";
        }
        if (Arrays.asList(name.split("/", -1)).contains("..")) {
            return "has a name that leads out of the archive";
        }
        return name.isEmpty() || name.indexOf('\0') >= 0 ? "has a name that is none" : "";
    }

    /** Without dots and doubled slashes. */
    private static String path(String name) {
        if (!name.startsWith("./") && !name.contains("//") && !name.contains("/./") && !name.endsWith("/")) {
            return name.equals(".") ? "" : name;
        }
        List<String> parts = Arrays.stream(name.split("/"))
                .filter(part -> !part.isEmpty() && !part.equals("."))
                .toList();
        return String.join("/", parts);
    }

    NavigableMap<String, Member> members() {
        // A file cannot hold another.
        for (String path : List.copyOf(members.keySet())) {
            for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
                if (members.containsKey(path.substring(0, slash))) {
                    members.remove(path);
                    skipped.put(path, "lies in a member that is no folder");
                    break;
                }
            }
        }
        return members;
    }

    /** Names that were passed over, with what follows them in a sentence. */
    Map<String, String> skipped() {
        return skipped;
    }

    List<String> damage() {
        return damage;
    }

    /** What a person should know, without the archive's name. */
    List<String> notices() {
        List<String> notices = new ArrayList<>(damage);
        if (!twice.isEmpty()) {
            notices.add("holds " + few(twice) + " more than once: the last counts");
        }
        if (!skipped.isEmpty()) {
            Map.Entry<String, String> first = skipped.entrySet().iterator().next();
            notices.add("passes over " + Plural.of(skipped.size(), "member") + ": '" + Shown.text(first.getKey()) + "' "
                    + first.getValue());
        }
        return notices;
    }

    private static String few(List<String> names) {
        List<String> some = names.stream()
                .distinct()
                .limit(MOST_NAMED)
                .map(name -> "'" + Shown.text(name) + "'")
                .toList();
        long more = names.stream().distinct().count() - some.size();
        return String.join(", ", some) + (more > 0 ? " and " + more + " more" : "");
    }
}
