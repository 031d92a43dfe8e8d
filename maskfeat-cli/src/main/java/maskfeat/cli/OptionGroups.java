package maskfeat.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.OptionSpec;

/** What options are about, for the help of commands that have many. */
final class OptionGroups {
    /** Where an option comes that has no place: none should. */
    static final String REST = "More";

    /** By heading: options, or behind the name of a command an option that is about something else there. */
    private static final Map<String, List<String>> GROUPS = new LinkedHashMap<>();

    private static final Map<String, String> HEADINGS = new LinkedHashMap<>();

    static {
        GROUPS.put(
                "Data",
                List.of(
                        "--data",
                        "--val",
                        "--boxes",
                        "--given",
                        "--labels",
                        "--excluded",
                        "--range",
                        "--hold-out",
                        "--as",
                        "--maps",
                        "--maps-classes",
                        "--deadline",
                        "--max-bad-share",
                        "scan --threshold",
                        "probe --per-class"));
        GROUPS.put(
                "Training",
                List.of("--from", "--task", "--epochs", "--minutes", "--until", "--batch", "--lr", "--seed"));
        GROUPS.put("All other settings", List.of("--set", "--config", "--explain"));
        GROUPS.put("Folder of the run", List.of("--out", "--resume", "--accept-changed-data"));
        GROUPS.put("MLflow", List.of("--track", "--track-experiment"));
        GROUPS.put(
                "What is looked at",
                List.of(
                        "--views",
                        "--windows",
                        "--window",
                        "--block",
                        "--class-token",
                        "--hog",
                        "--from-scratch",
                        "probe --seed"));
        GROUPS.put("How it is measured", List.of("--protocol", "--iou", "evaluate --threshold", "--steps"));
        GROUPS.put(
                "People in videos",
                List.of(
                        "predict --boxes",
                        "--detector",
                        "--detector-every",
                        "--detector-class",
                        "--detector-pixels",
                        "--detector-activation",
                        "--threshold"));
        GROUPS.put(
                "Requests",
                List.of("--host", "--port", "--max-bytes", "--queue", "--max-delay", "--timeout", "--drain"));
        GROUPS.put(
                "The copy",
                List.of(
                        "--short-side",
                        "--gop",
                        "--quantiser",
                        "--quality",
                        "--animations",
                        "--shards",
                        "--delete-extra",
                        "--dry-run"));
        GROUPS.put("Rows", List.of("--rows", "--list", "--seeds", "--pretrainings", "ablation --labels"));
        GROUPS.put(
                "Recipes and settings of the rows",
                List.of(
                        "ablation --recipe",
                        "--finetune-recipe",
                        "--contrast-recipe",
                        "--pretrain-set",
                        "--contrast-set",
                        "--finetune-set",
                        "--supervised-set"));
        GROUPS.put(
                "The file",
                List.of("--encoder", "--raw-input", "--frame-size", "--opset", "export --batch", "--overwrite"));
        GROUPS.put(
                "Results",
                List.of(
                        "evaluate --out",
                        "probe --out",
                        "predict --out",
                        "embed --out",
                        "scan --out",
                        "ablation --out",
                        "--top",
                        "--per-class",
                        "--all",
                        "--json",
                        "--write-list",
                        "--keep-index",
                        "--shard"));
        GROUPS.put(
                "Computing",
                List.of(
                        "--device",
                        "evaluate --batch",
                        "probe --batch",
                        "predict --batch",
                        "embed --batch",
                        "serve --batch",
                        "--threads",
                        "--precision",
                        "prepare --recipe"));
        GROUPS.put("Weights of other programs", List.of("--heads", "--network"));
        GROUPS.put("Help", List.of("--help", "--version", "--stacktrace"));
        GROUPS.forEach((heading, names) -> names.forEach(name -> HEADINGS.put(name, heading)));
    }

    private OptionGroups() {}

    /** The heading of an option. */
    static String heading(String command, OptionSpec option) {
        String name = option.longestName();
        return HEADINGS.getOrDefault(command + " " + name, HEADINGS.getOrDefault(name, REST));
    }

    /** The options of a command by heading, in the order in which they are shown; each is in one group. */
    static Map<String, List<OptionSpec>> of(String command, List<OptionSpec> options) {
        Map<String, List<OptionSpec>> groups = new LinkedHashMap<>();
        GROUPS.keySet().forEach(heading -> groups.put(heading, new ArrayList<>()));
        groups.put(REST, new ArrayList<>());
        options.forEach(option -> groups.computeIfAbsent(heading(command, option), heading -> new ArrayList<>())
                .add(option));
        groups.values().removeIf(List::isEmpty);
        return groups;
    }
}
