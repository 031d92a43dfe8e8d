package maskfeat.ablation;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import maskfeat.ablation.Claim.Kind;
import maskfeat.ablation.Row.Start;
import maskfeat.settings.Nearest;

/**
 * Rows to be set side by side, and what the paper says of them.
 *
 * @param noun of the items, {@code images} or {@code clips}
 * @param paper what its figures are of
 * @param rows in the order in which they are shown; what one needs stands before it
 * @param claims orders that the paper found
 */
public record Ablation(String noun, String paper, List<Row> rows, List<Claim> claims) {
    /** The row that the others of masked prediction differ from by a setting: HOG, as the recipe has it. */
    public static final String BASE = "hog";

    /** The row of contrastive learning. */
    static final String CONTRAST = "mocov3";

    private static final String SUPERVISED = "supervised";
    private static final String SCRATCH = "scratch";
    private static final String PIXELS = "pixels";
    private static final String BOTH = "hog-pixels";
    private static final String NO_NORM = "norm-none";

    private static final String TARGET = "target";
    private static final String NORM = "norm";
    private static final String MASK = "mask";
    private static final String RATIO = "ratio";
    private static final String AUGMENT = "augment";
    private static final String CONTRASTIVE = "contrast";
    private static final String BOUND = "bound";

    public Ablation {
        rows = List.copyOf(rows);
        claims = List.copyOf(claims);
    }

    /** Of images, with the paper's figures of ViT-B on ImageNet-1K. */
    public static Ablation ofImages() {
        List<Row> rows = new ArrayList<>(List.of(
                row(SCRATCH, BOUND, "no pre-training", Start.SCRATCH, 81.8),
                row("hog-features", BOUND, "HOG of the pictures, nothing learned", Start.HOG),
                row(SUPERVISED, BOUND, "trained with all labels; a teacher below", Start.SUPERVISED),
                row(BASE, TARGET, "HOG, as the recipe has it", Start.MASKED, 83.6),
                row(PIXELS, TARGET, "colours", Start.MASKED, 82.5, "task.target.kind=pixels"),
                row(BOTH, TARGET, "HOG and colours, equal weights", Start.MASKED, 82.3, "task.target.kind=both"),
                row(CONTRAST, CONTRASTIVE, "MoCo v3", Start.CONTRAST, 83.2),
                row(CONTRAST + "-class", CONTRASTIVE, "its class tokens, probed", Start.CLASS_TOKEN)));
        rows.addAll(List.of(
                row(
                        "features-mocov3",
                        TARGET,
                        "features of the contrastive run",
                        Start.MASKED,
                        83.9,
                        "task.target.kind=features",
                        "task.target.teacher.file={mocov3}"),
                ofSupervised(),
                row(
                        "pseudo-labels",
                        TARGET,
                        "classes that the supervised run sees",
                        Start.MASKED,
                        78.8,
                        "task.target.kind=pseudo-labels",
                        "task.target.teacher.file={supervised}"),
                row("norm-l1", NORM, "HOG divided by its sum", Start.MASKED, 82.8, "task.target.norm=l1"),
                row(NO_NORM, NORM, "HOG not normalised", Start.MASKED, 82.2, "task.target.norm=none"),
                row("mask-random", MASK, "single patches instead of blocks", Start.MASKED, "task.mask.kind=random")));
        rows.addAll(ratios());
        rows.add(rand());
        return new Ablation(
                "images",
                "top-1 on ImageNet-1K, ViT-B, as we know it from Wei et al. 2022 and those who cite it; MoCo v3's is Chen et"
                        + " al. 2021's",
                rows,
                List.of(
                        over("pre-training over none", BASE, SCRATCH),
                        over("HOG over colours", BASE, PIXELS),
                        over("HOG over HOG with colours", BASE, BOTH),
                        over("HOG by length over HOG not normalised", BASE, NO_NORM),
                        over("HOG by length over HOG by sum", BASE, "norm-l1"),
                        over("features of a self-supervised teacher over HOG", "features-mocov3", BASE),
                        over("HOG over features of a supervised teacher", BASE, "features-supervised"),
                        over("HOG over pseudo-labels", BASE, "pseudo-labels"),
                        over("40 % hidden over 80 %", BASE, "ratio-80"),
                        over("HOG over MoCo v3", BASE, CONTRAST),
                        new Claim("MoCo v3 over HOG", CONTRAST + "-class", BASE, Measure.LINEAR, Kind.OVER),
                        plain()));
    }

