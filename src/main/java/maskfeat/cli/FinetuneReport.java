package maskfeat.cli;

import java.io.IOException;
import maskfeat.data.Splits;
import maskfeat.recipe.Finetune;
import maskfeat.recipe.Finetuning;
import maskfeat.train.Trainer;

/** Puts {@code report.html} of a fine-tuning run together. */
final class FinetuneReport {
    private FinetuneReport() {}

    static void write(TrainCommand.Job<Finetune, Splits> job, Finetuning finetuning, Trainer.Ending ending)
            throws IOException {}
}
