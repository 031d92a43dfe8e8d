package example;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import maskfeat.data.Dataset;
import maskfeat.data.Splits;
import maskfeat.data.VideoDataset;
import maskfeat.recipe.Finetune;
import maskfeat.recipe.FinetuneRecipes;
import maskfeat.recipe.Finetuning;
import maskfeat.recipe.FrozenNetwork;
import maskfeat.recipe.Predictor;
import maskfeat.recipe.Pretraining;
import maskfeat.recipe.Recipes;
import maskfeat.recipe.Run;
import maskfeat.sample.SampleSet;
import maskfeat.train.RunFolder;

/** Pre-trains, embeds, fine-tunes and predicts, in the one folder that is given. Takes seconds: nothing is learned. */
public final class Application {
    private Application() {}

    public static void main(String[] args) throws Exception {
        Path out = Path.of(args[0]);
        SampleSet.write(out.resolve("sample"), SampleSet.Size.TINY.clipsOnly());
        Path clips = out.resolve("sample/clips");
        Path pretrained = out.resolve("pretrained");
        Path classifier = out.resolve("classifier");

        pretrain(clips.resolve("train"), pretrained);
        Path clip = firstFile(clips.resolve("val"));
        System.out.println("features: " + embed(pretrained, clip).length);
        finetune(pretrained, clips, classifier);
        try (InputStream in = Files.newInputStream(clip)) {
            System.out.println("predicted: " + predict(classifier, in));
        }
    }

    private static void pretrain(Path videos, Path out) throws Exception {
        Run run = Recipes.byName().get("tiny-video").run();
        try (RunFolder folder = RunFolder.create(out);
                Pretraining pretraining =
                        Pretraining.of(run, Dataset.open(videos, run.data().clip()))) {
            pretraining.train(folder);
        }
    }

    private static float[] embed(Path weights, Path video) throws Exception {
        try (FrozenNetwork network = FrozenNetwork.open(weights, "cpu")) {
            return network.embedding().of(VideoDataset.clip(video, network.input().clip(), 0, 1));
        }
    }

    private static void finetune(Path pretrained, Path videos, Path out) throws Exception {
        Finetune settings = FinetuneRecipes.byName().get("tiny-video-ft").run();
        Splits splits = Splits.open(videos, null, settings.data().clip(), Splits.Options.NONE);
        try (RunFolder folder = RunFolder.create(out);
                Finetuning finetuning = Finetuning.of(settings, splits, pretrained)) {
            finetuning.train(folder);
        }
    }

    private static String predict(Path classifier, InputStream video) throws Exception {
        Path file = Files.createTempFile("clip", ".mp4");
        try (Predictor predictor = Predictor.load(classifier, "cpu")) {
            Files.copy(video, file, StandardCopyOption.REPLACE_EXISTING);
            return best(predictor.classes(), predictor.scores(file));
        } finally {
            Files.delete(file);
        }
    }

    private static String best(List<String> classes, float[] scores) {
        int best = 0;
        for (int i = 1; i < scores.length; i++) {
            best = scores[i] > scores[best] ? i : best;
        }
        return classes.get(best);
    }

    private static Path firstFile(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).sorted().findFirst().orElseThrow();
        }
    }
}
