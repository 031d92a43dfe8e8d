package example;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import maskfeat.infer.Inference;
import maskfeat.media.MediaSource;
import maskfeat.run.Recipes;
import maskfeat.run.RunJob;
import maskfeat.sample.SampleSet;

/** Pre-trains, embeds, fine-tunes and predicts, in the one folder that is given. Takes seconds: nothing is learned. */
public final class Application {
    private Application() {}

    public static void main(String[] args) throws Exception {
        Path out = Path.of(args[0]);
        SampleSet.write(out.resolve("sample"), SampleSet.Size.TINY.clipsOnly());
        Path clips = out.resolve("sample/clips");
        Path pretrained = out.resolve("pretrained");
        Path classifier = out.resolve("classifier");

        train("tiny-video", "data.path=" + clips.resolve("train"), "from=null", pretrained);
        Path clip = firstFile(clips.resolve("val"));
        System.out.println("features: " + embed(pretrained, clip).length);
        train("tiny-video-ft", "data.path=" + clips, "from=" + pretrained, classifier);
        try (InputStream in = Files.newInputStream(clip)) {
            System.out.println("predicted: " + predict(classifier, in));
        }
    }

    /** A run in its folder, with metrics, report and all; RunJob.resume(out) would go on with it. */
    private static void train(String recipe, String data, String from, Path out) throws Exception {
        RunJob.begin(out, Recipes.BOOK.settings(recipe).set(data).set(from)).run();
    }

    private static float[] embed(Path weights, Path video) throws IOException {
        try (Inference network = Inference.open(weights, "cpu")) {
            return network.features(video);
        }
    }

    private static String predict(Path classifier, InputStream video) throws IOException {
        try (Inference network = Inference.open(classifier, "cpu")) {
            float[] scores = network.scores(MediaSource.read("upload.mp4", video));
            return best(network.classes(), scores);
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