    /** Of clips, with the paper's figures of MViT-S on Kinetics-400. */
    public static Ablation ofClips() {
        List<Row> rows = new ArrayList<>(List.of(
                row(SCRATCH, BOUND, "no pre-training", Start.SCRATCH, 81.1),
                row("hog-features", BOUND, "HOG of the frames, nothing learned", Start.HOG),
                row(SUPERVISED, BOUND, "trained with all labels; a teacher below", Start.SUPERVISED),
                row(BASE, TARGET, "HOG, as the recipe has it", Start.MASKED, 82.2),
                row(PIXELS, TARGET, "colours", Start.MASKED, 80.7, "task.target.kind=pixels"),
                row(BOTH, TARGET, "HOG and colours, equal weights", Start.MASKED, "task.target.kind=both"),
                ofSupervised(),
                row("norm-l1", NORM, "HOG divided by its sum", Start.MASKED, "task.target.norm=l1"),
                row(NO_NORM, NORM, "HOG not normalised", Start.MASKED, "task.target.norm=none"),
                row("mask-tube", MASK, "tubes instead of cubes", Start.MASKED, 81.9, "task.mask.kind=tube"),
                row("mask-frame", MASK, "whole frames instead of cubes", Start.MASKED, 81.0, "task.mask.kind=frame"),
                row("mask-random", MASK, "single tokens instead of cubes", Start.MASKED, "task.mask.kind=random")));
        rows.addAll(ratios());
        rows.add(rand());
        return new Ablation(
                "clips",
                "top-1 on Kinetics-400, MViT-S, as we know it from Wei et al. 2022 and those who cite it",
                rows,
                List.of(
                        over("pre-training over none", BASE, SCRATCH),
                        over("HOG over colours", BASE, PIXELS),
                        over("HOG by length over HOG not normalised", BASE, NO_NORM),
                        over("HOG over features of a supervised teacher", BASE, "features-supervised"),
                        over("cubes over tubes", BASE, "mask-tube"),
                        over("tubes over frames", "mask-tube", "mask-frame"),
                        new Claim("40 % hidden like 60 %", BASE, "ratio-60", Measure.FINETUNED, Kind.ALIKE),
                        new Claim("40 % hidden like 80 %", BASE, "ratio-80", Measure.FINETUNED, Kind.ALIKE),
                        plain()));
    }

    /** The paper's figures of a supervised ViT are the same for both kinds of data. */
    private static Row ofSupervised() {
        return row(
                "features-supervised",
                TARGET,
                "features of the supervised run",
                Start.MASKED,
                81.9,
                "task.target.kind=features",
                "task.target.teacher.file={supervised}");
    }

    private static List<Row> ratios() {
        return List.of(
                row("ratio-20", RATIO, "20 % hidden instead of 40 %", Start.MASKED, "task.mask.ratio=0.2"),
                row("ratio-60", RATIO, "60 % hidden", Start.MASKED, "task.mask.ratio=0.6"),
                row("ratio-80", RATIO, "80 % hidden", Start.MASKED, "task.mask.ratio=0.8"));
    }

    private static Claim plain() {
        return new Claim(
                "crops and flips alone no worse than with RandAugment",
                BASE,
                "augment-rand",
                Measure.FINETUNED,
                Kind.AT_LEAST);
    }

