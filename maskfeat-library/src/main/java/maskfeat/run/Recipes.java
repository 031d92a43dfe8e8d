package maskfeat.run;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import maskfeat.network.NetworkSpec;
import maskfeat.settings.RecipeBook;

/**
 * Runs by name: the published ones with their official settings, and small ones to try things on. A recipe is a YAML file among
 * the resources, {@code maskfeat/run/recipes/NAME.yaml}, and a line here.
 */
public final class Recipes {
    /** What {@code pretrain} does without a further word. */
    public static final String DEFAULT = "sample-video";

    /** Values of those that were asked for: reading all takes a second, and lists of them ask for each several times. */
    private static final Map<String, Run> READ = new ConcurrentHashMap<>();

    /** All recipes. */
    public static final RecipeBook<Run> BOOK = RecipeBook.of(
            RunFormat.FORMAT,
            "maskfeat/run/recipes",
            List.of(
                    "k400-mvitv2-s-16x4-pt",
                    "k400-mvitv2-l-16x4-pt",
                    "k400-vit-b-16x4-pt",
                    "k400-vit-l-16x4-pt",
                    "in1k-vit-b-pt",
                    "in1k-vit-l-pt",
                    "in1k-vit-s-mocov3",
                    "in1k-vit-b-mocov3",
                    "small-video",
                    "small-image",
                    DEFAULT,
                    "sample-image",
                    "sample-mocov3",
                    "tiny-video",
                    "tiny-image",
                    "tiny-mocov3",
                    "in1k-vit-b-ft",
                    "in1k-vit-l-ft",
                    "k400-mvitv2-s-16x4-ft",
                    "k400-mvitv2-l-16x4-ft",
                    "k400-mvitv2-l-40x3-312-ft",
                    "k400-mvitv2-l-40x3-352-ft",
                    "ssv2-mvitv2-s-16x4-ft",
                    "k400-vit-b-16x4-videomae-ft",
                    "small-video-ft",
                    "sample-video-ft",
                    "sample-image-ft",
                    "tiny-video-ft",
                    "tiny-image-ft",
                    "ava-mvitv2-s-16x4",
                    "ava-mvitv2-l-40x3-312",
                    "jhmdb-mvitv2-s-16x4",
                    "sample-detect",
                    "tiny-detect"));

    private Recipes() {}

    /**
     * The run of a recipe.
     *
     * @throws maskfeat.settings.SettingsException if there is none of that name
     */
    public static Run named(String name) {
        return READ.computeIfAbsent(name, BOOK::value);
    }

    /** The commands that recipes are for, in order. */
    public static List<String> commands() {
        return BOOK.names().stream()
                .map(name -> named(name).task().command())
                .distinct()
                .toList();
    }

    /** The recipes that a command begins with, {@code pretrain} or {@code finetune}, in order. */
    public static List<String> of(String command) {
        return BOOK.names().stream()
                .filter(name -> named(name).task().command().equals(command))
                .toList();
    }

    /**
     * The recipes of one task that a command begins with, in order.
     *
     * @param kind name of the task in settings, such as {@code classify}
     */
    public static List<String> of(String command, String kind) {
        return of(command).stream()
                .filter(name -> named(name).task().kind().equals(kind))
                .toList();
    }

    /** The first recipe of a command for the network of some weights and its input. */
    public static Optional<String> fitting(String command, NetworkSpec weights) {
        return fitting(of(command), weights);
    }

    /** The first of some recipes for the network of some weights and its input. */
    public static Optional<String> fitting(List<String> recipes, NetworkSpec weights) {
        return recipes.stream().filter(name -> named(name).fits(weights)).findFirst();
    }
}
