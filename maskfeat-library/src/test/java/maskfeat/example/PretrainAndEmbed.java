package maskfeat.example;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;
import maskfeat.data.Dataset;
import maskfeat.data.Splits;
import maskfeat.data.Windows;
import maskfeat.eval.PredictionTimeline;
import maskfeat.infer.Inference;
import maskfeat.media.MediaSource;
import maskfeat.model.Classifier;
import maskfeat.network.OpenedWeights;
import maskfeat.onnx.OnnxExport;
import maskfeat.onnx.OnnxFile;
import maskfeat.recipe.Finetune;
import maskfeat.recipe.FinetuneRecipes;
import maskfeat.recipe.Finetuning;
import maskfeat.recipe.Pretraining;
import maskfeat.recipe.Recipe;
import maskfeat.recipe.Recipes;
import maskfeat.recipe.Run;
import maskfeat.settings.Settings;
import maskfeat.train.RunFolder;

/** MaskFeat as a library: what the README shows, run. */
final class PretrainAndEmbed {
    private PretrainAndEmbed() {}

    static void pretrain(Path videos, Path out) throws Exception {
        Recipe<Run> recipe = Recipes.byName().get("tiny-video");
        Run run = Settings.of(Run.class, recipe.name(), recipe.run())
                .set("train.epochs=2")
                .value();
        try (RunFolder folder = RunFolder.create(out);
                Pretraining pretraining =
                        Pretraining.of(run, Dataset.open(videos, run.data().clip()))) {
            pretraining.train(folder);
        }
    }

    static float[] embed(Path weights, Path video) throws Exception {
        try (Inference network = Inference.open(weights, "cpu")) {
            return network.features(video);
        }
    }

    static void finetune(Path pretrained, Path videos, Path out) throws Exception {
        Recipe<Finetune> recipe = FinetuneRecipes.byName().get("tiny-video-ft");
        Finetune settings = Settings.of(Finetune.class, recipe.name(), recipe.run())
                .set("train.epochs=2")
                .value();
        Splits splits = Splits.open(videos, null, settings.data().clip(), Splits.Options.NONE);
        try (RunFolder folder = RunFolder.create(out);
                Finetuning finetuning = Finetuning.of(settings, splits, pretrained)) {
            finetuning.train(folder);
        }
    }

    static float[] predict(Path checkpoint, Path video) throws Exception {
        try (Inference network = Inference.open(checkpoint, "cpu")) {
            Windows.Sliding everySecond = Windows.Sliding.every(1);
            for (PredictionTimeline.Segment segment :
                    network.timeline(MediaSource.of(video), everySecond).segments()) {
                String name = network.classes().get(segment.top());
                System.out.println(segment.startSeconds() + " s: " + name);
            }
            return network.scores(video);
        }
    }

    static OnnxFile export(Path weights, Path out) throws Exception {
        try (OpenedWeights opened = OpenedWeights.open(weights);
                Classifier network = opened.classifier("cpu")) {
            OnnxExport.Options options =
                    OnnxExport.Options.describedBy(opened.spec().description());
            return OnnxExport.classifier(out, network, options);
        }
    }

    static float[] run(Path model, float[] pixels, long... shape) throws Exception {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(model.toString());
                OnnxTensor input = OnnxTensor.createTensor(environment, FloatBuffer.wrap(pixels), shape);
                OrtSession.Result result = session.run(Map.of("pixel_values", input))) {
            float[][] ofEachSample =
                    (float[][]) result.get("probabilities").orElseThrow().getValue();
            return ofEachSample[0];
        }
    }
}
