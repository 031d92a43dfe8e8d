package maskfeat.run;

import java.util.List;
import maskfeat.network.Input;
import maskfeat.settings.Document;
import maskfeat.settings.Format;
import maskfeat.settings.Migration;

/**
 * Files of run settings: {@code config.yaml} in run folders, and those that users write. Version 1 had two kinds, one of
 * pre-training and one of fine-tuning.
 */
public final class RunFormat {
    /** What is written, and all that can be read. */
    public static final Format<Run> FORMAT =
            new Format<>(Run.class, "run settings", 11, List.of(new Migration(1, RunFormat::fromVersion1)));

    private static final List<String> LABELS =
            List.of("validation", "class-names", "per-class", "hold-out", "balanced");

    private RunFormat() {}

    private static void fromVersion1(Document file) {
        boolean finetune = file.has("head") || file.has("loss") || file.has("augment") || file.has("validate");
        if (finetune) {
            fromFinetune(file);
        } else {
            fromPretrain(file);
        }
    }

    private static void fromFinetune(Document file) {
        file.add("task.kind", "classify");
        file.move("head", "task.head");
        file.move("loss", "task.loss");
        file.move("augment.erasing", "task.erasing");
        file.move("augment.mix", "task.mix");
        LABELS.forEach(key -> file.move("data." + key, "data.labels." + key));
    }

    private static void fromPretrain(Document file) {
        file.add("task.kind", "masked");
        List.of("depths", "mask", "target").forEach(key -> file.move(key, "task." + key));
        file.add("augment.crop.kind", "resized");
        List.of("min-area", "max-area", "min-aspect", "max-aspect")
                .forEach(key -> file.move("data." + key, "augment.crop." + key));
        file.move("data.flip", "augment.flip");
        file.add("augment.rand", "null");
        file.add("augment.repeat", "1");
        file.add("data.labels", "null");
        file.text("data.side")
                .filter(side -> side.matches("[1-9][0-9]{0,6}"))
                .ifPresent(side ->
                        file.add("data.short-side", Integer.toString(Input.usualShortSide(Integer.parseInt(side)))));
        file.add("optim.layer-decay", "1");
        file.add("optim.ema", "0");
        file.add("validate", "null");
    }
}