    private static Row rand() {
        return row(
                "augment-rand",
                AUGMENT,
                "RandAugment besides crop and flip",
                Start.MASKED,
                "augment.rand={ops: 2, magnitude: 7, magnitude-std: 0.5, probability: 0.5, fill: [128, 128, 128]}");
    }

    private static Row row(String name, String group, String what, Start start, String... settings) {
        return new Row(name, group, what, start, List.of(settings), OptionalDouble.empty());
    }

    private static Row row(String name, String group, String what, Start start, double paper, String... settings) {
        return new Row(name, group, what, start, List.of(settings), OptionalDouble.of(paper));
    }

    private static Claim over(String text, String upper, String lower) {
        return new Claim(text, upper, lower, Measure.FINETUNED, Kind.OVER);
    }

    /** All groups of rows, in order. */
    public List<String> groups() {
        return rows.stream().map(Row::group).distinct().toList();
    }

    /**
     * Some rows, and those that they need.
     *
     * @param asked names of rows or of groups; all if empty
     * @throws IllegalArgumentException if there is no such row or group, naming those that there are
     */
    public List<Row> rows(List<String> asked) {
        Set<String> wanted = new LinkedHashSet<>();
        for (String each : asked) {
            List<String> found = rows.stream()
                    .filter(row -> row.name().equals(each) || row.group().equals(each))
                    .map(Row::name)
                    .toList();
            if (found.isEmpty()) {
                List<String> names = rows.stream().map(Row::name).toList();
                List<String> known = new ArrayList<>(groups());
                known.addAll(names);
                throw new IllegalArgumentException("there is no row or group '" + each + "' of " + noun
                        + Nearest.hint(each, known) + " (groups: " + String.join(", ", groups()) + "; rows: "
                        + String.join(", ", names) + ")");
            }
            wanted.addAll(found);
        }
        List<Row> chosen = new ArrayList<>(rows.stream()
                .filter(row -> asked.isEmpty() || wanted.contains(row.name()))
                .toList());
        for (int i = 0; i < chosen.size(); i++) { // those that are added may need others
            for (String need : chosen.get(i).needs()) {
                if (chosen.stream().noneMatch(row -> row.name().equals(need))) {
                    chosen.add(row(need));
                }
            }
        }
        return inOrder(chosen);
    }

    /** What a row needs before it; else as they are shown. */
    private static List<Row> inOrder(List<Row> chosen) {
        List<Row> ordered = new ArrayList<>();
        chosen.forEach(row -> place(row, chosen, ordered));
        return ordered;
    }

    private static void place(Row row, List<Row> chosen, List<Row> ordered) {
        if (ordered.contains(row)) {
            return;
        }
        chosen.stream()
                .filter(other -> row.needs().contains(other.name()))
                .forEach(other -> place(other, chosen, ordered));
        ordered.add(row);
    }

    /** The row of a name that is known to be there. */
    public Row row(String name) {
        return rows.stream()
                .filter(row -> row.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no row is called " + name));
    }

    /** A sentence on each order that the paper found and of which at least one row was run. */
    public List<String> sentences(Map<String, Figures> figures) {
        return claims.stream()
                .filter(claim -> claim.verdict(figures) != Claim.Verdict.NOT_RUN)
                .map(claim -> claim.sentence(figures))
                .toList();
    }

    /** The orders of which one of the two rows is missing, in words; with the measure where it is not fine-tuning. */
    public List<String> notRun(Map<String, Figures> figures) {
        return claims.stream()
                .filter(claim -> claim.isHalf(figures))
                .map(claim -> claim.measure() == Measure.FINETUNED
                        ? claim.text()
                        : claim.text() + ", " + claim.measure().label())
                .toList();
    }

    /** Keys of the settings in which the rows differ; whoever changes them for all rows makes the rows others than they say. */
    public Set<String> keys() {
        Set<String> keys = new LinkedHashSet<>();
        for (Row row : rows) {
            row.settings().forEach(setting -> keys.add(setting.substring(0, setting.indexOf('='))));
        }
        return keys;
    }
}
