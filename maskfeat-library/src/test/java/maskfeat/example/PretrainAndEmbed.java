package maskfeat.example;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;
import maskfeat.data.Windows;
import maskfeat.eval.PredictionTimeline;
import maskfeat.infer.Inference;
import maskfeat.media.MediaSource;
import maskfeat.model.Classifier;
import maskfeat.network.OpenedWeights;
import maskfeat.onnx.OnnxExport;
import maskfeat.onnx.OnnxFile;
import maskfeat.run.Recipes;
import maskfeat.run.Run;
import maskfeat.run.RunData;
import maskfeat.run.RunJob;
import maskfeat.run.Training;
import maskfeat.train.RunFolder;

/** MaskFeat as a library: what the README shows, run. */
final class PretrainAndEmbed {
    private PretrainAndEmbed() {}

    static void pretrain(Path videos, Path out) throws Exception {
        Run run = Recipes.BOOK
                .settings("tiny-video")
                .set("train.epochs=2")
                .set("data.path=" + videos)
                .value();
        try (RunFolder folder = RunFolder.create(out);
                Training training = Training.of(run, RunData.open(run))) {
            training.train(folder);
        }
    }

    static float[] embed(Path weights, Path video) throws Exception {
        try (Inference network = Inference.open(weights, "cpu")) {
            return network.features(video);
        }
    }

    static void finetune(Path pretrained, Path videos, Path out) throws Exception {
        // With metrics, report and everything else that belongs into the folder of a run.
        RunJob.begin(
                        out,
                        Recipes.BOOK
                                .settings("tiny-video-ft")
                                .set("train.epochs=2")
                                .set("data.path=" + videos)
                                .set("from=" + pretrained))
                .run();
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
