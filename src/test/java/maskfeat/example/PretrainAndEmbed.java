package maskfeat.example;

import java.nio.file.Path;
import maskfeat.data.ImageDataset;
import maskfeat.media.ImageReader;
import maskfeat.model.MaskFeat;
import maskfeat.recipe.Blueprint;
import maskfeat.recipe.Pretraining;
import maskfeat.recipe.Recipes;
import maskfeat.recipe.Run;
import maskfeat.recipe.Settings;
import maskfeat.train.RunFolder;

/** MaskFeat as a library: the README shows the bodies of these methods. */
final class PretrainAndEmbed {
    private PretrainAndEmbed() {}

    static void pretrain(Path photos, Path out) throws Exception {
        Recipes.Recipe recipe = Recipes.byName().get("tiny-image");
        Run run = Settings.of(Run.class, recipe.name(), recipe.run())
                .set("train.epochs=2")
                .value();
        try (RunFolder folder = RunFolder.create(out);
                Pretraining pretraining = Pretraining.of(run, ImageDataset.open(photos))) {
            pretraining.train(folder);
        }
    }

    static float[] embed(Path weights, Path photo) throws Exception {
        Blueprint blueprint = Blueprint.read(weights);
        try (MaskFeat model = blueprint.load(weights, "cpu")) {
            return blueprint.embedding(model, "cpu").of(new ImageReader().read(photo));
        }
    }
}
