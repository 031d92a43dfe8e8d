package maskfeat.ablation;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One way to begin fine-tuning.
 *
 * @param name short, of letters, digits and hyphens; also of its folder
 * @param group of rows that are compared with each other
 * @param what is done, in a few words
 * @param start how
 * @param settings of its pre-training that differ from the recipe, as {@code key=value}; {@code {NAME}} in a value is the folder
 *     of the run of another row
 * @param paper top-1 accuracy in the paper, in per cent, where it is known
 */
public record Row(String name, String group, String what, Start start, List<String> settings, OptionalDouble paper) {
    private static final Pattern OF_ANOTHER = Pattern.compile("\\{([a-z0-9-]+)}");

    /** How a row's network comes about. */
    public enum Start {
        /** Masked prediction, then fine-tuned and probed. */
        MASKED,
        /** Contrastive learning, then fine-tuned and probed. */
        CONTRAST,
        /** No pre-training: fine-tuned from random weights, which are probed. */
        SCRATCH,
        /** Trained with all labels: a bound, and a teacher. */
        SUPERVISED,
        /** The class tokens of the row of contrastive learning, only probed. */
        CLASS_TOKEN,
        /** HOG of the pictures, only probed. */
        HOG
    }

    public Row {
        settings = List.copyOf(settings);
    }

    /** Names of the rows that must have been run before. */
    public List<String> needs() {
        List<String> needs = new ArrayList<>();
        switch (start) {
            case SCRATCH, HOG -> needs.add(Ablation.BASE);
            case CLASS_TOKEN -> needs.add(Ablation.CONTRAST);
            default -> {
                // by their settings alone
            }
        }
        for (String setting : settings) {
            Matcher matcher = OF_ANOTHER.matcher(setting);
            while (matcher.find()) {
                needs.add(matcher.group(1));
            }
        }
        return needs;
    }

    /** The settings with the folders of other rows. */
    public List<String> settings(Function<String, String> folder) {
        return settings.stream()
                .map(setting -> OF_ANOTHER
                        .matcher(setting)
                        .replaceAll(match -> Matcher.quoteReplacement(folder.apply(match.group(1)))))
                .toList();
    }

    /** Whether a network is fine-tuned on few labels. */
    public boolean isFinetuned() {
        return start == Start.MASKED || start == Start.CONTRAST || start == Start.SCRATCH;
    }

    /** Whether a network is pre-trained. */
    public boolean isPretrained() {
        return start == Start.MASKED || start == Start.CONTRAST;
    }
}
