package maskfeat.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the commands are for, as the list of all has it. */
final class CommandGroups {
    private static final String REST = "Other";

    private static final Map<String, List<String>> GROUPS = new LinkedHashMap<>();

    static {
        GROUPS.put("Train", List.of("pretrain", "finetune", "train", "launch", "recipes", "config"));
        GROUPS.put("Look and measure", List.of("evaluate", "probe", "visualize", "report", "bench"));
        GROUPS.put("Use", List.of("predict", "embed", "serve", "export", "merge"));
        GROUPS.put("Data", List.of("data"));
        GROUPS.put(REST, List.of("weights", "doctor", "completion", "help"));
    }

    private CommandGroups() {}

    /** Commands by heading, in the order in which they are shown. Those below a command are one group. */
    static Map<String, List<String>> of(Collection<String> commands) {
        if (!commands.containsAll(GROUPS.getOrDefault("Train", List.of()))) {
            return Map.of("Commands:", List.copyOf(commands));
        }
        Map<String, List<String>> shown = new LinkedHashMap<>();
        List<String> rest = new ArrayList<>(commands);
        GROUPS.forEach((heading, names) -> {
            List<String> own = new ArrayList<>(names);
            own.retainAll(commands);
            rest.removeAll(own);
            shown.put(System.lineSeparator() + heading + ":", own);
        });
        shown.getOrDefault(System.lineSeparator() + REST + ":", new ArrayList<>())
                .addAll(rest);
        return shown;
    }

    /** All that have a place. */
    static List<String> known() {
        return GROUPS.values().stream().flatMap(List::stream).toList();
    }
}
